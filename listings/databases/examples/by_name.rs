//! Functions called by the names that a reader types, one of which is added while the program runs.
use databases::{ConnectionPool, DatabaseError, PoolOptions, Server, ServerError};
use deferreds::{Deferred, react};
use std::process::ExitCode;
use trace::say;

// ANCHOR: call
/// Calls whatever was typed.
fn typed(pool: &ConnectionPool, name: &'static str, line: &'static str) -> Deferred<()> {
    let called = pool.call(name, &[&line]).add_callback(move |rows| {
        let column = rows[0].columns().next().unwrap_or_default().to_owned();
        say!("{name}: {}", rows[0].get::<String>(&column)?);
        Ok(())
    });
    called.add_errback(move |failure| {
        let error: DatabaseError = failure.trap()?;
        say!("{name}: {} {}", error.code, error.message);
        Ok(())
    })
}
// ANCHOR_END: call

fn main() -> Result<ExitCode, ServerError> {
    let server = Server::temporary()?;
    let settings = server.settings().clone();
    Ok(react(move |reactor| {
        let pool = ConnectionPool::new(reactor, &settings, PoolOptions::default());
        // ANCHOR: main
        let line = "Tyger Tyger";
        let (administrator, mine) = (pool.clone(), pool.clone());
        typed(&pool, "louder", line)
            .add_callback(move |()| {
                let sql = "CREATE FUNCTION function_louder(line text) RETURNS text
                           LANGUAGE sql IMMUTABLE AS 'SELECT upper(line)'";
                administrator.run_operation(sql, &[])
            })
            .add_callback(move |_| {
                let pool = mine;
                typed(&pool, "louder", line)
                    .add_callback({
                        let pool = pool.clone();
                        move |()| typed(&pool, "pg_sleep", "3600")
                    })
                    .add_callback(move |()| {
                        typed(&pool, "louder\"('x'); DROP TABLE poems; --", line)
                    })
            })
        // ANCHOR_END: main
    }))
}

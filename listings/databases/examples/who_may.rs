//! A role that may call functions and sees no table, and what its administrator sees of it.
use databases::{ConnectionPool, DatabaseError, PoolOptions, Server, ServerError, Settings, Shelf};
use deferreds::{Deferred, Next, defer_later, gather_results, react};
use reactor::Handle;
use std::{process::ExitCode, time::Duration};
use trace::say;

// ANCHOR: tries
/// Asks, and prints how that ended.
fn tries(pool: &ConnectionPool, sql: &'static str) -> Deferred<()> {
    pool.run_query(sql, &[]).add_both(move |result| {
        match result {
            Ok(rows) => say!("{sql}: {} row", rows.len()),
            Err(failure) => {
                let error: DatabaseError = failure.trap()?;
                say!("{sql}: {} {}", error.code, error.message);
            }
        }
        Ok(())
    })
}
// ANCHOR_END: tries

// ANCHOR: profile
/// What the administrator sees: which functions were called, and how often. The server counts a
/// session's calls when that ends, so this looks until it has. A row can be there before its number
/// is.
fn profile(reactor: &Handle, pool: &ConnectionPool) -> Deferred<()> {
    let sql =
        "SELECT funcname, calls FROM pg_stat_user_functions WHERE calls > 0 ORDER BY funcname";
    let (reactor, pool) = (reactor.clone(), pool.clone());
    pool.run_query(sql, &[]).add_callback(move |rows| {
        if rows.is_empty() {
            let soon = Duration::from_millis(50);
            let again = reactor.clone();
            return Next::Later(defer_later(&again, soon, move |_| profile(&reactor, &pool)));
        }
        let say_all = || {
            for row in rows {
                let (name, calls): (String, i64) = (row.get("funcname")?, row.get("calls")?);
                say!("{name} was called {calls} times");
            }
            Ok(())
        };
        Next::Now(say_all())
    })
}
// ANCHOR_END: profile

fn main() -> Result<ExitCode, ServerError> {
    let server = Server::temporary()?;
    let owner = server.settings().clone();
    Ok(react(move |reactor| {
        let reactor = reactor.clone();
        let web = Settings {
            user: "web".to_owned(),
            password: Some("rosebuds".to_owned()),
            ..owner.clone()
        };
        let owner = ConnectionPool::new(&reactor, &owner, PoolOptions::default());
        let web = ConnectionPool::new(&reactor, &web, PoolOptions::default());
        // ANCHOR: main
        let granted = Shelf::install(&owner).add_callback({
            let owner = owner.clone();
            move |()| {
                owner.run_interaction(|tx| {
                    gather_results([
                        tx.operation("CREATE ROLE web LOGIN PASSWORD 'rosebuds'", &[]),
                        tx.operation("ALTER DATABASE postgres SET track_functions = 'all'", &[]),
                    ])
                })
            }
        });
        granted
            .add_callback({
                let web = web.clone();
                move |_| tries(&web, "SELECT * FROM function_poem('hope')")
            })
            .add_callback({
                let web = web.clone();
                move |()| tries(&web, "SELECT * FROM poems")
            })
            .add_callback({
                let web = web.clone();
                move |()| tries(&web, "DROP FUNCTION function_poem")
            })
            .add_callback(move |()| web.close())
            .add_callback(move |()| profile(&reactor, &owner))
        // ANCHOR_END: main
    }))
}

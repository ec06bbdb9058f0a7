//! A question that is cancelled, on the only connection.
use databases::{ConnectionPool, PoolOptions, Server, ServerError};
use deferreds::{TimedOut, react};
use std::{process::ExitCode, time::Duration};
use trace::say;

fn main() -> Result<ExitCode, ServerError> {
    let server = Server::find()?;
    let settings = server.settings().clone();
    Ok(react(move |reactor| {
        // ANCHOR: main
        let options = PoolOptions {
            size: 1,
            ..PoolOptions::default()
        };
        let pool = ConnectionPool::new(reactor, &settings, options);
        let slow = pool
            .run_query("SELECT pg_sleep(3600)", &[])
            .add_timeout(reactor, Duration::from_millis(500));
        let told = slow.add_errback(|failure| {
            failure.trap::<TimedOut>()?;
            say!("given up after half a second");
            Ok(Vec::new())
        });
        told.add_callback(move |_| {
            let sql = "SELECT count(*) AS n FROM pg_stat_activity WHERE query LIKE '%(3600)%'
                       AND state = 'active' AND pid <> pg_backend_pid()";
            pool.run_query(sql, &[]).add_callback(|rows| {
                say!("questions that still run: {}", rows[0].get::<i64>("n")?);
                Ok(())
            })
        })
        // ANCHOR_END: main
    }))
}

//! A pool of one, and an interaction that asks the pool for another connection.
use databases::{ConnectionPool, PoolOptions, Server, ServerError};
use deferreds::react;
use std::{process::ExitCode, time::Duration};
use trace::say;

fn main() -> Result<ExitCode, ServerError> {
    let server = Server::find()?;
    let settings = server.settings().clone();
    Ok(react(move |reactor| {
        // ANCHOR: main
        let options = PoolOptions {
            size: 1,
            wait: Duration::from_millis(500),
            ..PoolOptions::default()
        };
        let pool = ConnectionPool::new(reactor, &settings, options);
        let inner = pool.clone();
        let stuck = pool.run_interaction(move |_tx| inner.run_query("SELECT 1", &[]));
        let told = stuck.add_errback(|failure| {
            say!("{failure}");
            Ok(Vec::new())
        });
        told.add_callback(move |_| {
            let after = pool.run_query("SELECT 1", &[]);
            after.add_callback(|_| {
                say!("and the pool goes on");
                Ok(())
            })
        })
        // ANCHOR_END: main
    }))
}

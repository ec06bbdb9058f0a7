//! A transaction that goes on after a statement has failed.
use databases::{ConnectionPool, DatabaseError, PoolOptions, Server, ServerError};
use deferreds::{gather_results, react};
use std::process::ExitCode;
use trace::say;

fn main() -> Result<ExitCode, ServerError> {
    let server = Server::temporary()?;
    let settings = server.settings().clone();
    Ok(react(move |reactor| {
        let pool = ConnectionPool::new(reactor, &settings, PoolOptions::default());
        // ANCHOR: main
        let work = pool.run_interaction(|tx| {
            let once = gather_results([
                tx.operation("CREATE TABLE poems (title text PRIMARY KEY)", &[]),
                tx.operation("INSERT INTO poems VALUES ('Hope')", &[]),
            ]);
            let twice = tx.operation("INSERT INTO poems VALUES ('Hope')", &[]);
            // It is there already, so that is no harm. Or is it?
            let ignored = twice.add_errback(|failure| {
                let error: DatabaseError = failure.trap()?;
                say!("ignored: {}", error.code);
                Ok(0)
            });
            let ignored = once.add_callback(|_| ignored);
            ignored.add_callback(move |_| {
                tx.operation("INSERT INTO poems VALUES ('The Tyger')", &[])
                    .add_errback(|failure| {
                        let error: DatabaseError = failure.trap()?;
                        say!("the next one: {}, {}", error.code, error.message);
                        Ok(0)
                    })
            })
        });
        // ANCHOR_END: main
        work.add_both(|result| {
            match result {
                Ok(_) => say!("committed"),
                Err(failure) => say!("{failure}"),
            }
            Ok(())
        })
    }))
}

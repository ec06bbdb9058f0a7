//! Notifications: one that was rolled back, one that was committed, one that came while no one
//! listened.
use databases::{BlockingConnection, ConnectionPool, Listener, News, PoolOptions, Server};
use deferreds::Failure;
use std::process::ExitCode;
use trace::say;

fn main() -> ExitCode {
    coroutines::run(|reactor| async move {
        let server = Server::temporary()?;
        let settings = server.settings().clone();
        // ANCHOR: main
        let pool = ConnectionPool::new(&reactor, &settings, PoolOptions::default());
        let listener = Listener::new(&reactor, &settings, &["poems"]).await?;
        let taken_back = pool.run_interaction(|tx| {
            let said = tx.operation("NOTIFY poems, 'taken back'", &[]);
            said.add_callback(|_| Err::<(), _>(Failure::new("I changed my mind")))
        });
        assert!(taken_back.await.is_err());
        pool.run_operation("NOTIFY poems, 'Hope'", &[]).await?;
        hear(&listener).await?;
        // ANCHOR_END: main

        // ANCHOR: gap
        // The administrator ends the listener's connection, and then something is said.
        let mut administrator = BlockingConnection::new(&settings)?;
        let sql = "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity
                   WHERE query LIKE 'LISTEN%'";
        administrator.query(sql, &[])?;
        administrator.query("NOTIFY poems, 'The Tyger'", &[])?;
        hear(&listener).await?;
        pool.run_operation("NOTIFY poems, 'Ozymandias'", &[])
            .await?;
        hear(&listener).await
        // ANCHOR_END: gap
    })
}

// ANCHOR: hear
async fn hear(listener: &Listener) -> Result<(), Failure> {
    match listener.next().await? {
        News::Message(notification) => say!("{}: {}", notification.channel, notification.payload),
        News::Gap => say!("some may be missing: look for yourself"),
    }
    Ok(())
}
// ANCHOR_END: hear

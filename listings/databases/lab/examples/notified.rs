//! Notifications with tokio-postgres: when the connection is lost, noticing that is yours.
use databases::Server;
use std::future::poll_fn;
use tokio::sync::mpsc::{Receiver, channel};
use tokio_postgres::{AsyncMessage, Client, Config, NoTls, Notification};

type Error = Box<dyn std::error::Error>;

/// Connects and listens. What is said comes out of the channel, which ends with the connection.
async fn listen(config: &Config) -> Result<(Client, Receiver<Notification>), Error> {
    let (client, mut connection) = config.connect(NoTls).await?;
    let (says, hears) = channel(1000);
    tokio::spawn(async move {
        while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await {
            if let AsyncMessage::Notification(notification) = message {
                let _ = says.send(notification).await; // the receiver may be gone
            }
        }
    });
    client.batch_execute("LISTEN poems").await?;
    Ok((client, hears))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let server = Server::temporary()?;
    let config = databases_lab::config(server.settings());
    let (mut speaker, connection) = config.connect(NoTls).await?;
    tokio::spawn(connection);
    let (mut listener, mut hears) = listen(&config).await?;
    let taken_back = speaker.transaction().await?;
    taken_back
        .batch_execute("NOTIFY poems, 'taken back'")
        .await?;
    taken_back.rollback().await?;
    speaker.batch_execute("NOTIFY poems, 'Hope'").await?;
    let mut said = 0;
    while said < 2 {
        match hears.recv().await {
            Some(notification) => {
                println!("{}: {}", notification.channel(), notification.payload());
                said += 1;
            }
            None => {
                // First listen again, then tell; the other way round something could come between
                // the two.
                (listener, hears) = listen(&config).await?;
                println!("some may be missing: look for yourself");
                let next = "NOTIFY poems, 'Ozymandias'";
                speaker.batch_execute(next).await?;
                continue;
            }
        }
        if said == 1 {
            // The administrator ends the listener's connection, and then something is said.
            let sql = "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity
                       WHERE query LIKE 'LISTEN%'";
            speaker.batch_execute(sql).await?;
            let missed = "NOTIFY poems, 'The Tyger'";
            speaker.batch_execute(missed).await?;
        }
    }
    drop(listener);
    Ok(())
}

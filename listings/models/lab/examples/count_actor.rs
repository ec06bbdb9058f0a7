//! The twin of the counting actor: a task with a mailbox, not a thread with one.
use std::{io, net::SocketAddr};
use tokio::{io::AsyncReadExt, net::TcpStream, sync::mpsc};

fn main() -> io::Result<()> {
    models::with_slow_poems(|addresses| {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?
            .block_on(fetch_all(addresses))
    })
}

enum Message {
    PoemFinished { bytes: usize },
    PoemFailed(io::Error),
}

async fn counter(mut mailbox: mpsc::Receiver<Message>) {
    let mut count = 0;
    let mut total = 0;
    while let Some(message) = mailbox.recv().await {
        match message {
            Message::PoemFinished { bytes } => {
                count += 1;
                total += bytes;
                println!("poems finished: {count}");
            }
            Message::PoemFailed(error) => println!("a poem failed: {error}"),
        }
    }
    println!("{total} bytes in all; every sender is gone, so the actor ends");
}

async fn fetch_all(addresses: &[SocketAddr]) -> io::Result<()> {
    let (actor, mailbox) = mpsc::channel(8); // a sender waits when it is full
    let counter = tokio::spawn(counter(mailbox));
    for &address in addresses {
        let actor = actor.clone();
        tokio::spawn(async move {
            let message = match fetch(address).await {
                Ok(poem) => Message::PoemFinished { bytes: poem.len() },
                Err(error) => Message::PoemFailed(error),
            };
            let _ = actor.send(message).await;
        });
    }
    drop(actor);
    counter.await?;
    Ok(())
}

async fn fetch(address: SocketAddr) -> io::Result<String> {
    let mut poem = String::new();
    TcpStream::connect(address)
        .await?
        .read_to_string(&mut poem)
        .await?;
    Ok(poem)
}

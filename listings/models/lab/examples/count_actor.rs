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
            let bytes = fetch(address).await.map_or(0, |poem| poem.len());
            let _ = actor.send(Message::PoemFinished { bytes }).await;
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

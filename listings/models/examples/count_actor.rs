//! An actor counts the finished poems: it owns the number, others send it messages.
use std::{
    io::{self, Read},
    net::{SocketAddr, TcpStream},
    sync::mpsc,
    thread,
};

fn main() -> io::Result<()> {
    models::with_slow_poems(fetch_all)
}

// ANCHOR: actor
enum Message {
    PoemFinished { bytes: usize },
    PoemFailed(io::Error),
}

fn counter(mailbox: mpsc::Receiver<Message>) {
    let mut count = 0;
    let mut total = 0;
    for message in mailbox {
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

fn fetch_all(addresses: &[SocketAddr]) -> io::Result<()> {
    let (actor, mailbox) = mpsc::channel();
    let counter = thread::spawn(|| counter(mailbox));
    thread::scope(|scope| {
        for &address in addresses {
            let actor = actor.clone();
            scope.spawn(move || {
                let message = match fetch(address) {
                    Ok(poem) => Message::PoemFinished { bytes: poem.len() },
                    Err(error) => Message::PoemFailed(error),
                };
                let _ = actor.send(message);
            });
        }
    });
    drop(actor); // the last sender: without this line the counter waits for ever
    counter.join().expect("the counter does not panic");
    Ok(())
}
// ANCHOR_END: actor

fn fetch(address: SocketAddr) -> io::Result<String> {
    let mut poem = String::new();
    TcpStream::connect(address)?.read_to_string(&mut poem)?;
    Ok(poem)
}

//! Two at a time, and none that is silent, on tokio: a semaphore and a timeout around each read.
use futures_util::{SinkExt, StreamExt};
use protocols::Lines;
use protocols_lab::Codec;
use std::{io, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{sleep, timeout},
};
use tokio_util::codec::Framed;

// ANCHOR: server
/// Answers each line in capitals, and drops a peer that sends no whole line for so long.
async fn shout(
    stream: TcpStream,
    patience: Duration,
    _place: OwnedSemaphorePermit,
) -> io::Result<()> {
    let mut lines = Framed::new(stream, Codec(Lines::new(80)));
    loop {
        match timeout(patience, lines.next()).await {
            Ok(None) => break println!("server: closed in good order"),
            Ok(Some(line)) => lines.send(line?.to_ascii_uppercase()).await?,
            Err(_) => break println!("server: the peer was silent for {patience:?}"),
        }
    }
    Ok(())
}

async fn serve(listener: TcpListener) -> io::Result<()> {
    let places = Arc::new(Semaphore::new(2));
    loop {
        let (stream, _) = listener.accept().await?;
        match Arc::clone(&places).try_acquire_owned() {
            Ok(place) => drop(tokio::spawn(shout(
                stream,
                Duration::from_millis(300),
                place,
            ))),
            Err(_) => drop(stream),
        }
    }
}
// ANCHOR_END: server

/// Sends so many lines, one every 200 ms, and hangs up after the last one. Without a line it only
/// listens.
async fn client(mut stream: TcpStream, name: &str, lines: usize) -> io::Result<()> {
    for _ in 0..lines {
        sleep(Duration::from_millis(200)).await;
        stream.write_all(b"hope\r\n").await?;
    }
    if lines > 0 {
        sleep(Duration::from_millis(200)).await;
        stream.shutdown().await?;
    }
    let mut answers = Vec::new();
    stream.read_to_end(&mut answers).await?;
    println!("{name}: {} answers", answers.len() / b"HOPE\r\n".len());
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let at = listener.local_addr()?;
    tokio::spawn(serve(listener));
    let mut streams = Vec::new();
    for _ in 0..3 {
        streams.push(TcpStream::connect(at).await?); // in this order
    }
    let [talks, silent, third] = streams.try_into().map_err(|_| io::ErrorKind::Other)?;
    let (one, two, three) = tokio::join!(
        client(talks, "talks", 3),
        client(silent, "is silent", 0),
        client(third, "comes third", 0)
    );
    one.and(two).and(three)
}

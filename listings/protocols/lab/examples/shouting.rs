//! The server of lines on tokio: the same framing, as a codec.
use futures_util::{SinkExt, StreamExt};
use protocols::Lines;
use protocols_lab::Codec;
use std::{io, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::sleep,
};
use tokio_util::codec::Framed;

// ANCHOR: server
/// Answers each line in capitals; hangs up at `bye`.
async fn shout(stream: TcpStream) -> io::Result<()> {
    let mut lines = Framed::new(stream, Codec(Lines::new(1000)));
    while let Some(line) = lines.next().await {
        let line = line?;
        lines.send(line.to_ascii_uppercase()).await?;
        if line == b"bye" {
            break;
        }
    }
    let mut stream = lines.into_inner();
    stream.shutdown().await?;
    stream.read_to_end(&mut Vec::new()).await?; // closing with unread bytes would be a reset
    Ok(())
}
// ANCHOR_END: server

// ANCHOR: client
async fn client(mut stream: TcpStream) -> io::Result<()> {
    stream.write_all(b"who has seen the w").await?;
    sleep(Duration::from_millis(50)).await;
    stream
        .write_all(b"ind\r\nneither I nor you\r\nbye\r\nand more\r\n")
        .await?;
    let mut answers = String::new();
    stream.read_to_string(&mut answers).await?;
    println!("{}", answers.trim_end());
    println!("(closed in good order)");
    Ok(())
}
// ANCHOR_END: client

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let at = listener.local_addr()?;
    let server = tokio::spawn(async move {
        let (stream, _) = listener.accept().await?;
        shout(stream).await
    });
    client(TcpStream::connect(at).await?).await?;
    server.await?
}

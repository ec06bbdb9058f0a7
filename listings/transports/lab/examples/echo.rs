//! An echo server and a client on tokio: the same two sides, as two tasks.
use std::io;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

// ANCHOR: server
/// Sends back whatever comes.
async fn echo(mut stream: TcpStream) -> io::Result<()> {
    let mut buffer = [0; 4096];
    loop {
        match stream.read(&mut buffer).await? {
            0 => return Ok(()),
            count => stream.write_all(&buffer[..count]).await?,
        }
    }
}
// ANCHOR_END: server

// ANCHOR: client
async fn client(mut stream: TcpStream) -> io::Result<()> {
    println!("made");
    stream.write_all(b"Gather ye rosebuds while ye may").await?;
    let mut buffer = [0; 4096];
    let count = stream.read(&mut buffer).await?;
    println!("data: {}", String::from_utf8_lossy(&buffer[..count]));
    println!("asked to close");
    stream.shutdown().await?;
    println!("lost: closed in good order");
    Ok(())
}
// ANCHOR_END: client

// ANCHOR: main
#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let at = listener.local_addr()?;
    let server = tokio::spawn(async move {
        let (stream, _) = listener.accept().await?;
        echo(stream).await
    });
    client(TcpStream::connect(at).await?).await?;
    server.await?
}
// ANCHOR_END: main

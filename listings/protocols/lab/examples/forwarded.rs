//! A question through a port forward on tokio: bytes, ends, and the answer that comes after one.
use std::io;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
};

// ANCHOR: server
/// Counts the letters until the client has ended, and answers then.
async fn count(listener: TcpListener) -> io::Result<()> {
    let (mut client, _) = listener.accept().await?;
    let mut text = Vec::new();
    client.read_to_end(&mut text).await?;
    let letters = text.iter().filter(|byte| byte.is_ascii_alphabetic());
    let answer = format!("{} letters", letters.count());
    client.write_all(answer.as_bytes()).await
}
// ANCHOR_END: server

// ANCHOR: way
/// Copies one connection to another server, until both directions have ended.
async fn forward(listener: TcpListener, to: std::net::SocketAddr) -> io::Result<()> {
    let (mut client, _) = listener.accept().await?;
    let mut server = TcpStream::connect(to).await?;
    let (there, back) = copy_bidirectional(&mut client, &mut server).await?;
    println!("forward: {there} bytes there, {back} back");
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let server = TcpListener::bind("127.0.0.1:0").await?;
    let port = TcpListener::bind("127.0.0.1:0").await?;
    let (to, through) = (server.local_addr()?, port.local_addr()?);
    let counts = tokio::spawn(count(server));
    let copies = tokio::spawn(forward(port, to));

    let mut client = TcpStream::connect(through).await?;
    client.write_all(b"Hope is the thing with feathers").await?;
    client.shutdown().await?; // half an end
    let mut answer = String::new();
    client.read_to_string(&mut answer).await?;
    copies.await??;
    counts.await??;
    println!("the client reads: {answer}");
    Ok(())
}
// ANCHOR_END: way

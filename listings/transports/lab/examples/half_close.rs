//! The server that counts lines on tokio: reading to the end is one line, and so is ending.
use std::io;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

// ANCHOR: server
async fn count(mut stream: TcpStream) -> io::Result<()> {
    let mut text = String::new();
    stream.read_to_string(&mut text).await?;
    println!("server: the client has said all");
    let answer = format!("{} lines", text.lines().count());
    stream.write_all(answer.as_bytes()).await
}
// ANCHOR_END: server

// ANCHOR: client
async fn client(mut stream: TcpStream) -> io::Result<()> {
    let text = "Gather ye rosebuds while ye may,\nOld Time is still a-flying;\n";
    stream.write_all(text.as_bytes()).await?;
    stream.shutdown().await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    println!("client: {answer}");
    println!("client: closed in good order");
    Ok(())
}
// ANCHOR_END: client

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let at = listener.local_addr()?;
    let server = tokio::spawn(async move { count(listener.accept().await?.0).await });
    client(TcpStream::connect(at).await?).await?;
    server.await?
}

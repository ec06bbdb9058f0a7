//! One page with axum: with a port it serves until you stop it, without one it asks itself.
use axum::{Router, response::Html, routing::get};
use std::error::Error;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

// ANCHOR: main
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let hello = || async { Html("<h1>Hello from the reactor</h1>\n") };
    let port = std::env::args().nth(1);
    let number = port.as_deref().unwrap_or("0").parse::<u16>()?;
    let listener = TcpListener::bind(("127.0.0.1", number)).await?;
    let at = listener.local_addr()?;
    let site = axum::serve(listener, Router::new().route("/", get(hello)));
    // ANCHOR_END: main
    if port.is_some() {
        println!("serving at http://{at}/");
        return Ok(site.await?);
    }
    tokio::spawn(async move { site.await });
    let mut stream = TcpStream::connect(at).await?;
    stream
        .write_all(b"GET / HTTP/1.1\r\nhost: hello\r\nconnection: close\r\n\r\n")
        .await?;
    let mut reply = String::new();
    stream.read_to_string(&mut reply).await?;
    for line in reply.lines().filter(|line| !line.starts_with("date: ")) {
        println!("{line}");
    }
    Ok(())
}

//! A page that takes two seconds, with axum: a future that is dropped when its client leaves.
use axum::{Router, http::Uri, routing::get};
use std::{error::Error, net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::sleep,
};

// ANCHOR: late
/// Says so when it is dropped before it is done.
struct Unfinished(Option<Uri>);

impl Drop for Unfinished {
    fn drop(&mut self) {
        if let Some(path) = &self.0 {
            println!("{path}: the server gives up");
        }
    }
}

/// Answers after two seconds.
async fn late(path: Uri) -> &'static str {
    println!("{path}: the server begins");
    let mut unfinished = Unfinished(Some(path));
    sleep(Duration::from_secs(2)).await;
    unfinished.0 = None;
    "at last"
}
// ANCHOR_END: late

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let site = Router::new()
        .route("/now", get(|| async { "at once" }))
        .route("/late", get(late))
        .route("/dull", get(late));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let at = listener.local_addr()?;
    tokio::spawn(async move { axum::serve(listener, site).await });
    let late = tokio::spawn(fetch(at, "/late"));
    sleep(Duration::from_millis(250)).await;
    let dull = tokio::spawn(fetch(at, "/dull"));
    sleep(Duration::from_millis(250)).await;
    fetch(at, "/now").await?;
    sleep(Duration::from_millis(250)).await;
    dull.abort(); // this client closes its connection
    late.await??;
    Ok(())
}

/// Fetches one page and prints it.
async fn fetch(at: SocketAddr, path: &'static str) -> std::io::Result<()> {
    let mut stream = TcpStream::connect(at).await?;
    let request = format!("GET {path} HTTP/1.1\r\nhost: late\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut reply = String::new();
    stream.read_to_string(&mut reply).await?;
    println!("{path}: {}", reply.lines().last().unwrap_or_default());
    Ok(())
}

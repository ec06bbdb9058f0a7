//! The same strangers with axum and tower-http: what two layers stop, and what comes before any
//! layer.
use axum::{Router, body::Bytes, http::StatusCode, routing::get};
use std::{error::Error, io, net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::sleep,
};
use tower_http::{limit::RequestBodyLimitLayer, timeout::TimeoutLayer};

const SECOND: Duration = Duration::from_secs(1);

// ANCHOR: site
fn site() -> Router {
    let page = |body: Bytes| async move { format!("{} bytes\n", body.len()) };
    let time = TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, SECOND);
    Router::new()
        .route("/", get(page).post(page))
        .layer(RequestBodyLimitLayer::new(1_000))
        .layer(time)
}
// ANCHOR_END: site

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let at = listener.local_addr()?;
    tokio::spawn(async move { axum::serve(listener, site()).await });
    // ANCHOR: clients
    for (who, request) in [
        (
            "large",
            "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1001\r\nconnection: close\r\n\r\n",
        ),
        (
            "two-faced",
            "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n0\r\n\r\n",
        ),
        (
            "polite",
            "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
        ),
    ] {
        let reply = talk(at, request).await?;
        println!("{who}: {}", reply.lines().next().unwrap_or("nothing"));
    }
    slow(at).await?;
    // ANCHOR_END: clients
    Ok(())
}

/// Sends a line of its head each tenth of a second. The layers have a second of patience; they are
/// asked when the head is there.
async fn slow(at: SocketAddr) -> io::Result<()> {
    let (mut read, mut write) = TcpStream::connect(at).await?.into_split();
    let trickle = async {
        write.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n").await?;
        for _ in 0..30 {
            write.write_all(b"x: y\r\n").await?;
            sleep(SECOND / 10).await;
        }
        Ok::<(), io::Error>(())
    };
    tokio::select! {
        _ = read.read_u8() => println!("slow: an answer"),
        sent = trickle => {
            sent?;
            println!("slow: no answer after 3 s");
        }
    }
    Ok(())
}

async fn talk(at: SocketAddr, request: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect(at).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut reply = String::new();
    stream.read_to_string(&mut reply).await?;
    Ok(reply)
}

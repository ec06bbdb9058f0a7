//! The same client on tokio: two loops, one in the other, and a token beside each wait that lasts.
use std::{io, net::SocketAddr, time::Duration};
use tokio::{
    io::AsyncReadExt,
    net::{TcpListener, TcpSocket, TcpStream},
    time::{Instant, sleep, sleep_until},
};
use tokio_util::sync::CancellationToken;

const SECOND: Duration = Duration::from_secs(1);

// ANCHOR: main
/// Stays connected until the token says otherwise.
async fn stays_connected(to: SocketAddr, token: CancellationToken, now: impl Fn() -> String) {
    loop {
        let mut delay = SECOND; // after each connection the delays begin from the start
        let stream = loop {
            if let Ok(stream) = TcpStream::connect(to).await {
                break stream;
            }
            tokio::select! {
                () = sleep(delay) => delay = (2 * delay).min(60 * SECOND),
                () = token.cancelled() => return,
            }
        };
        println!("{}: connected", now());
        tokio::select! {
            _ = until_its_end(stream) => println!("{}: closed in good order", now()),
            () = token.cancelled() => return, // the stream is dropped, and so closed
        }
        tokio::select! {
            () = sleep(SECOND) => {}
            () = token.cancelled() => return,
        }
    }
}
// ANCHOR_END: main

async fn until_its_end(mut stream: TcpStream) -> io::Result<()> {
    let mut buffer = [0; 1024];
    while stream.read(&mut buffer).await? > 0 {}
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let begin = Instant::now();
    let now = move || format!("{:.1} s", begin.elapsed().as_secs_f64());
    // The port is ours, and no server listens there yet.
    let socket = TcpSocket::new_v4()?;
    socket.bind(([127, 0, 0, 1], 0).into())?;
    let (to, token) = (socket.local_addr()?, CancellationToken::new());
    let client = tokio::spawn(stays_connected(to, token.clone(), now));
    sleep_until(begin + 5 * SECOND).await;
    println!("{}: the server is there", now());
    let server = tokio::spawn(serve(socket.listen(16)?));
    sleep_until(begin + 10 * SECOND).await;
    token.cancel();
    client.await?;
    println!("{}: it has stopped", now());
    server.abort();
    Ok(())
}

/// Lets go of its first client after a second, and keeps the next one.
async fn serve(listener: TcpListener) -> io::Result<()> {
    let (first, _) = listener.accept().await?;
    sleep(SECOND).await;
    drop(first);
    let (second, _) = listener.accept().await?;
    until_its_end(second).await
}

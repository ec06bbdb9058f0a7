//! The twin of `deferreds/cancel_download`: an aborted task drops its future, and with it the socket.
use poetry::{Options, Pace, Poem, Server};
use std::{io, net::SocketAddr, time::Duration};
use tokio::{
    io::AsyncReadExt,
    net::TcpStream,
    time::{Instant, sleep},
};

async fn get_poem(at: SocketAddr) -> io::Result<String> {
    let mut poem = String::new();
    TcpStream::connect(at)
        .await?
        .read_to_string(&mut poem)
        .await?;
    Ok(poem)
}

// ANCHOR: main
#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let server = serve()?;
    let start = Instant::now();
    let now = || format!("{:.2} s", start.elapsed().as_secs_f64());
    let poem = tokio::spawn(get_poem(server.addresses()[0]));
    sleep(Duration::from_millis(150)).await;
    println!("{}: enough", now());
    poem.abort();
    println!("{}: and now something else", now());
    let text = match poem.await {
        Ok(poem) => format!("{} bytes", poem?.len()),
        Err(error) if error.is_cancelled() => "cancelled".to_owned(),
        Err(error) => error.to_string(),
    };
    println!("{}: {text}", now());
    Ok(())
}
// ANCHOR_END: main

fn serve() -> io::Result<Server> {
    Server::start(Options {
        poems: Poem::named("wind").into_iter().collect(),
        pace: Pace::new(60, Duration::from_millis(100)),
        ..Options::default()
    })
}

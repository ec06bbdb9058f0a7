//! The twin of `deferreds/timeout`: a future inside a future that gives up.
use poetry::{Fault, Options, Pace, Poem, Server};
use std::{io, net::SocketAddr, time::Duration};
use tokio::{
    io::AsyncReadExt,
    join,
    net::TcpStream,
    time::{Instant, timeout},
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
    let (good, silent) = (serve(Fault::None)?, serve(Fault::Stall)?);
    let start = Instant::now();
    let fetch = async |server: &Server| {
        let poem = get_poem(server.addresses()[0]);
        let text = match timeout(Duration::from_secs(1), poem).await {
            Ok(poem) => format!("{} bytes", poem?.len()),
            Err(_elapsed) => "too slow".to_owned(),
        };
        println!("{:.1} s: {text}", start.elapsed().as_secs_f64());
        io::Result::Ok(())
    };
    let (one, other) = join!(fetch(&good), fetch(&silent));
    one.and(other)
}
// ANCHOR_END: main

fn serve(fault: Fault) -> io::Result<Server> {
    Server::start(Options {
        poems: Poem::named("wind").into_iter().collect(),
        pace: Pace::new(120, Duration::from_millis(200)),
        fault,
        ..Options::default()
    })
}

//! The twin of `deferreds/gave_up`: a timeout is an error inside the task, an abort is one outside of it.
use poetry::{Fault, Options, Pace, Poem, Server};
use std::{io, net::SocketAddr, time::Duration};
use tokio::{
    io::AsyncReadExt,
    join,
    net::TcpStream,
    time::{Instant, sleep, timeout},
};

async fn get_poem(at: SocketAddr) -> io::Result<String> {
    let mut poem = String::new();
    TcpStream::connect(at)
        .await?
        .read_to_string(&mut poem)
        .await?;
    Ok(poem)
}

// ANCHOR: patience
/// The poem; instead of one that takes too long, one that we know by heart.
async fn patiently(server: SocketAddr) -> io::Result<String> {
    match timeout(Duration::from_secs(1), get_poem(server)).await {
        Ok(poem) => poem,
        Err(_elapsed) => Ok("Who has seen the wind?".to_owned()),
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let server = serve()?;
    let (silent, start) = (server.addresses()[0], Instant::now());
    let show = async |hurry| {
        let task = tokio::spawn(patiently(silent));
        if hurry {
            sleep(Duration::from_millis(300)).await;
            task.abort();
        }
        let text = match task.await {
            Ok(poem) => poem?,
            Err(error) if error.is_cancelled() => "cancelled".to_owned(),
            Err(error) => error.to_string(),
        };
        println!("{:.1} s: {text}", start.elapsed().as_secs_f64());
        io::Result::Ok(())
    };
    let (one, other) = join!(show(false), show(true));
    one.and(other)
}
// ANCHOR_END: patience

fn serve() -> io::Result<Server> {
    Server::start(Options {
        poems: Poem::named("wind").into_iter().collect(),
        pace: Pace::new(120, Duration::from_millis(200)),
        fault: Fault::Stall,
        ..Options::default()
    })
}

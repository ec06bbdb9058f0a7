//! The twin of `deferreds/timeout_covers`: a timeout covers the future that stands inside it.
use poetry::{Options, Pace, Poem, Server};
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

// ANCHOR: covers
/// Looks up every word, which takes a second.
async fn translate(poem: String) -> String {
    sleep(Duration::from_secs(1)).await;
    poem.to_uppercase()
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let server = serve("wind")?;
    let (at, start) = (server.addresses()[0], Instant::now());
    let half_a_second = Duration::from_millis(500);

    let fetched_in_time = async {
        let poem = timeout(half_a_second, get_poem(at)).await??;
        io::Result::Ok(translate(poem).await)
    };
    let all_in_time = async {
        timeout(half_a_second, async {
            let poem = get_poem(at).await?;
            io::Result::Ok(translate(poem).await)
        })
        .await?
    };
    join!(
        async { show(start, "fetched in time", fetched_in_time.await) },
        async { show(start, "all in time", all_in_time.await) },
    );
    Ok(())
}
// ANCHOR_END: covers

fn show(start: Instant, what: &str, poem: io::Result<String>) {
    let text = match &poem {
        Ok(poem) => poem.lines().next().unwrap_or_default(),
        Err(error) if error.kind() == io::ErrorKind::TimedOut => "timed out",
        Err(_) => "something else",
    };
    println!("{:.1} s: {what}: {text}", start.elapsed().as_secs_f64());
}

fn serve(name: &str) -> io::Result<Server> {
    Server::start(Options {
        poems: Poem::named(name).into_iter().collect(),
        pace: Pace::new(120, Duration::from_millis(200)),
        ..Options::default()
    })
}

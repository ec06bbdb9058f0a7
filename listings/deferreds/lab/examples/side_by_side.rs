//! The twin of `deferreds/side_by_side`: `join_all`, `try_join_all` and `select_ok`.
use futures_util::{
    FutureExt,
    future::{join_all, select_ok, try_join_all},
};
use poetry::{Fault, Options, Pace, Poem, Server};
use std::{io, net::SocketAddr, time::Duration};
use tokio::{io::AsyncReadExt, join, net::TcpStream, time::Instant};

const NAMES: [&str; 5] = ["requiem", "wind", "tyger", "hope", "ozymandias"];

async fn get_poem(at: SocketAddr) -> io::Result<String> {
    let mut poem = String::new();
    TcpStream::connect(at)
        .await?
        .read_to_string(&mut poem)
        .await?;
    Ok(poem)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let servers = serve()?;
    let start = Instant::now();
    let now = || format!("{:.1} s", start.elapsed().as_secs_f64());
    // ANCHOR: three
    let five = || {
        let fetch = |at| async move { io::Result::Ok(get_poem(at).await?.len()) };
        servers
            .iter()
            .map(move |server| fetch(server.addresses()[0]))
    };

    let all = join_all(five()).map(|results| {
        println!("{}: join_all:", now());
        for (name, result) in NAMES.iter().zip(results) {
            match result {
                Ok(bytes) => println!("    {name}: {bytes} bytes"),
                Err(error) => println!("    {name}: {}", error.kind()),
            }
        }
    });

    let values = try_join_all(five()).map(|result| {
        println!("{}: try_join_all:", now());
        match result {
            Ok(sizes) => println!("    {sizes:?}"),
            Err(error) => println!("    {}", error.kind()),
        }
    });

    let first = select_ok(five().map(Box::pin)).map(|result| {
        println!("{}: select_ok:", now());
        if let Ok((bytes, _others)) = result {
            println!("    {bytes} bytes");
        }
    });

    join!(all, values, first);
    // ANCHOR_END: three
    Ok(())
}

/// The fourth one resets its connection half-way.
fn serve() -> io::Result<Vec<Server>> {
    let server = |name| {
        Server::start(Options {
            poems: Poem::named(name).into_iter().collect(),
            pace: Pace::new(50, Duration::from_millis(100)),
            fault: if name == "hope" {
                Fault::Reset
            } else {
                Fault::None
            },
            ..Options::default()
        })
    };
    NAMES.into_iter().map(server).collect()
}

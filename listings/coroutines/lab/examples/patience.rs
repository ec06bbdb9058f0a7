//! The twin of `coroutines/patience`: timeout, select and yield_now of tokio.
use poetry::{Options, Pace, Poem, Server};
use std::{io, net::SocketAddr, time::Duration};
use tokio::{
    io::AsyncReadExt,
    net::TcpStream,
    select, spawn,
    task::yield_now,
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

// ANCHOR: main
#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let server = recite(&["hope", "jabberwocky"])?;
    let (at, start) = (server.addresses(), Instant::now());
    let now = || format!("{:.1} s", start.elapsed().as_secs_f64());

    println!("a limit of 0.5 s");
    for at in at {
        match timeout(Duration::from_millis(500), get_poem(*at)).await {
            Ok(poem) => println!("{}: {} bytes", now(), poem?.len()),
            Err(_) => println!("{}: that takes too long", now()),
        }
    }

    println!("the first of two");
    select! {
        hope = get_poem(at[0]) => println!("{}: Hope, {} bytes", now(), hope?.len()),
        _ = get_poem(at[1]) => println!("{}: Jabberwocky", now()),
    }

    println!("a long computation");
    let beat = spawn(async {
        sleep(Duration::ZERO).await;
        println!("a beat in between");
    });
    for step in 1..=3 {
        println!("step {step}");
        yield_now().await;
    }
    Ok(beat.await?)
}
// ANCHOR_END: main

fn recite(names: &[&str]) -> io::Result<Server> {
    Server::start(Options {
        poems: names.iter().filter_map(|name| Poem::named(name)).collect(),
        pace: Pace::new(120, Duration::from_millis(100)),
        ..Options::default()
    })
}

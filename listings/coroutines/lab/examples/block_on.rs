//! The twin of `coroutines/block_on`: a runtime of tokio, and its `block_on`.
use poetry::{Options, Pace, Poem, Server};
use std::{io, net::SocketAddr, time::Duration};
use tokio::{io::AsyncReadExt, net::TcpStream, runtime::Builder};

async fn get_poem(address: SocketAddr) -> io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let mut poem = String::new();
    stream.read_to_string(&mut poem).await?;
    Ok(poem)
}

fn main() -> io::Result<()> {
    let server = Server::start(Options {
        poems: ["hope", "tyger"]
            .into_iter()
            .filter_map(Poem::named)
            .collect(),
        pace: Pace::new(120, Duration::from_millis(100)),
        ..Options::default()
    })?;
    let addresses = server.addresses();

    let runtime = Builder::new_current_thread().enable_all().build()?;
    let names = String::from("Hope and The Tyger");
    let lines = runtime.block_on(async {
        let hope = get_poem(addresses[0]).await?;
        let tyger = get_poem(addresses[1]).await?;
        println!("{names} are here");
        io::Result::Ok(hope.lines().count() + tyger.lines().count())
    })?;
    println!("{lines} lines");
    Ok(())
}

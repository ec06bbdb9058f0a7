//! The twin of `deferreds/nobody_answers`: `?` leaves the function, `match` is the errback.
use std::{io, net::SocketAddr};
use tokio::{io::AsyncReadExt, net::TcpStream};

async fn get_poem(at: SocketAddr) -> io::Result<String> {
    let mut poem = String::new();
    TcpStream::connect(at)
        .await?
        .read_to_string(&mut poem)
        .await?;
    Ok(poem)
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    // ANCHOR: nobody
    let nobody = SocketAddr::from(([127, 0, 0, 1], 1));
    let words = async {
        let poem = get_poem(nobody).await?;
        let words = poem.split_whitespace().count();
        Ok::<_, io::Error>(format!("{words} words"))
    };
    let text = match words.await {
        Ok(text) => text,
        Err(error) => format!("no poem today: {}", error.kind()),
    };
    println!("{text}");
    // ANCHOR_END: nobody
}

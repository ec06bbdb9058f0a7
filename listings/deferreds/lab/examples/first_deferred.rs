//! The twin of `deferreds/first_deferred`: a function that returns a future, and one that takes it.
use deferreds_lab::poem::{get_poem, recite};
use std::io;

// ANCHOR: reader
mod reader {
    use std::{future::Future, io};

    /// Knows poems. Of sockets and runtimes it knows nothing.
    pub(crate) async fn first_line(
        poem: impl Future<Output = io::Result<String>>,
    ) -> io::Result<String> {
        let text = poem.await?;
        Ok(text.lines().next().unwrap_or("").to_owned())
    }
}
// ANCHOR_END: reader

// ANCHOR: main
#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let server = recite(&["hope"])?;
    let poem = get_poem(server.addresses()[0]);
    println!("get_poem has returned");

    let line = reader::first_line(poem);
    println!("first_line has returned");

    match line.await {
        Ok(line) => println!("{line}"),
        Err(error) => println!("no poem: {error}"),
    }
    Ok(())
}
// ANCHOR_END: main

//! The twin of `deferreds/shelf`: an await on something that is there does not wait.
use deferreds_lab::poem::{get_poem, recite};
use std::{cell::RefCell, io, net::SocketAddr, time::Duration};
use tokio::time::{self, Instant};

// ANCHOR: shelf
#[derive(Default)]
struct Shelf(RefCell<Option<String>>);

impl Shelf {
    async fn get(&self, at: SocketAddr) -> io::Result<String> {
        let kept = self.0.borrow().clone();
        if let Some(poem) = kept {
            return Ok(poem);
        }
        let poem = get_poem(at).await?;
        *self.0.borrow_mut() = Some(poem.clone());
        Ok(poem)
    }
}
// ANCHOR_END: shelf

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let server = recite(&["wind"])?;
    let at = server.addresses()[0];
    let start = Instant::now();
    // ANCHOR: read
    let shelf = Shelf::default();
    read(start, "Ada", &shelf, at).await?;
    time::sleep_until(start + Duration::from_secs(1)).await;
    read(start, "Grace", &shelf, at).await?;
    // ANCHOR_END: read
    Ok(())
}

// ANCHOR: reader
async fn read(start: Instant, who: &str, shelf: &Shelf, at: SocketAddr) -> io::Result<()> {
    let now = || format!("{:.1} s", start.elapsed().as_secs_f64());
    println!("{}: {who} asks", now());
    let poem = shelf.get(at).await?;
    println!("{}: {who} reads {} bytes", now(), poem.len());
    Ok(())
}
// ANCHOR_END: reader

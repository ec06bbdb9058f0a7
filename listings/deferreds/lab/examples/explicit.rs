//! The twin of `deferreds/explicit`: senders are kept, and a future for each fetches what it sends.
use deferreds_lab::poem::{get_poem, recite};
use futures_util::future::join_all;
use std::{cell::RefCell, io, net::SocketAddr, time::Duration};
use tokio::{
    join,
    sync::oneshot,
    time::{self, Instant},
};

// ANCHOR: desk
/// Readers may ask before the library opens.
#[derive(Default)]
struct Desk(RefCell<Vec<oneshot::Sender<io::Result<String>>>>);

impl Desk {
    fn ask(&self) -> oneshot::Receiver<io::Result<String>> {
        let (sender, poem) = oneshot::channel();
        self.0.borrow_mut().push(sender);
        poem
    }

    async fn open(&self, at: SocketAddr) {
        let answer = async |sender: oneshot::Sender<_>| sender.send(get_poem(at).await);
        join_all(self.0.take().into_iter().map(answer)).await;
    }
}
// ANCHOR_END: desk

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let server = recite(&["wind"])?;
    let start = Instant::now();
    // ANCHOR: main
    let desk = Desk::default();
    let poem = desk.ask();
    let read = async {
        if let Ok(Ok(poem)) = poem.await {
            let now = start.elapsed().as_secs_f64();
            println!("{now:.1} s: {} bytes", poem.len());
        }
    };
    let open = async {
        time::sleep(Duration::from_secs(1)).await;
        desk.open(server.addresses()[0]).await;
    };
    join!(read, open);
    // ANCHOR_END: main
    Ok(())
}

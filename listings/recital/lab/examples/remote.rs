//! The twin of `recital/remote`: threads send, and one task adds up.
use poetry::POEMS;
use std::thread;
use tokio::sync::mpsc;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let (sender, mut counted) = mpsc::unbounded_channel();
    for poem in &POEMS[..3] {
        let sender = sender.clone();
        thread::spawn(move || sender.send((poem.title, poem.text.lines().count())));
    }
    drop(sender); // the loop below ends when the last sender is gone
    let mut together = 0;
    while let Some((title, lines)) = counted.recv().await {
        println!("{title}: {lines} lines");
        together += lines;
    }
    println!("together: {together} lines");
}

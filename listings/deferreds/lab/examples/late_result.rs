//! The twin of `deferreds/late_result`: when the receiver is gone, `send` returns the value.
use tokio::sync::oneshot;

fn main() {
    // ANCHOR: late
    let (sender, poem) = oneshot::channel::<&str>();
    println!("does anybody wait? {}", !sender.is_closed());
    drop(poem);
    println!("does anybody wait? {}", !sender.is_closed());
    if let Err(text) = sender.send("Tyger Tyger") {
        println!("nobody took {text}");
    }
    // ANCHOR_END: late
}

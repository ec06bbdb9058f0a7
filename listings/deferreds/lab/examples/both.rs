//! The twin of `deferreds/both`: what runs in either case stands between the await and the `match`.
use deferreds_lab::poem::{NOBODY, get_poem};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    // ANCHOR: both
    let result = get_poem(NOBODY).await;
    println!("the lamp goes out, poem or not");
    match result {
        Ok(text) => println!("{} bytes", text.len()),
        Err(error) => println!("no poem: {error}"),
    }
    // ANCHOR_END: both
}

//! Panics: a runtime of tokio, asked to block while it is already doing so.
use tokio::runtime::Handle;

async fn title() -> &'static str {
    "Hope"
}

/// An ordinary function, which needs something asynchronous.
fn length() -> usize {
    Handle::current().block_on(title()).len()
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    println!("{} letters", length());
}

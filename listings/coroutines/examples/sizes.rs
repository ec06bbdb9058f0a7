//! What lives across an `await` is kept in the future; what does not, is not.
use std::{future::ready, mem::size_of_val};

// ANCHOR: futures
async fn across() -> u8 {
    let poem = [7; 1000];
    ready(()).await;
    poem[0] // used below the await: it must be kept
}

async fn before() -> u8 {
    let first = {
        let poem = [7; 1000];
        poem[0]
    }; // the poem ends here
    ready(()).await;
    first
}

async fn caller() -> u8 {
    across().await // the future of the callee is a local variable, too
}

async fn two_of_them() -> u8 {
    across().await + across().await // one after the other
}

async fn boxed() -> u8 {
    Box::pin(across()).await
}
// ANCHOR_END: futures

fn main() {
    // ANCHOR: use
    println!("across      {:>5} bytes", size_of_val(&across()));
    println!("before      {:>5} bytes", size_of_val(&before()));
    println!("caller      {:>5} bytes", size_of_val(&caller()));
    println!("two_of_them {:>5} bytes", size_of_val(&two_of_them()));
    println!("boxed       {:>5} bytes", size_of_val(&boxed()));
    // ANCHOR_END: use
}

//! Does not compile: a resolver stays in its thread.
use deferreds::Deferred;
use std::thread;

fn main() {
    let (resolver, line) = Deferred::<String>::new();
    // ANCHOR: thread
    thread::spawn(move || resolver.callback("Tyger Tyger, burning bright".to_owned()));
    // ANCHOR_END: thread
    drop(line);
}

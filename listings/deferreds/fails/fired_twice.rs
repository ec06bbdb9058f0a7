//! Does not compile: a resolver fires once.
use deferreds::Deferred;

fn main() {
    let (resolver, line) = Deferred::<String>::new();
    // ANCHOR: twice
    resolver.callback("Tyger Tyger, burning bright".to_owned());
    resolver.errback(std::io::Error::other("the line broke"));
    // ANCHOR_END: twice
    drop(line);
}

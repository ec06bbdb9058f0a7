//! Does not compile: a Deferred is not the value that it stands for.
use deferreds::Deferred;

fn main() {
    let (resolver, line) = Deferred::<String>::new();
    let (later, other) = Deferred::<String>::new();
    // ANCHOR: value
    resolver.callback(other);
    // ANCHOR_END: value
    drop((line, later));
}

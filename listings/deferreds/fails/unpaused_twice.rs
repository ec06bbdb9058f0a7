//! Does not compile: a pause ends once.
use deferreds::Deferred;

fn main() {
    let (resolver, line) = Deferred::<String>::new();
    // ANCHOR: pause
    let pause = line.pauser().pause();
    drop(pause);
    drop(pause);
    // ANCHOR_END: pause
    drop((resolver, line));
}

//! Does not compile: two stages cannot both return the same Deferred.
use deferreds::Deferred;

fn main() {
    let (resolver, poem) = Deferred::<String>::new();
    // ANCHOR: twice
    let first = Deferred::succeed(()).add_callback(move |()| poem);
    let second = Deferred::succeed(()).add_callback(move |()| poem);
    // ANCHOR_END: twice
    drop((resolver, first, second));
}

//! Does not compile: a text is no error.
use deferreds::Deferred;

fn main() {
    let (resolver, line) = Deferred::<String>::new();
    // ANCHOR: text
    resolver.errback("the line broke");
    // ANCHOR_END: text
    drop(line);
}

//! Does not compile: a result has one reader.
use deferreds::Deferred;

fn main() {
    let (resolver, line) = Deferred::<String>::new();
    // ANCHOR: readers
    let length = line.add_callback(|text| Ok(text.len()));
    let louder = line.add_callback(|text| Ok(text.to_uppercase()));
    // ANCHOR_END: readers
    drop((resolver, length, louder));
}

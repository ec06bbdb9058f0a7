//! A Deferred has one reader: a stage consumes it.
use deferreds::Deferred;

fn main() {
    // ANCHOR: twice
    let (resolver, poem) = Deferred::<String>::new();
    let length = poem.add_callback(|text| Ok(text.len()));
    let shout = poem.add_callback(|text| Ok(text.to_uppercase()));
    resolver.callback("Tyger Tyger".to_owned());
    // ANCHOR_END: twice
    drop((length, shout));
}

//! A Deferred that is listened to before it fires, and one that fires first.
#[path = "../steps/deferred_1.rs"]
mod deferred;
// ANCHOR: main
use deferred::Deferred;

fn main() {
    let (resolver, poem) = Deferred::new();
    poem.on_result(|poem| println!("1: {poem:?}"));
    println!("nothing has come yet");
    resolver.callback("Tyger Tyger, burning bright");
    println!("it has fired");

    let (resolver, poem) = Deferred::<&str>::new();
    resolver.errback("the line is broken");
    println!("it has failed, and nothing listens yet");
    poem.on_result(|poem| println!("2: {poem:?}"));
}
// ANCHOR_END: main

//! A promise that is dropped, and a failure that no stage has seen.
// ANCHOR: main
use pocket::deferred::Deferred;

fn main() {
    let (resolver, poem) = Deferred::<String>::new();
    let number = poem
        .add_errback(|failure| {
            println!("heard: {failure}");
            Ok("four".into())
        })
        .add_callback(|text| Ok(text.parse::<u32>()?));
    drop(resolver);
    println!("the promise is broken");
    drop(number);
    println!("and this was the end of the chain");
}
// ANCHOR_END: main

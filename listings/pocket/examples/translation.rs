//! A stage that waits for another Deferred, and an errback that returns one.
#[path = "../steps/deferred_3.rs"]
mod deferred;
// ANCHOR: main
use deferred::Deferred;

fn main() {
    let (first, poem) = Deferred::new();
    let (second, translation) = Deferred::new();
    poem.add_callback(|poem: &str| {
        println!("translating {poem:?}");
        translation
    })
    .add_callback(|line: &str| Ok(line.to_uppercase()))
    .add_errback(|failure| Deferred::succeed(format!("untranslated: {failure}")))
    .on_result(|line| println!("{line:?}"));
    first.callback("Tyger Tyger");
    println!("the first has fired");
    second.callback("Tiger, Tiger");
}
// ANCHOR_END: main

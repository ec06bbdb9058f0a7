//! A poem, an empty one and a refused one, each through the same three stages.
#[path = "../steps/deferred_2.rs"]
mod deferred;
// ANCHOR: main
use deferred::{Deferred, Failure};

fn first_line(poem: &str) -> Result<String, Failure> {
    Ok(poem.lines().next().ok_or("the poem is empty")?.to_owned())
}

fn main() {
    for result in [Ok("Tyger Tyger, burning bright,\nIn the"), Ok(""), Err("refused")] {
        let (resolver, poem) = Deferred::new();
        poem.add_callback(first_line)
            .add_callback(|line| Ok(line.to_uppercase()))
            .add_errback(|failure| Ok(format!("no poem today: {failure}")))
            .on_result(|line| println!("{line:?}"));
        resolver.fire(result.map_err(Failure::from));
    }
}
// ANCHOR_END: main

//! Firing a Deferred runs its stages, before the next line.
use deferreds::Deferred;
use trace::say;

fn main() {
    let _recording = trace::start_from_env();
    // ANCHOR: fire
    let (resolver, poem) = Deferred::<&str>::new();
    let shown = poem.add_callback(|text| {
        say!("the stage: {text}");
        Ok(text.len())
    });
    say!("before it fires");
    resolver.callback("Tyger Tyger");
    say!("after it fired");
    drop(shown);
    // ANCHOR_END: fire
}

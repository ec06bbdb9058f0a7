//! A result that comes after the cancel is dropped; the code that works on it can ask.
use deferreds::{Cancelled, Deferred};
use trace::say;

fn main() {
    let _recording = trace::start_from_env();
    // ANCHOR: late
    let (resolver, poem) = Deferred::<&str>::new();
    let canceller = poem.canceller();
    let shown = poem
        .add_errback(|failure| {
            failure.trap::<Cancelled>()?;
            Ok("never mind")
        })
        .add_callback(|text| {
            say!("{text}");
            Ok(())
        });

    say!("does anybody wait? {}", !resolver.is_cancelled());
    canceller.cancel();
    say!("does anybody wait? {}", !resolver.is_cancelled());
    resolver.callback("Tyger Tyger");
    canceller.cancel();
    drop(shown);
    // ANCHOR_END: late
}

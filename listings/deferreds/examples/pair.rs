//! A pair: the errback never sees what the callback beside it fails with.
use deferreds::Failure;
use reactor::react;
use recital::{get_poem, recite};
use std::{io, process::ExitCode};
use trace::say;

fn main() -> ExitCode {
    react(|reactor, done| {
        let addresses = recite(reactor, &["hope"])?;
        // ANCHOR: pair
        let shown = get_poem(reactor, &addresses[0])
            .add_callbacks(
                |text| Err::<usize, _>(Failure::new(format!("{} bytes are too many", text.len()))),
                |failure| {
                    say!("beside it: {failure}");
                    Ok(0)
                },
            )
            .add_errback(|failure| {
                say!("below it: {failure}");
                Ok(0)
            });
        // ANCHOR_END: pair
        drop(shown.add_both(move |_| {
            drop(done);
            Ok(())
        }));
        Ok::<(), io::Error>(())
    })
}

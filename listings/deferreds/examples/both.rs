//! Both rails: a stage that runs in either case, and hands on what it was given.
use reactor::{Address, react};
use recital::get_poem;
use std::{io, process::ExitCode};
use trace::say;

fn main() -> ExitCode {
    react(|reactor, done| {
        let nobody = Address::loopback(1);
        // ANCHOR: both
        let shown = get_poem(reactor, &nobody)
            .add_both(|result| {
                say!("the lamp goes out, poem or not");
                result
            })
            .add_callback(|text| {
                say!("{} bytes", text.len());
                Ok(())
            })
            .add_errback(|failure| {
                say!("no poem: {failure}");
                Ok(())
            });
        // ANCHOR_END: both
        drop(shown.add_both(move |_| {
            drop(done);
            Ok(())
        }));
        Ok::<(), io::Error>(())
    })
}

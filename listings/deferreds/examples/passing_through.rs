//! A module adds a stage of its own and hands the result on as it was.
use deferreds::Deferred;
use reactor::{Address, Handle, react};
use recital::{get_poem, recite};
use std::{io, process::ExitCode};
use trace::say;

// ANCHOR: timed
/// Says how long it took, whatever it is.
fn timed<T>(reactor: &Handle, what: &'static str, work: Deferred<T>) -> Deferred<T> {
    let (clock, start) = (reactor.clone(), reactor.now());
    work.add_both(move |result| {
        let took = (clock.now() - start).as_secs_f64();
        let how = if result.is_ok() { "came" } else { "failed" };
        say!("{what} {how} after {took:.1} s");
        result
    })
}
// ANCHOR_END: timed

fn main() -> ExitCode {
    react(|reactor, done| {
        let at = recite(reactor, &["wind"])?.remove(0);
        let nobody = Address::loopback(1);
        // ANCHOR: main
        for (what, at) in [("the poem", at), ("nothing", nobody)] {
            let done = done.clone();
            let length = timed(reactor, what, get_poem(reactor, &at))
                .add_callback(|text| Ok(text.len()))
                .add_errback(|_| Ok(0));
            drop(length.add_callback(move |length| {
                say!("{length} bytes");
                drop(done);
                Ok(())
            }));
        }
        // ANCHOR_END: main
        Ok::<(), io::Error>(())
    })
}

//! A Deferred's work has begun when you hold it, whether or not anybody looks at it.
use deferreds::Deferred;
use reactor::{Handle, react};
use std::{io, process::ExitCode, time::Duration};
use trace::say;

// ANCHOR: work
fn work(reactor: &Handle) -> Deferred<u32> {
    say!("{:.1}: the work begins", reactor.now());
    let (resolver, answer) = Deferred::new();
    reactor.call_later(Duration::from_millis(100), |reactor| {
        say!("{:.1}: the work is done", reactor.now());
        resolver.callback(42);
    });
    answer
}

fn main() -> ExitCode {
    react(|reactor, done| {
        let answer = work(reactor);
        say!("{:.1}: I have asked", reactor.now());
        reactor.call_later(Duration::from_millis(300), |reactor| {
            let now = reactor.now();
            say!("{now:.1}: I look at it");
            let _shown = answer.add_callback(move |answer| {
                say!("{now:.1}: {answer}");
                drop(done);
                Ok(())
            });
        });
        Ok::<(), io::Error>(())
    })
}
// ANCHOR_END: work

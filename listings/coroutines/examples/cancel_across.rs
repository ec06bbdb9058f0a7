//! A cancel that crosses from a Deferred to a future and back, twice.
use coroutines::spawn;
use deferreds::{Cancelled, Deferred, Failure};
use reactor::{Handle, react};
use std::{io, process::ExitCode, time::Duration};
use trace::say;

// ANCHOR: ways
/// Says when it is dropped, as a local variable of a future.
struct Note(&'static str);

impl Drop for Note {
    fn drop(&mut self) {
        say!("    {} is dropped", self.0);
    }
}

/// Answers after a second, unless it is cancelled.
fn ask(reactor: &Handle) -> Deferred<u32> {
    let (resolver, answer) = Deferred::with_canceller(|_| say!("    the canceller is called"));
    reactor.call_later(Duration::from_secs(1), |_| resolver.callback(42));
    answer
}

async fn inner(reactor: Handle) -> Result<u32, Failure> {
    let _note = Note("the inner future");
    let answer = ask(&reactor).await?;
    say!("{:.1}: the answer came", reactor.now());
    Ok(answer)
}

async fn outer(reactor: Handle) -> Result<u32, Failure> {
    let _note = Note("the outer future");
    Ok(spawn(&reactor, inner(reactor.clone())).await? + 1)
}
// ANCHOR_END: ways

// ANCHOR: main
fn hear(failure: Failure) -> Result<u32, Failure> {
    failure.trap::<Cancelled>()?;
    say!("    the outer Deferred: cancelled");
    Ok(0)
}

fn main() -> ExitCode {
    react(|reactor, done| {
        let answer = spawn(reactor, outer(reactor.clone()));
        let canceller = answer.canceller();
        drop(answer.add_errback(hear));
        reactor.call_later(Duration::from_millis(200), move |reactor| {
            say!("{:.1}: cancel", reactor.now());
            canceller.cancel();
            say!("{:.1}: cancel has returned", reactor.now());
        });
        reactor.call_later(Duration::from_secs(2), |_| drop(done));
        Ok::<(), io::Error>(())
    })
}
// ANCHOR_END: main

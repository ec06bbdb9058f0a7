//! The square of a square in four forms: callbacks, Deferreds, a state machine, an async function.
use coroutines::{join, run};
use deferreds::{Deferred, Failure};
use reactor::Handle;
use std::{error::Error, fmt, process::ExitCode, time::Duration};
use trace::say;

const SECOND: Duration = Duration::from_secs(1);

// ANCHOR: callbacks
mod callbacks {
    use super::*;

    pub(super) fn slow_square(
        reactor: &Handle,
        n: u32,
        done: impl FnOnce(&Handle, Result<u32, TooLarge>) + 'static,
    ) {
        reactor.call_later(SECOND, move |reactor| done(reactor, square(n)));
    }

    pub(super) fn twice(
        reactor: &Handle,
        n: u32,
        done: impl FnOnce(&Handle, Result<u32, TooLarge>) + 'static,
    ) {
        slow_square(reactor, n, move |reactor, squared| match squared {
            Ok(squared) => slow_square(reactor, squared, done),
            Err(error) => done(reactor, Err(error)),
        });
    }
}
// ANCHOR_END: callbacks

// ANCHOR: deferreds
mod deferred {
    use super::*;

    pub(super) fn slow_square(reactor: &Handle, n: u32) -> Deferred<u32> {
        let (resolver, squared) = Deferred::new();
        reactor.call_later(SECOND, move |_| {
            resolver.fire(square(n).map_err(Failure::from))
        });
        squared
    }

    pub(super) fn twice(reactor: &Handle, n: u32) -> Deferred<u32> {
        let again = reactor.clone();
        let squared = slow_square(reactor, n);
        squared.add_callback(move |squared| slow_square(&again, squared))
    }
}
// ANCHOR_END: deferreds

// ANCHOR: machine
mod machine {
    use super::*;
    use coroutines::{Sleep, sleep};
    use std::{
        pin::Pin,
        task::{Context, Poll, ready},
    };

    pub(super) struct SlowSquare {
        rest: Sleep,
        n: u32,
    }

    impl Future for SlowSquare {
        type Output = Result<u32, Failure>;

        fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
            ready!(Pin::new(&mut self.rest).poll(context));
            Poll::Ready(Ok(square(self.n)?))
        }
    }

    pub(super) fn slow_square(reactor: &Handle, n: u32) -> SlowSquare {
        let rest = sleep(reactor, SECOND);
        SlowSquare { rest, n }
    }

    pub(super) enum Twice {
        First(Handle, SlowSquare),
        Second(SlowSquare),
    }

    impl Future for Twice {
        type Output = Result<u32, Failure>;

        fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
            loop {
                *self = match &mut *self {
                    Twice::First(reactor, square) => {
                        let squared = ready!(Pin::new(square).poll(context))?;
                        Twice::Second(slow_square(reactor, squared))
                    }
                    Twice::Second(square) => return Pin::new(square).poll(context),
                };
            }
        }
    }

    pub(super) fn twice(reactor: &Handle, n: u32) -> Twice {
        Twice::First(reactor.clone(), slow_square(reactor, n))
    }
}
// ANCHOR_END: machine

// ANCHOR: async
mod coroutine {
    use super::*;
    use coroutines::sleep;

    pub(super) async fn slow_square(reactor: &Handle, n: u32) -> Result<u32, Failure> {
        sleep(reactor, SECOND).await;
        Ok(square(n)?)
    }

    pub(super) async fn twice(reactor: &Handle, n: u32) -> Result<u32, Failure> {
        let squared = slow_square(reactor, n).await?;
        slow_square(reactor, squared).await
    }
}
// ANCHOR_END: async

// ANCHOR: main
async fn all(reactor: Handle) -> Result<(), Failure> {
    for n in [3, 300] {
        let (resolver, one) = Deferred::new();
        callbacks::twice(&reactor, n, |_, result| {
            resolver.fire(result.map_err(Failure::from));
        });
        let two = deferred::twice(&reactor, n);
        let three = machine::twice(&reactor, n);
        let four = coroutine::twice(&reactor, n);

        let ((one, two), (three, four)) = join(join(one, two), join(three, four)).await;
        say!("{:.1}: {n}, squared and squared", reactor.now());
        show("callbacks", one);
        show("Deferreds", two);
        show("a state machine", three);
        show("an async fn", four);
    }
    Ok(())
}
// ANCHOR_END: main

fn show(form: &str, result: Result<u32, Failure>) {
    match result {
        Ok(n) => say!("    {form}: {n}"),
        Err(failure) => say!("    {form}: {failure}"),
    }
}

fn main() -> ExitCode {
    run(all)
}

// ANCHOR: square
fn square(n: u32) -> Result<u32, TooLarge> {
    n.checked_mul(n).ok_or(TooLarge)
}

/// The square does not fit.
#[derive(Debug)]
struct TooLarge;
// ANCHOR_END: square

impl fmt::Display for TooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the square is too large")
    }
}

impl Error for TooLarge {}

//! A stream written by hand: something like a future that can be asked for a next value, again and again.
use coroutines::{Sleep, run, sleep};
use deferreds::Failure;
use futures_util::{Stream, StreamExt};
use reactor::Handle;
use std::{
    future::{Future, ready},
    pin::Pin,
    process::ExitCode,
    task::{Context, Poll, ready},
    time::Duration,
};
use trace::say;

// ANCHOR: beats
/// Four numbers, one every tenth of a second.
struct Beats {
    reactor: Handle,
    next: Sleep,
    count: u32,
}

impl Stream for Beats {
    type Item = u32;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<u32>> {
        if self.count == 4 {
            return Poll::Ready(None); // the end
        }
        ready!(Pin::new(&mut self.next).poll(context)); // not yet: return Pending
        self.next = sleep(&self.reactor, Duration::from_millis(100));
        self.count += 1;
        Poll::Ready(Some(self.count))
    }
}
// ANCHOR_END: beats

// ANCHOR: main
async fn listen(reactor: Handle) -> Result<(), Failure> {
    let beats = Beats {
        reactor: reactor.clone(),
        next: sleep(&reactor, Duration::from_millis(100)),
        count: 0,
    };
    let mut even = beats.filter(|n| ready(n % 2 == 0)).map(|n| n * 10);
    while let Some(n) = even.next().await {
        say!("{:.1}: {n}", reactor.now());
    }
    Ok(())
}
// ANCHOR_END: main

fn main() -> ExitCode {
    run(listen)
}

//! Who hears of the end, and may still clean up: a future dropped, a guard in it, a Deferred cancelled, a future asked.
use coroutines::{Either, run, select, sleep, spawn, timeout};
use deferreds::{Deferred, Failure};
use reactor::Handle;
use std::{cell::Cell, process::ExitCode, rc::Rc, time::Duration};
use trace::say;

const TENTH: Duration = Duration::from_millis(100);

// ANCHOR: book
/// Closing takes time: it has to wait, and so it cannot be done in a `drop`.
async fn close(reactor: &Handle) {
    sleep(reactor, 2 * TENTH).await;
    say!("{:.2}: the book is closed", reactor.now());
}

async fn write(reactor: &Handle) -> usize {
    for _ in 0..5 {
        sleep(reactor, TENTH).await; // an entry
    }
    close(reactor).await;
    5
}
// ANCHOR_END: book

// ANCHOR: guard
/// The best that `drop` can do: let another task close it, later.
struct Guard(Handle);

impl Drop for Guard {
    fn drop(&mut self) {
        let reactor = self.0.clone();
        drop(spawn(&self.0, async move {
            close(&reactor).await;
            Ok(())
        }));
    }
}
// ANCHOR_END: guard

// ANCHOR: cancelled
/// A Deferred whose canceller stops the writing, closes the book, and then answers with what there is.
fn deferred(reactor: &Handle) -> Deferred<usize> {
    let (h, entries) = (reactor.clone(), Rc::new(Cell::new(0)));
    let counted = entries.clone();
    let writing = spawn(reactor, async move {
        loop {
            sleep(&h, TENTH).await;
            counted.set(counted.get() + 1);
        }
    });
    let (stop, h) = (writing.canceller(), reactor.clone());
    let (resolver, count) = Deferred::with_canceller(move |answer| {
        stop.cancel();
        drop(spawn(&h.clone(), async move {
            close(&h).await;
            answer.callback(entries.get());
            Ok(())
        }));
    });
    drop(writing.add_both(|end: Result<usize, Failure>| {
        resolver.fire(end);
        Ok(())
    }));
    count
}
// ANCHOR_END: cancelled

// ANCHOR: asked
/// A future that is asked to end, and does it in its own time.
async fn until(reactor: &Handle, stop: Deferred<()>) -> usize {
    let (mut stop, mut entries) = (stop.into_future(), 0);
    while let Either::Right(()) = select(&mut stop, sleep(reactor, TENTH)).await {
        entries += 1;
    }
    close(reactor).await;
    entries
}
// ANCHOR_END: asked

// ANCHOR: main
async fn show(reactor: Handle) -> Result<(), Failure> {
    let limit = Duration::from_millis(250);

    say!("{:.2}: dropped", reactor.now());
    let end = timeout(&reactor, limit, write(&reactor)).await;
    say!("{:.2}: {end:?}", reactor.now());
    sleep(&reactor, 5 * TENTH).await;

    say!("{:.2}: dropped, with a guard", reactor.now());
    let guarded = async {
        let _guard = Guard(reactor.clone());
        write(&reactor).await
    };
    let end = timeout(&reactor, limit, guarded).await;
    say!("{:.2}: {end:?}", reactor.now());
    sleep(&reactor, 5 * TENTH).await;

    say!("{:.2}: a Deferred, cancelled", reactor.now());
    let count = deferred(&reactor);
    let canceller = count.canceller();
    reactor.call_later(limit, move |_| canceller.cancel());
    let end = count.await;
    say!("{:.2}: {end:?}", reactor.now());

    say!("{:.2}: a future, asked", reactor.now());
    let (stop, asked) = Deferred::new();
    reactor.call_later(limit, |_| stop.callback(()));
    let end = until(&reactor, asked).await;
    say!("{:.2}: {end} entries", reactor.now());
    Ok(())
}

fn main() -> ExitCode {
    run(show)
}
// ANCHOR_END: main

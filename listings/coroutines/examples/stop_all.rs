//! Tasks that are asked to end, and cancelled when they take too long.
use coroutines::{Either, run, select, sleep, spawn};
use deferreds::{Deferred, Failure, Resolver, deferred_list};
use reactor::Handle;
use std::{cell::RefCell, process::ExitCode, rc::Rc, time::Duration};
use trace::say;

// ANCHOR: stop
/// Tells everybody who listens that it is time to end.
#[derive(Clone, Default)]
struct Stop(Rc<RefCell<Listeners>>);

#[derive(Default)]
struct Listeners {
    stopped: bool,
    waiting: Vec<Resolver<()>>,
}

impl Stop {
    fn stopped(&self) -> Deferred<()> {
        let mut listeners = self.0.borrow_mut();
        if listeners.stopped {
            return Deferred::succeed(());
        }
        let (resolver, stopped) = Deferred::new();
        listeners.waiting.push(resolver);
        stopped
    }

    fn stop(&self) {
        self.0.borrow_mut().stopped = true;
        let waiting = std::mem::take(&mut self.0.borrow_mut().waiting);
        for resolver in waiting {
            resolver.callback(()); // nothing is borrowed while others run
        }
    }
}
// ANCHOR_END: stop

// ANCHOR: work
const TENTH: Duration = Duration::from_millis(100);

async fn work(reactor: Handle, stop: Stop, name: &str, closing: u32) -> Result<u32, Failure> {
    let (mut stopped, mut pages) = (stop.stopped().into_future(), 0);
    while let Either::Right(()) = select(&mut stopped, sleep(&reactor, TENTH)).await {
        pages += 1;
    }
    say!("{:.2}: {name} begins to close", reactor.now());
    sleep(&reactor, closing * TENTH).await;
    say!("{:.2}: {name} is closed", reactor.now());
    Ok(pages)
}
// ANCHOR_END: work

// ANCHOR: main
async fn manage(reactor: Handle) -> Result<(), Failure> {
    let stop = Stop::default();
    let all = deferred_list(
        [("ant", 1), ("bee", 3), ("snail", 50)].map(|(name, closing)| {
            spawn(&reactor, work(reactor.clone(), stop.clone(), name, closing))
        }),
    );

    sleep(&reactor, Duration::from_millis(250)).await;
    say!("{:.2}: please stop", reactor.now());
    stop.stop();

    let canceller = all.canceller();
    reactor.call_later(5 * TENTH, move |_| canceller.cancel());
    for result in all.await? {
        match result {
            Ok(pages) => say!("{:.2}: {pages} pages", reactor.now()),
            Err(failure) => say!("{:.2}: {failure}", reactor.now()),
        }
    }
    Ok(())
}

fn main() -> ExitCode {
    run(manage)
}
// ANCHOR_END: main

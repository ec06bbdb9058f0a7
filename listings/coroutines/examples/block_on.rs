//! `block_on` on the reactor: poll when woken, and turn the loop in between.
use deferreds::Failure;
use reactor::{Reactor, Remote};
use recital::{get_poem, recite};
use std::{
    future::Future,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};
use trace::say;

// ANCHOR: block_on
/// Notes that it was called, and ends the reactor's wait.
struct Knock {
    heard: AtomicBool,
    remote: Remote,
}

impl Wake for Knock {
    fn wake(self: Arc<Self>) {
        self.heard.store(true, Ordering::Release);
        self.remote.call(|_| {}); // nothing to do, but it ends the wait
    }
}

fn block_on<T>(
    reactor: &mut Reactor,
    future: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let mut future = pin!(future);
    let knock = Arc::new(Knock {
        heard: AtomicBool::new(true), // the first poll is owed
        remote: reactor.handle().remote(),
    });
    let waker = Waker::from(Arc::clone(&knock));
    let mut context = Context::from_waker(&waker);
    loop {
        if knock.heard.swap(false, Ordering::Acquire)
            && let Poll::Ready(result) = future.as_mut().poll(&mut context)
        {
            return result;
        }
        reactor.turn(None)?;
    }
}
// ANCHOR_END: block_on

// ANCHOR: use
fn main() -> Result<(), Failure> {
    let mut reactor = Reactor::from_env()?;
    let handle = reactor.handle();
    let addresses = recite(&handle, &["hope", "tyger"])?;

    let names = String::from("Hope and The Tyger");
    let lines = block_on(&mut reactor, async {
        let hope = get_poem(&handle, &addresses[0]).await?;
        let tyger = get_poem(&handle, &addresses[1]).await?;
        say!("{names} are here");
        Ok(hope.lines().count() + tyger.lines().count())
    })?;
    say!("{lines} lines");
    Ok(())
}
// ANCHOR_END: use

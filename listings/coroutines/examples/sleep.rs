//! `sleep` by hand: a timer of the reactor as a future.
use coroutines::block_on;
use deferreds::Failure;
use reactor::{DelayedCall, Handle, Reactor};
use std::{
    cell::RefCell,
    future::Future,
    pin::{Pin, pin},
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    time::Duration,
};
use trace::say;

// ANCHOR: sleep
/// What the timer and the future both know.
#[derive(Default)]
struct Shared {
    over: bool,
    waiting: Option<Waker>,
}

struct Sleep {
    shared: Rc<RefCell<Shared>>,
    timer: DelayedCall,
}

fn sleep(reactor: &Handle, time: Duration) -> Sleep {
    let shared = Rc::<RefCell<Shared>>::default();
    let for_timer = Rc::clone(&shared);
    let timer = reactor.call_later(time, move |_| {
        let mut shared = for_timer.borrow_mut();
        shared.over = true;
        let waiting = shared.waiting.take();
        drop(shared); // a waker may call anything, also us
        if let Some(waker) = waiting {
            waker.wake();
        }
    });
    Sleep { shared, timer }
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut shared = self.shared.borrow_mut();
        if shared.over {
            return Poll::Ready(());
        }
        shared.waiting = Some(context.waker().clone()); // the last one counts
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        let _ = self.timer.cancel(); // it may have fired
    }
}
// ANCHOR_END: sleep

// ANCHOR: waker
#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}
// ANCHOR_END: waker

fn main() -> Result<(), Failure> {
    let mut reactor = Reactor::from_env()?;
    let handle = reactor.handle();
    let tenths = |n: u64| Duration::from_millis(100 * n);

    // ANCHOR: await
    block_on(&mut reactor, async {
        say!("{:.1}: good night", handle.now());
        sleep(&handle, tenths(2)).await;
        say!("{:.1}: good morning", handle.now());
        Ok(())
    })?;
    // ANCHOR_END: await

    // ANCHOR: drop
    reactor.turn(Some(Duration::ZERO))?; // whatever is left of the last one
    let nap = sleep(&handle, tenths(36_000));
    say!("a timer is set: {}", reactor.next_deadline().is_some());
    drop(nap);
    say!("after the drop: {}", reactor.next_deadline().is_some());
    // ANCHOR_END: drop

    // ANCHOR: twice
    let [first, second] = [(); 2].map(|()| Arc::new(Count::default()));
    let mut nap = pin!(sleep(&handle, tenths(1)));
    for count in [&first, &second] {
        let waker = Waker::from(Arc::clone(count));
        let _ = nap.as_mut().poll(&mut Context::from_waker(&waker));
    }
    block_on(&mut reactor, async {
        sleep(&handle, tenths(2)).await;
        Ok(())
    })?;
    let calls = |count: &Count| count.0.load(Ordering::Relaxed);
    say!(
        "calls: {} of the first, {} of the second",
        calls(&first),
        calls(&second)
    );
    // ANCHOR_END: twice
    Ok(())
}

//! Wrong: the waker of a clone that was dropped is called all the same.
use std::{
    cell::RefCell,
    collections::BTreeMap,
    future::Future,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, Waker},
    time::Duration,
};
use untwisted::reactor::{DelayedCall, Handle};

#[derive(Debug, Default)]
struct Shared {
    rung: bool,
    /// How many clones were ever made.
    clones: u64,
    /// The waker of the task that waits for each clone.
    waiting: BTreeMap<u64, Waker>,
}

/// The delayed call, for as long as there is a clone.
#[derive(Debug)]
struct Timer(DelayedCall);

impl Drop for Timer {
    fn drop(&mut self) {
        let _ = self.0.cancel(); // it may have rung
    }
}

/// Is ready when it has rung. Each clone may be awaited by another task.
#[derive(Debug)]
pub struct Alarm {
    number: u64,
    shared: Rc<RefCell<Shared>>,
    timer: Rc<Timer>,
}

/// Rings `after` this call.
pub fn alarm(reactor: &Handle, after: Duration) -> Alarm {
    let shared = Rc::<RefCell<Shared>>::default();
    let for_call = Rc::clone(&shared);
    let call = reactor.call_later(after, move |_| {
        for_call.borrow_mut().rung = true;
        let waiting = std::mem::take(&mut for_call.borrow_mut().waiting);
        waiting.into_values().for_each(Waker::wake);
    });
    let timer = Rc::new(Timer(call));
    Alarm {
        number: 0,
        shared,
        timer,
    }
}

impl Clone for Alarm {
    fn clone(&self) -> Alarm {
        let mut shared = self.shared.borrow_mut();
        shared.clones += 1;
        Alarm {
            number: shared.clones,
            shared: Rc::clone(&self.shared),
            timer: Rc::clone(&self.timer),
        }
    }
}

impl Future for Alarm {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut shared = self.shared.borrow_mut();
        if shared.rung {
            return Poll::Ready(());
        }
        shared.waiting.insert(self.number, context.waker().clone());
        Poll::Pending
    }
}

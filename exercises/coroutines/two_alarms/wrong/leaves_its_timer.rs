//! Wrong: a dropped alarm leaves its timer with the reactor.
use std::{
    cell::RefCell,
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
    waiting: Option<Waker>,
}

/// Is ready when it has rung.
#[derive(Debug)]
pub struct Alarm {
    shared: Rc<RefCell<Shared>>,
    #[allow(dead_code)]
    call: DelayedCall,
}

/// Rings `after` this call.
pub fn alarm(reactor: &Handle, after: Duration) -> Alarm {
    let shared = Rc::<RefCell<Shared>>::default();
    let for_call = Rc::clone(&shared);
    let call = reactor.call_later(after, move |_| {
        for_call.borrow_mut().rung = true;
        let waiting = for_call.borrow_mut().waiting.take();
        if let Some(waker) = waiting {
            waker.wake();
        }
    });
    Alarm { shared, call }
}

impl Future for Alarm {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut shared = self.shared.borrow_mut();
        if shared.rung {
            return Poll::Ready(());
        }
        shared.waiting = Some(context.waker().clone());
        Poll::Pending
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        self.shared.borrow_mut().waiting = None;
    }
}

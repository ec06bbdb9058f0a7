//! Wrong: each poll starts the time again.
use std::{
    cell::RefCell,
    future::Future,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
    time::Duration,
};
use untwisted::reactor::{DelayedCall, Handle};

#[derive(Debug, Default)]
struct Shared {
    rung: bool,
}

/// Is ready when it has rung.
#[derive(Debug)]
pub struct Alarm {
    shared: Rc<RefCell<Shared>>,
    call: Option<DelayedCall>,
    reactor: Handle,
    after: Duration,
}

/// Rings `after` this call.
pub fn alarm(reactor: &Handle, after: Duration) -> Alarm {
    let shared = Rc::<RefCell<Shared>>::default();
    let reactor = reactor.clone();
    Alarm {
        shared,
        call: None,
        reactor,
        after,
    }
}

impl Clone for Alarm {
    fn clone(&self) -> Alarm {
        Alarm {
            shared: Rc::clone(&self.shared),
            call: None,
            reactor: self.reactor.clone(),
            after: self.after,
        }
    }
}

impl Future for Alarm {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.shared.borrow().rung {
            return Poll::Ready(());
        }
        let (shared, waker) = (Rc::clone(&self.shared), context.waker().clone());
        let after = self.after;
        let call = self.reactor.call_later(after, move |_| {
            shared.borrow_mut().rung = true;
            waker.wake();
        });
        self.call = Some(call);
        Poll::Pending
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        if let Some(call) = self.call.take() {
            let _ = call.cancel();
        }
    }
}

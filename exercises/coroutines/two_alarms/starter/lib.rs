//! One alarm for many: you write what the alarm does, and what a clone of it is.
use std::{
    cell::RefCell,
    future::Future,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, Waker},
    time::Duration,
};
use untwisted::reactor::{DelayedCall, Handle};

/// Enough for one waiting task.
#[derive(Debug, Default)]
struct Shared {
    rung: bool,
    waiting: Option<Waker>,
}

/// Is ready when it has rung. Each clone may be awaited by another task.
#[derive(Debug)]
pub struct Alarm {
    shared: Rc<RefCell<Shared>>,
    call: DelayedCall,
}

/// Rings `after` this call.
pub fn alarm(reactor: &Handle, after: Duration) -> Alarm {
    let shared = Rc::<RefCell<Shared>>::default();
    let for_call = Rc::clone(&shared);
    let call = reactor.call_later(after, move |_| {
        todo!("ring: {:?}", for_call.borrow());
    });
    Alarm { shared, call }
}

impl Clone for Alarm {
    fn clone(&self) -> Alarm {
        todo!("another who can wait for the same alarm: {:?}", self.call)
    }
}

impl Future for Alarm {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        todo!("ready or pending: {:?} {context:?}", self.shared.borrow())
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        // What is left behind when this clone is dropped? And when it was the last?
    }
}

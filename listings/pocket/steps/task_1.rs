//! Tasks: futures that the loop polls, each when it is woken.
use crate::deferred::{Deferred, Failure};
use crate::reactor::{Handle, Id, Source};
use std::task::{Context, Poll, Waker};
use std::{cell::Cell, pin::Pin, rc::Rc};

#[derive(Clone)]
pub struct Tasks {
    reactor: Handle,
}

impl Tasks {
    pub fn new(reactor: &Handle) -> Tasks {
        Tasks { reactor: reactor.clone() }
    }

    /// Polls the future in the next turn, and then whenever it is woken.
    pub fn spawn<T: 'static, F>(&self, future: F) -> Deferred<T>
    where
        F: Future<Output = Result<T, Failure>> + 'static,
    {
        let (resolver, deferred) = Deferred::new();
        let id = self.reactor.new_id();
        let waker = Waker::noop().clone();
        let future = Box::pin(async { resolver.fire(future.await) });
        let task = Rc::new(Task { waker, future: Cell::new(Some(future)) });
        self.reactor.register(id, task);
        self.reactor.call_soon(move |reactor| reactor.tell(id));
        deferred
    }
}

/// A task is a source: it is told when to go on.
struct Task {
    waker: Waker,
    /// Taken out while it is polled, so that it may do anything, even end itself.
    future: Cell<Option<Pin<Box<dyn Future<Output = ()>>>>>,
}

impl Source for Task {
    fn ready(self: Rc<Self>, reactor: &Handle, id: Id) {
        let Some(mut future) = self.future.take() else { return };
        match future.as_mut().poll(&mut Context::from_waker(&self.waker)) {
            Poll::Pending => self.future.set(Some(future)),
            Poll::Ready(()) => reactor.forget(id),
        }
    }
}

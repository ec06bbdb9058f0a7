//! Tasks: futures that the loop polls, each when it is woken.
use crate::deferred::{Deferred, Failure};
use crate::reactor::{Handle, Id, Source};
use crate::remote::Remote;
use std::task::{Context, Poll, Wake, Waker};
use std::{cell::Cell, io, pin::Pin, rc::Rc, sync::Arc};

#[derive(Clone)]
pub struct Tasks {
    reactor: Handle,
    remote: Remote,
}

impl Tasks {
    pub fn new(reactor: &Handle) -> io::Result<Tasks> {
        Ok(Tasks { reactor: reactor.clone(), remote: Remote::new(reactor)? })
    }

    /// Polls the future in the next turn, and then whenever it is woken.
    pub fn spawn<T: 'static, F>(&self, future: F) -> Deferred<T>
    where
        F: Future<Output = Result<T, Failure>> + 'static,
    {
        let (resolver, deferred) = Deferred::new();
        let id = self.reactor.new_id();
        let waker = Waker::from(Arc::new(TaskWaker(id, self.remote.clone())));
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

/// A waker may go to any thread, so it holds no task: a number, and a way to have it told.
struct TaskWaker(Id, Remote);

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        let id = self.0;
        self.1.call(move |reactor| reactor.tell(id));
    }
}

/// What a Deferred leaves for the task that awaits it, and the task's waker.
struct SharedState<T> {
    result: Cell<Option<Result<T, Failure>>>,
    waker: Cell<Option<Waker>>,
}

pub struct Awaited<T>(Rc<SharedState<T>>);

impl<T: 'static> IntoFuture for Deferred<T> {
    type Output = Result<T, Failure>;
    type IntoFuture = Awaited<T>;
    fn into_future(self) -> Awaited<T> {
        let shared = Rc::new(SharedState { result: Cell::new(None), waker: Cell::new(None) });
        let awaited = Awaited(shared.clone());
        self.on_result(move |result| {
            shared.result.set(Some(result));
            shared.waker.take().into_iter().for_each(Waker::wake);
        });
        awaited
    }
}

impl<T> Future for Awaited<T> {
    type Output = Result<T, Failure>;
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.waker.set(Some(context.waker().clone()));
        self.0.result.take().map_or(Poll::Pending, Poll::Ready)
    }
}

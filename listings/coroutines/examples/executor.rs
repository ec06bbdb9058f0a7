//! An executor on the reactor, in about a hundred lines.
use deferreds::{Deferred, Failure};
use reactor::{Handle, Reactor, Remote};
use std::{
    cell::{Cell, RefCell},
    collections::{HashMap, VecDeque},
    future::{Future, poll_fn},
    io, mem,
    pin::Pin,
    rc::Rc,
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
    time::Duration,
};
use trace::say;

// ANCHOR: executor
struct Task {
    future: Pin<Box<dyn Future<Output = ()>>>,
    waker: Waker,
}

/// The tasks of one reactor. They belong to it, so they are dropped with it.
#[derive(Default)]
struct Executor {
    made: Cell<usize>,
    tasks: RefCell<HashMap<usize, Task>>,
    woken: RefCell<VecDeque<usize>>,
    asked: Cell<bool>,
}

impl Executor {
    fn wake(&self, reactor: &Handle, number: usize) {
        self.woken.borrow_mut().push_back(number);
        self.ask_for_a_call(reactor);
    }

    fn ask_for_a_call(&self, reactor: &Handle) {
        if !self.asked.replace(true) {
            reactor.call_soon(|reactor| reactor.extension::<Executor>().poll_woken(reactor));
        }
    }

    fn poll_woken(&self, reactor: &Handle) {
        self.asked.set(false);
        for _ in 0..61 {
            let Some(number) = self.woken.borrow_mut().pop_front() else {
                return;
            };
            self.poll(number);
        }
        self.ask_for_a_call(reactor); // sockets and timers first, then the rest
    }

    fn poll(&self, number: usize) {
        // Out of the table while it runs: it may spawn, wake and cancel, and nothing of ours is borrowed.
        let task = self.tasks.borrow_mut().remove(&number);
        let Some(mut task) = task else {
            return; // woken when it was over
        };
        let mut context = Context::from_waker(&task.waker);
        if task.future.as_mut().poll(&mut context).is_pending() {
            self.tasks.borrow_mut().insert(number, task);
        }
    }
}
// ANCHOR_END: executor

// ANCHOR: waker
/// A number, and a way into the loop: both may go to any thread.
struct TaskWaker {
    number: usize,
    remote: Remote,
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        let number = self.number;
        self.remote
            .call(move |reactor| reactor.extension::<Executor>().wake(reactor, number));
    }
}
// ANCHOR_END: waker

// ANCHOR: spawn
fn spawn<T: 'static>(
    reactor: &Handle,
    future: impl Future<Output = Result<T, Failure>> + 'static,
) -> Deferred<T> {
    let executor = reactor.extension::<Executor>();
    let number = executor.made.get();
    executor.made.set(number + 1);

    let handle = reactor.clone();
    let (resolver, result) = Deferred::with_canceller(move |_| {
        let executor = handle.extension::<Executor>();
        let task = executor.tasks.borrow_mut().remove(&number);
        drop(task); // and with it the future, wherever it is
    });
    let remote = reactor.remote();
    let task = Task {
        future: Box::pin(async { resolver.fire(future.await) }),
        waker: Waker::from(Arc::new(TaskWaker { number, remote })),
    };
    executor.tasks.borrow_mut().insert(number, task);
    executor.wake(reactor, number); // the first poll is owed
    result
}
// ANCHOR_END: spawn

// ANCHOR: nap
/// A timer that is set by the first poll.
fn nap(reactor: &Handle, time: Duration) -> impl Future<Output = ()> {
    let reactor = reactor.clone();
    let over = Rc::new(Cell::new(false));
    let mut asked = false;
    poll_fn(move |context| {
        if over.get() {
            return Poll::Ready(());
        }
        if !mem::replace(&mut asked, true) {
            let (over, waker) = (Rc::clone(&over), context.waker().clone());
            reactor.call_later(time, move |_| {
                over.set(true);
                waker.wake();
            });
        }
        Poll::Pending
    })
}
// ANCHOR_END: nap

// ANCHOR: use
async fn greet(reactor: Handle, name: &str, tenths: u64) -> Result<usize, Failure> {
    say!("{:.1}: good night, {name}", reactor.now());
    nap(&reactor, Duration::from_millis(100 * tenths)).await;
    say!("{:.1}: good morning, {name}", reactor.now());
    Ok(name.len())
}

fn main() -> io::Result<()> {
    let mut reactor = Reactor::from_env()?;
    let handle = reactor.handle();

    let ada = spawn(&handle, greet(handle.clone(), "Ada", 2));
    let grace = spawn(&handle, greet(handle.clone(), "Grace", 1));
    let late = spawn(&handle, greet(handle.clone(), "Charles", 9));
    let give_up = late.canceller();

    let h = handle.clone();
    let all = spawn(&handle, async move {
        let letters = ada.await? + grace.await?; // a task is awaited by its Deferred
        say!("{:.1}: {letters} letters", h.now());
        give_up.cancel();
        say!("and {}", late.await.unwrap_err());
        Ok(h.stop()?)
    });
    reactor.run()?;
    drop(all);
    Ok(())
}
// ANCHOR_END: use

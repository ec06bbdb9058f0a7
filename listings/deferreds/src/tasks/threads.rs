//! Between threads: work done elsewhere as a Deferred here, and a Deferred here waited for
//! elsewhere.
use crate::{Deferred, Failure, Outcome, maybe_deferred};
use reactor::{AskError, Handle, Remote};
use std::{
    any::Any,
    cell::{Cell, RefCell},
    collections::BTreeMap,
    panic::Location,
    rc::Rc,
    sync::mpsc::{SyncSender, sync_channel},
};

/// Runs `work` in another thread, and fires here with its result.
///
/// `work` must not wait for the reactor. Cancelled, it fires [`Cancelled`](crate::Cancelled) at
/// once; a thread cannot be stopped from outside, so `work` runs to its end and its result is
/// dropped. A panic in `work` is a bug, not a failure: it goes on in the reactor's thread, and the
/// Deferred fires [`Abandoned`](crate::Abandoned) while it does. Dropping the reactor fires
/// [`Abandoned`](crate::Abandoned), too.
///
/// ```
/// use deferreds::defer_to_thread;
/// use reactor::{Os, Reactor};
///
/// let mut reactor = Reactor::new(Os::new()?);
/// let handle = reactor.handle();
/// let sum = defer_to_thread(&handle, || Ok((1..=1_000_u64).sum::<u64>()));
/// let shown = sum.add_callback(move |sum| {
///     handle.stop()?;
///     Ok(format!("the sum is {sum}"))
/// });
/// reactor.run()?;
/// assert_eq!(shown.into_result().unwrap().unwrap(), "the sum is 500500");
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// What `work` captures and returns must be allowed to go to another thread:
///
/// ```compile_fail,E0277
/// # let reactor = reactor::Reactor::new(reactor::Sim::new(1));
/// let poem = std::rc::Rc::new("Gather ye rosebuds");
/// let length = deferreds::defer_to_thread(&reactor.handle(), move || Ok(poem.len()));
/// ```
///
/// Source:
/// [`twisted.internet.threads.deferToThread`](https://docs.twisted.org/en/stable/api/twisted.internet.threads.html#deferToThread).
#[track_caller]
pub fn defer_to_thread<T: Send + 'static>(
    reactor: &Handle,
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Deferred<T> {
    let (resolver, deferred) = Deferred::new();
    reactor.offload(work, move |_, result| resolver.fire(result));
    deferred
}

/// Has the reactor call `f`, and waits in this thread until the outcome is there.
///
/// This is for other threads than the reactor's, which must never wait.
///
/// # Errors
/// The failure of the outcome; [`AskError::Gone`] when the reactor stops or is dropped before there
/// is one; [`AskError::Panicked`] when `f` panics, and [`Abandoned`](crate::Abandoned) when a stage
/// of its Deferred does; [`AskError::OwnThread`] when called in the reactor's own thread, which
/// would wait for itself.
///
/// ```
/// use deferreds::{blocking_call_from_thread, defer_later};
/// use reactor::{Os, Reactor};
/// use std::{thread, time::Duration};
///
/// let mut reactor = Reactor::new(Os::new()?);
/// let remote = reactor.handle().remote();
/// let worker = thread::spawn(move || {
///     let poem = blocking_call_from_thread(&remote, |h| {
///         defer_later(h, Duration::from_millis(1), |_| Ok("Gather ye rosebuds"))
///     });
///     remote.call(|h| h.stop().unwrap());
///     poem
/// });
/// reactor.run()?;
/// assert_eq!(worker.join().unwrap().unwrap(), "Gather ye rosebuds");
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// Source:
/// [`blockingCallFromThread`](https://docs.twisted.org/en/stable/api/twisted.internet.threads.html#blockingCallFromThread).
#[track_caller]
pub fn blocking_call_from_thread<R: Outcome>(
    remote: &Remote,
    f: impl FnOnce(&Handle) -> R + Send + 'static,
) -> Result<R::Value, Failure>
where
    R::Value: Send,
{
    let (sender, answer) = sync_channel(1);
    let at = Location::caller();
    remote.ask(move |reactor| {
        let question = Question::ask(reactor, sender);
        let outcome = maybe_deferred(|| f(reactor));
        outcome.told_at(at, move |result| {
            question.answer(result);
            Ok(())
        });
    })?;
    answer.recv().unwrap_or(Err(AskError::Gone.into()))
}

/// Threads that wait. The reactor owns what they wait for, so that they hear of its end, however it
/// comes.
#[derive(Default)]
struct Asked {
    next: Cell<u64>,
    waiting: RefCell<BTreeMap<u64, Box<dyn Any>>>,
    watched: Cell<bool>,
}

/// One of them, as the chain knows it.
struct Question<T> {
    asked: std::rc::Weak<Asked>,
    number: u64,
    _answer: std::marker::PhantomData<fn(T)>,
}

impl<T: 'static> Question<T> {
    fn ask(reactor: &Handle, sender: SyncSender<Result<T, Failure>>) -> Question<T> {
        let asked = reactor.extension::<Asked>();
        let number = asked.next.replace(asked.next.get() + 1);
        asked.waiting.borrow_mut().insert(number, Box::new(sender));
        if !asked.watched.replace(true) {
            let asked = Rc::downgrade(&asked);
            reactor.after_shutdown(move |_| {
                if let Some(asked) = asked.upgrade() {
                    drop(asked.waiting.take());
                }
            });
        }
        Question {
            asked: Rc::downgrade(&asked),
            number,
            _answer: std::marker::PhantomData,
        }
    }

    fn answer(self, result: Result<T, Failure>) {
        if let Some(Ok(sender)) = self
            .take_sender()
            .map(|sender| sender.downcast::<SyncSender<_>>())
        {
            // There is room for one, and no other sends.
            let _ = sender.send(result);
        }
    }
}

impl<T> Question<T> {
    fn take_sender(&self) -> Option<Box<dyn Any>> {
        let asked = self.asked.upgrade()?;
        asked.waiting.borrow_mut().remove(&self.number)
    }
}

impl<T> Drop for Question<T> {
    /// It has its answer, or never will: `f` has panicked.
    fn drop(&mut self) {
        drop(self.take_sender());
    }
}

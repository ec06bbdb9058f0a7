//! Looping calls whose beats may take their time, and whose end is a Deferred.
use crate::{Canceller, Deferred, Failure, Next, Outcome, Resolver, core::cancel::PassOn};
use reactor::{Handle, LoopingCall, Panics};
use scopeguard::defer_on_unwind;
use std::{
    cell::{Cell, RefCell},
    panic::Location,
    rc::Rc,
    time::Duration,
};

/// Calls `beat` in the next turn, and then once in every `interval`; the Deferred fires when there
/// will be no more.
///
/// A beat that returns a Deferred is waited for; the beats that are missed meanwhile are skipped,
/// and [`LoopingCall::count`] says how many intervals the next one stands for (Twisted's
/// `withCount`). A failure of a beat ends the loop, and the Deferred fires with it.
/// [`LoopingCall::stop`] ends it with `()`, after the beat that is under way. Cancelling the
/// Deferred stops the loop and cancels what the beat waits for; it then fires with what that
/// answers, or [`Cancelled`](crate::Cancelled). A panic of a beat, or of a stage of what it
/// returned, ends the loop and leaves [`Abandoned`](crate::Abandoned), as does dropping the
/// reactor. Dropping the two stops nothing.
///
/// ```
/// use deferreds::{defer_later, looping_call};
/// use reactor::{Reactor, Sim};
/// use std::time::Duration;
///
/// let mut reactor = Reactor::new(Sim::new(1));
/// let second = Duration::from_secs(1);
/// let (_looping, end) = looping_call(&reactor.handle(), second, move |h, looping| {
///     if looping.count() == 3 {
///         looping.stop();
///     }
///     // This takes 2.5 s: the beats at 1 s and 2 s are missed.
///     defer_later(h, second * 5 / 2, |_| Ok(()))
/// });
/// let end = end.add_callback({
///     let h = reactor.handle();
///     move |()| Ok(h.now().as_millis())
/// });
/// assert!(reactor.run().unwrap_err().is_stalled());
/// assert_eq!(end.into_result().unwrap().unwrap(), 5_500); // beats at 0 s and 3 s
/// ```
///
/// Source:
/// [`LoopingCall`](https://docs.twisted.org/en/stable/api/twisted.internet.task.LoopingCall.html).
#[track_caller]
pub fn looping_call<R: Outcome>(
    reactor: &Handle,
    interval: Duration,
    beat: impl FnMut(&Handle, &LoopingCall) -> R + 'static,
) -> (LoopingCall, Deferred<()>) {
    let end = Rc::new(Completion::default());
    let looping = LoopingCall::start(reactor, interval, beats(&end, beat));
    let deferred = promise(&end, &looping);
    (looping, deferred)
}

/// Does what [`looping_call`] does, with the first beat when one interval has passed. (Twisted's
/// `start(interval, now=False)`.)
#[track_caller]
pub fn looping_call_later<R: Outcome>(
    reactor: &Handle,
    interval: Duration,
    beat: impl FnMut(&Handle, &LoopingCall) -> R + 'static,
) -> (LoopingCall, Deferred<()>) {
    let end = Rc::new(Completion::default());
    let looping = LoopingCall::start_later(reactor, interval, beats(&end, beat));
    let deferred = promise(&end, &looping);
    (looping, deferred)
}

/// What the loop knows of its end.
#[derive(Default)]
struct Completion {
    resolver: Cell<Option<Resolver<()>>>,
    /// A beat is under way: its function runs, or what it returned has no result yet.
    working: Cell<bool>,
    /// There will be no more beats.
    over: Cell<bool>,
    cancelled: Cell<bool>,
    /// Of what the beat waits for.
    canceller: RefCell<Option<Canceller>>,
}

impl Completion {
    fn fire(&self, result: Result<(), Failure>) {
        match self.resolver.take() {
            Some(resolver) if self.cancelled.get() && result.is_ok() => resolver.cancelled(),
            Some(resolver) => resolver.fire(result),
            None => {}
        }
    }

    /// A beat is done.
    fn result(&self, looping: &LoopingCall, result: Result<(), Failure>) {
        self.working.set(false);
        drop(self.canceller.take());
        if result.is_err() {
            // What the loop captured is dropped, and that may panic.
            let mut panics = Panics::default();
            panics.catch(|| looping.stop());
            panics.catch(|| self.fire(result));
            panics.go_on();
        } else if self.over.get() {
            self.fire(result);
        }
    }
}

fn beats<R: Outcome>(
    end: &Rc<Completion>,
    mut beat: impl FnMut(&Handle, &LoopingCall) -> R + 'static,
) -> impl FnMut(&Handle, &LoopingCall) + 'static {
    let end = end.clone();
    move |reactor, looping| {
        end.working.set(true);
        let next = {
            // One that panics ends the loop without a result.
            defer_on_unwind! { drop(end.resolver.take()); }
            beat(reactor, looping).into_next()
        };
        match next {
            Next::Now(result) => end.result(looping, result.map(drop)),
            Next::Later(deferred) => {
                let (end, looping) = (end.clone(), looping.clone());
                *end.canceller.borrow_mut() = Some(deferred.canceller());
                // The next beat begins when this one is done.
                let hold = looping.hold();
                deferred.on_result(move |result| {
                    end.result(&looping, result.map(drop));
                    drop(hold);
                });
            }
        }
    }
}

#[track_caller]
fn promise(end: &Rc<Completion>, looping: &LoopingCall) -> Deferred<()> {
    // Weak, or they would keep each other alive.
    let (cancel, stop) = (Rc::downgrade(end), looping.clone());
    let undo = PassOn::to(move || {
        let Some(end) = cancel.upgrade() else { return };
        end.cancelled.set(true);
        // Both are told, also when the first one panics.
        let mut panics = Panics::default();
        panics.catch(|| stop.stop());
        let beat = end.canceller.borrow().clone();
        panics.catch(|| match beat {
            Some(beat) => beat.cancel(),
            None if end.working.get() => {}
            None => end.fire(Ok(())),
        });
        panics.go_on();
    });
    let (resolver, deferred) = Deferred::pair(Location::caller(), Some(undo));
    end.resolver.set(Some(resolver));
    let end = end.clone();
    looping.when_done(move |_| {
        end.over.set(true);
        if !end.working.get() {
            end.fire(Ok(()));
        }
    });
    deferred
}

//! Trying again after a failure, later and later: one way to write it.
use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    rc::Rc,
    time::Duration,
};
use untwisted::{
    deferreds::{Deferred, Next, Resolver, defer_later},
    reactor::Handle,
};

/// Tries; when that fails, waits for the first pause and tries again; and so on.
pub fn again<T: 'static>(
    reactor: &Handle,
    pauses: &[Duration],
    try_it: impl FnMut() -> Deferred<T> + 'static,
) -> Deferred<T> {
    let given_up = Rc::new(Cell::new(false));
    let pauses = pauses.iter().copied().collect();
    let tries = next(reactor.clone(), pauses, try_it, given_up.clone());
    // A cancel comes by here first: no failure tells for sure that there was one.
    let canceller = tries.canceller();
    let end: Rc<RefCell<Option<Resolver<T>>>> = Rc::default();
    let other_end = end.clone();
    let (resolver, result) = Deferred::with_canceller(move |instead| {
        given_up.set(true);
        other_end.replace(Some(instead));
        canceller.cancel();
    });
    end.replace(Some(resolver));
    drop(tries.add_both(move |result| {
        let end = end.take();
        if let Some(end) = end {
            end.fire(result);
        }
        Ok(())
    }));
    result
}

fn next<T: 'static>(
    reactor: Handle,
    mut pauses: VecDeque<Duration>,
    mut try_it: impl FnMut() -> Deferred<T> + 'static,
    given_up: Rc<Cell<bool>>,
) -> Deferred<T> {
    try_it().add_errback(move |failure| match pauses.pop_front() {
        Some(pause) if !given_up.get() => {
            Next::Later(defer_later(&reactor.clone(), pause, move |_| {
                next(reactor, pauses, try_it, given_up)
            }))
        }
        _ => Next::Now(Err(failure)),
    })
}

//! Wrong: takes the failure `Cancelled` for a cancel, and any other failure for none.
use std::{collections::VecDeque, time::Duration};
use untwisted::{
    deferreds::{Cancelled, Deferred, Next, defer_later},
    reactor::Handle,
};

/// Tries; when that fails, waits for the first pause and tries again; and so on.
pub fn again<T: 'static>(
    reactor: &Handle,
    pauses: &[Duration],
    try_it: impl FnMut() -> Deferred<T> + 'static,
) -> Deferred<T> {
    let pauses = pauses.iter().copied().collect();
    next(reactor.clone(), pauses, try_it)
}

fn next<T: 'static>(
    reactor: Handle,
    mut pauses: VecDeque<Duration>,
    mut try_it: impl FnMut() -> Deferred<T> + 'static,
) -> Deferred<T> {
    try_it().add_errback(move |failure| {
        // A caller that cancelled wants no other try.
        if failure.check::<Cancelled>().is_some() {
            return Next::Now(Err(failure));
        }
        match pauses.pop_front() {
            None => Next::Now(Err(failure)),
            Some(pause) => Next::Later(defer_later(&reactor.clone(), pause, move |_| {
                next(reactor, pauses, try_it)
            })),
        }
    })
}

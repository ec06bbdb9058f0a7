//! Wrong: timers that cannot be cancelled.
use std::{collections::VecDeque, time::Duration};
use untwisted::{
    deferreds::{Deferred, Resolver},
    reactor::Handle,
};

/// Tries; when that fails, waits for the first pause and tries again; and so on.
pub fn again<T: 'static>(
    reactor: &Handle,
    pauses: &[Duration],
    try_it: impl FnMut() -> Deferred<T> + 'static,
) -> Deferred<T> {
    let (resolver, deferred) = Deferred::new();
    next(
        reactor.clone(),
        pauses.iter().copied().collect(),
        try_it,
        resolver,
    );
    deferred
}

fn next<T: 'static>(
    reactor: Handle,
    mut pauses: VecDeque<Duration>,
    mut try_it: impl FnMut() -> Deferred<T> + 'static,
    resolver: Resolver<T>,
) {
    drop(try_it().add_both(move |result| {
        match (result, pauses.pop_front()) {
            (Err(_), Some(pause)) => {
                let again = reactor.clone();
                reactor.call_later(pause, move |_| next(again, pauses, try_it, resolver));
            }
            (result, _) => resolver.fire(result),
        }
        Ok(())
    }));
}

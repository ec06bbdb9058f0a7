//! Trying again after a failure, later and later: you write `again`.
use std::time::Duration;
use untwisted::{deferreds::Deferred, reactor::Handle};

/// Tries; when that fails, waits for the first pause and tries again; and so on.
pub fn again<T: 'static>(
    reactor: &Handle,
    pauses: &[Duration],
    mut try_it: impl FnMut() -> Deferred<T> + 'static,
) -> Deferred<T> {
    let _ = (reactor, pauses, try_it());
    todo!()
}

//! Several questions that were asked together: all of them, or the first failure.
use deferreds::{Deferred, DeferredList, FirstError};

/// Fires with all values in their order, or fails as the first one that does. The failures behind
/// that one follow from it most of the time, such as `25P02` or a lost connection, and are not
/// reported as unhandled.
#[track_caller]
pub(crate) fn all<T: 'static>(members: impl IntoIterator<Item = Deferred<T>>) -> Deferred<Vec<T>> {
    let list = DeferredList::new(members).consume_errors();
    list.fire_on_one_errback().add_errback(|failure| {
        let first: FirstError = failure.trap()?;
        Err(first.failure)
    })
}

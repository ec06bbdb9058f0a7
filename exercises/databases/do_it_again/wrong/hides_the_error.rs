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
    attempt(tries, Box::new(work))
}

fn attempt<T: 'static>(left: u32, work: Box<dyn Fn() -> Deferred<T>>) -> Deferred<T> {
    work().add_both(move |result| match result {
        Err(failure) if left > 1 && collided(&failure) => attempt(left - 1, work),
        Err(failure) if collided(&failure) => Deferred::fail(Failure::new("too many collisions")),
        result => Deferred::ready(result),
    })
}

fn collided(failure: &Failure) -> bool {
    failure
        .check::<DatabaseError>()
        .is_some_and(|error| error.code == "40001")
}

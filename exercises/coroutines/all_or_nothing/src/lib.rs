//! All or nothing: you write the body of `all_or_nothing`.
use std::{future::Future, pin::Pin};
use untwisted::{deferreds::Failure, reactor::Handle};

/// What is to be done, and may fail.
pub type Job<T> = Pin<Box<dyn Future<Output = Result<T, Failure>>>>;

/// Does all jobs, each as a task of its own, at most `limit` at a time, and returns their values.
/// When one fails, the others are cancelled.
pub async fn all_or_nothing<T: 'static>(
    reactor: &Handle,
    limit: usize,
    jobs: Vec<Job<T>>,
) -> Result<Vec<T>, Failure> {
    todo!("{:?} {limit} {}", reactor.now(), jobs.len())
}

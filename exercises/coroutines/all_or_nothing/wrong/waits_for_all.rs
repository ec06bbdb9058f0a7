//! Wrong: it looks for a failure when all are over.
use std::{future::Future, pin::Pin};
use untwisted::{
    coroutines::{join_all, spawn},
    deferreds::Failure,
    reactor::Handle,
};

/// What is to be done, and may fail.
pub type Job<T> = Pin<Box<dyn Future<Output = Result<T, Failure>>>>;

/// Does all jobs, each as a task of its own, at most `limit` at a time, and returns their values.
/// When one fails, the others are cancelled.
pub async fn all_or_nothing<T: 'static>(
    reactor: &Handle,
    limit: usize,
    jobs: Vec<Job<T>>,
) -> Result<Vec<T>, Failure> {
    let _ = limit;
    let tasks: Vec<_> = jobs.into_iter().map(|job| spawn(reactor, job)).collect();
    join_all(tasks).await.into_iter().collect()
}

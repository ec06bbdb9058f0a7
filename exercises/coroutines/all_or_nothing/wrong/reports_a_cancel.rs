//! Wrong: it cancels all when one fails, and reports the first failure in the list.
use std::{future::Future, pin::Pin, rc::Rc};
use untwisted::{
    coroutines::{join_all, spawn},
    deferreds::{Canceller, Failure},
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
    let cancellers: Vec<Canceller> = tasks.iter().map(|task| task.canceller()).collect();
    let cancellers = Rc::new(cancellers);
    let watched = tasks.into_iter().map(|task| {
        let cancellers = Rc::clone(&cancellers);
        task.add_errback(move |failure| {
            for canceller in cancellers.iter() {
                canceller.cancel();
            }
            Err(failure)
        })
    });
    join_all(watched).await.into_iter().collect()
}

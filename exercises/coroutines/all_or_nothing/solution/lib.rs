//! All or nothing: who awaits a task cancels it when he goes.
use std::{
    future::{Future, IntoFuture, poll_fn},
    pin::Pin,
    task::Poll,
};
use untwisted::{coroutines::spawn, deferreds::Failure, reactor::Handle};

/// What is to be done, and may fail.
pub type Job<T> = Pin<Box<dyn Future<Output = Result<T, Failure>>>>;

/// Does all jobs, each as a task of its own, at most `limit` at a time, and returns their values.
/// When one fails, the others are cancelled.
pub async fn all_or_nothing<T: 'static>(
    reactor: &Handle,
    limit: usize,
    jobs: Vec<Job<T>>,
) -> Result<Vec<T>, Failure> {
    let mut values: Vec<_> = jobs.iter().map(|_| None).collect();
    let mut waiting = jobs.into_iter().enumerate();
    let mut going = Vec::new();
    poll_fn(|context| {
        loop {
            while going.len() < limit
                && let Some((place, job)) = waiting.next()
            {
                going.push((place, spawn(reactor, job).into_future()));
            }
            let before = going.len();
            for at in (0..before).rev() {
                let (place, task) = &mut going[at];
                if let Poll::Ready(result) = Pin::new(task).poll(context) {
                    values[*place] = Some(result?);
                    drop(going.swap_remove(at)); // it has its value
                }
            }
            if going.is_empty() && waiting.len() == 0 {
                return Poll::Ready(Ok::<_, Failure>(()));
            }
            if going.len() == before {
                return Poll::Pending;
            }
            // A place is free: the task that takes it must be polled once, so that it can wake us.
        }
    })
    .await?; // on a failure `going` and `waiting` are dropped here: what awaits a task cancels it
    Ok(values.into_iter().flatten().collect())
}

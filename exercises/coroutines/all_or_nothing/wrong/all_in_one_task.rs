//! Wrong: the jobs are polled together in one task, so none of them is a task of its own.
use std::{
    future::{Future, poll_fn},
    pin::Pin,
    task::Poll,
};
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
    let _ = limit;
    let _ = reactor;
    let mut waiting: Vec<_> = jobs.into_iter().map(|job| (job, None)).collect();
    poll_fn(|context| {
        let mut done = true;
        for (job, value) in &mut waiting {
            if value.is_some() {
                continue;
            }
            match job.as_mut().poll(context) {
                Poll::Ready(result) => *value = Some(result?),
                Poll::Pending => done = false,
            }
        }
        if done {
            Poll::Ready(Ok::<_, Failure>(()))
        } else {
            Poll::Pending
        }
    })
    .await?;
    Ok(waiting.into_iter().filter_map(|(_, value)| value).collect())
}

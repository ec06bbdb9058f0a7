//! Wrong: all jobs begin at once, however many there are.
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
    let _ = limit;
    let mut waiting: Vec<_> = jobs
        .into_iter()
        .map(|job| (spawn(reactor, job).into_future(), None))
        .collect();
    poll_fn(|context| {
        let mut done = true;
        for (task, value) in &mut waiting {
            if value.is_some() {
                continue;
            }
            match Pin::new(task).poll(context) {
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
    .await?; // on a failure `waiting` is dropped here: what awaits a task cancels it
    Ok(waiting.into_iter().filter_map(|(_, value)| value).collect())
}

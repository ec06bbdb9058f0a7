//! Blocking work of one kind, in so many threads at once and no more.
use deferreds::{Deferred, Failure, Guard, Semaphore};
use reactor::Handle;

/// So many of the reactor's threads for one kind of blocking work.
///
/// The reactor has ten threads for all that blocks. If ten questions to a slow database hold them all, nobody can read
/// a file. A limit of four for the database leaves six to others; its fifth question waits in a line, in order.
///
/// Work that was cancelled in the line never begins. Work that has begun cannot be stopped: the Deferred fires
/// [`Cancelled`](deferreds::Cancelled) at once, and the place is taken until the thread is done. At the end the
/// reactor waits for what has begun, as it does for [`defer_to_thread`](deferreds::defer_to_thread).
///
/// ```
/// use applications::Threads;
/// use reactor::{Os, Reactor};
///
/// let mut reactor = Reactor::new(Os::new()?);
/// let handle = reactor.handle();
/// let hashes = Threads::new(2);
/// let sum = hashes.run(&handle, || Ok((1..=1_000_u64).sum::<u64>()));
/// let shown = sum.add_callback(move |sum| {
///     handle.stop()?;
///     Ok(sum)
/// });
/// reactor.run()?;
/// assert_eq!(shown.into_result().unwrap()?, 500_500);
/// # Ok::<(), deferreds::Failure>(())
/// ```
///
/// Source: [`deferToThreadPool`](https://docs.twisted.org/en/stable/api/twisted.internet.threads.html#deferToThreadPool).
#[derive(Clone)]
pub struct Threads(Semaphore);

impl Threads {
    /// At most `size` at once; 0 counts as 1.
    #[must_use]
    pub fn new(size: usize) -> Threads {
        Threads(Semaphore::new(size.max(1)))
    }

    /// Runs `work` in a thread when one of ours is free, and fires with its result.
    #[track_caller]
    pub fn run<T: Send + 'static>(
        &self,
        reactor: &Handle,
        work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
    ) -> Deferred<T> {
        let reactor = reactor.clone();
        let place = self.0.acquire();
        place.add_callback(move |place: Guard| {
            let (resolver, deferred) = Deferred::new();
            // The place goes back when the thread is done, and not when somebody gives up.
            reactor.offload(work, move |_, result| {
                drop(place);
                resolver.fire(result);
            });
            deferred
        })
    }

    /// How many work, or hold a place after they were given up.
    #[must_use]
    pub fn busy(&self) -> usize {
        self.0.limit() - self.0.free()
    }

    /// How many wait in the line.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.0.waiting()
    }
}

//! tokio in a thread beside our reactor: its tasks run there, and their results come here.
use coroutines::spawn;
use deferreds::{Cancelled, Deferred, Failure};
use reactor::Handle;
use std::{io, panic::resume_unwind, thread};
use tokio::{
    runtime::{self, Builder},
    sync::oneshot,
    task::AbortHandle,
};

/// A tokio runtime in a thread of its own. Dropped, it drops its tasks, stops, and joins the
/// thread.
///
/// ```
/// use coroutines::block_on;
/// use coroutines_lab::tokio_beside::TokioBeside;
/// use reactor::{Os, Reactor};
/// use std::time::Duration;
///
/// let mut reactor = Reactor::new(Os::new()?);
/// let tokio = TokioBeside::start()?;
/// let answer = tokio.spawn(&reactor.handle(), async {
///     tokio::time::sleep(Duration::from_millis(1)).await; // tokio's timer, in tokio's thread
///     Ok(42)
/// });
/// let answer = block_on(&mut reactor, async { answer.await });
/// assert_eq!(answer.unwrap(), 42);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct TokioBeside {
    runtime: runtime::Handle,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<thread::JoinHandle<()>>,
}

/// Aborts the tokio task when the one who waits for it is gone.
struct Abort(AbortHandle);

impl Drop for Abort {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl TokioBeside {
    /// Starts the thread.
    ///
    /// # Errors
    /// When there is no descriptor for its poll, or no thread.
    pub fn start() -> io::Result<TokioBeside> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel();
        let thread = thread::Builder::new()
            .name("tokio".to_owned())
            .spawn(move || {
                // Both a message and a dropped sender mean the end.
                let _ = runtime.block_on(stopped);
            })?;
        Ok(TokioBeside {
            runtime: handle,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    // ANCHOR: spawn
    /// Runs `future` in tokio's thread. The Deferred fires here with its result; cancelling it
    /// aborts the tokio task. A panic of the task goes on in the reactor's thread. When the runtime
    /// is dropped first, it fires [`Cancelled`].
    #[track_caller]
    pub fn spawn<T, F>(&self, reactor: &Handle, future: F) -> Deferred<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Failure>> + Send + 'static,
    {
        let task = self.runtime.spawn(future);
        let abort = Abort(task.abort_handle());
        // A JoinHandle is a future for any executor: tokio's thread wakes our task.
        spawn(reactor, async move {
            let _abort = abort;
            match task.await {
                Ok(result) => result,
                Err(error) if error.is_panic() => resume_unwind(error.into_panic()),
                Err(_) => Err(Cancelled.into()),
            }
        })
    }
    // ANCHOR_END: spawn
}

impl Drop for TokioBeside {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // It panics only if tokio itself does, and then there is nothing left to do.
            let _ = thread.join();
        }
    }
}

//! Our reactor hosted by tokio: tokio waits, and turns the reactor when it has something to do.
use reactor::Reactor;
use std::{
    cell::Cell,
    future::pending,
    io,
    os::fd::{AsRawFd, RawFd},
    sync::Arc,
    task::Wake,
    time::Duration,
};
use tokio::{
    io::{Interest, unix::AsyncFd},
    sync::Notify,
};

/// The descriptor of the reactor's poll. It is the reactor's, so nothing is closed here.
struct Descriptor(RawFd);

impl AsRawFd for Descriptor {
    fn as_raw_fd(&self) -> RawFd {
        self.0
    }
}

/// Work was added between two turns: the host must look when the next turn is due.
struct Changed(Notify);

impl Wake for Changed {
    fn wake(self: Arc<Self>) {
        self.0.notify_one();
    }
}

/// While it lives, the reactor tells the host of new work.
struct Hosted<'r>(&'r mut Reactor);

impl Drop for Hosted<'_> {
    fn drop(&mut self) {
        self.0.on_change(None);
    }
}

/// How many turns there were, and in how many of them nothing ran.
#[derive(Debug, Default)]
pub struct Turns {
    /// All of them.
    pub all: Cell<u64>,
    /// Those in which no callback ran.
    pub empty: Cell<u64>,
}

/// Turns the reactor inside tokio until it is stopped. Everything stays in one thread, so what the
/// reactor hands out (Deferreds, handles) can be used in the same `LocalSet`. Dropping what this
/// returns only pauses the reactor.
///
/// ```
/// use coroutines_lab::hosted_by_tokio::host;
/// use reactor::{Os, Reactor};
/// use std::time::Duration;
///
/// let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// tokio::task::LocalSet::new().block_on(&runtime, async {
///     let mut reactor = Reactor::new(Os::new()?);
///     reactor.handle().call_later(Duration::from_millis(1), |h| h.stop().unwrap());
///     host(&mut reactor).await
/// })?;
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// Those of the world; what was passed to [`Handle::fail`](reactor::Handle::fail), as a text;
/// `Unsupported` when its world has no descriptor to watch, as the simulated one.
pub async fn host(reactor: &mut Reactor) -> io::Result<()> {
    host_counted(reactor, &Turns::default()).await
}

/// Like [`host`], and counts the turns.
///
/// # Errors
/// As [`host`].
// ANCHOR: host
pub async fn host_counted(reactor: &mut Reactor, turns: &Turns) -> io::Result<()> {
    let descriptor = reactor.as_raw_fd().ok_or(io::ErrorKind::Unsupported)?;
    let changed = Arc::new(Changed(Notify::new()));
    reactor.on_change(Some(changed.clone().into()));
    let hosted = Hosted(reactor);
    failed(hosted.0)?; // before it began
    loop {
        let ran = hosted.0.turn(Some(Duration::ZERO))?;
        turns.all.set(turns.all.get() + 1);
        turns.empty.set(turns.empty.get() + u64::from(ran == 0));
        failed(hosted.0)?;
        if hosted.0.has_stopped() {
            return Ok(());
        }
        let now = hosted.0.handle().now();
        let rest = hosted.0.next_deadline().map(|deadline| deadline - now);
        if rest == Some(Duration::ZERO) {
            // There is more to do at once; tokio's other tasks go first.
            tokio::task::yield_now().await;
            continue;
        }
        // Each time again: that tells what is ready already, too. One wait tells at most so many
        // events, and an old watch tells only of those that are new, so the rest would never come.
        let descriptor = watch(descriptor)?;
        let alarm = async {
            match rest {
                Some(rest) => tokio::time::sleep(rest).await,
                None => pending().await,
            }
        };
        tokio::select! {
            ready = descriptor.readable() => drop(ready?),
            () = alarm => {}
            () = changed.0.notified() => {}
        }
    }
}
// ANCHOR_END: host

/// What was passed to `Handle::fail`.
fn failed(reactor: &mut Reactor) -> io::Result<()> {
    match reactor.take_failure() {
        Some(error) => Err(error.into()),
        None => Ok(()),
    }
}

/// Has tokio watch the descriptor.
fn watch(descriptor: RawFd) -> io::Result<AsyncFd<Descriptor>> {
    // tokio 1.54 deprecates this for an `unsafe` function, whose caller must promise that the
    // descriptor stays open. Here it does: the reactor is borrowed for longer than the watch lives.
    // And we write no unsafe code.
    #[allow(deprecated)]
    AsyncFd::with_interest(Descriptor(descriptor), Interest::READABLE)
}

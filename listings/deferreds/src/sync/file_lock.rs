//! A lock between processes: a file, which one of them holds.
use crate::{Deferred, Guard, Lock, Next, Resolver};
use nix::{
    errno::Errno,
    fcntl::{Flock, FlockArg},
};
use reactor::{DelayedCall, Handle};
use std::{
    cell::Cell,
    fmt,
    fs::{File, OpenOptions},
    io,
    path::{Path, PathBuf},
    rc::Rc,
    time::Duration,
};

/// Held by one process at a time: by the one that has locked the file. Clones are about the same
/// lock.
///
/// A process that does not get it looks again, once a second by the reactor's clock, until it does.
/// Those of one process that use clones of one `FileLock` wait in line, and one of them looks;
/// between processes there is no order.
///
/// The operating system keeps the lock
/// ([`flock(2)`](https://man7.org/linux/man-pages/man2/flock.2.html)) and releases it when its
/// holder ends, however it ends. So a lock never becomes stale. Twisted's makes a symbolic link
/// that names the holder's process id, and must guess whether that process still lives, though its
/// number may be another's by now. The file is empty, and stays when the lock is released: if it
/// were removed, one could lock the removed file while another makes and locks a new one. Only
/// those who ask are kept out; any process can read and write the file.
///
/// (`File::try_lock` of the standard library does the same from Rust 1.89 on; this book supports
/// 1.88.)
///
/// ```
/// use deferreds::FileLock;
/// use reactor::{Reactor, Sim};
/// use std::time::Duration;
///
/// let mut reactor = Reactor::new(Sim::new(1));
/// let path = std::env::temp_dir().join(format!("untwisted-{}.lock", std::process::id()));
/// let (mine, yours) = (FileLock::new(&path), FileLock::new(&path));
///
/// let held = mine.try_acquire()?.expect("it is free");
/// let waiting = yours.acquire(&reactor.handle());
/// // It is let go after 1.5 s, and the one that waits looks again after 1 s and 2 s.
/// reactor.handle().call_later(Duration::from_millis(1_500), |_| drop(held));
/// assert!(reactor.run().unwrap_err().is_stalled());
/// assert_eq!(reactor.handle().now().as_millis(), 2_000);
/// assert!(waiting.into_result().unwrap().is_ok());
/// # std::fs::remove_file(path)?;
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// Source:
/// [`DeferredFilesystemLock`](https://docs.twisted.org/en/stable/api/twisted.internet.defer.DeferredFilesystemLock.html).
#[derive(Clone)]
pub struct FileLock {
    path: Rc<Path>,
    interval: Duration,
    /// Only the first in line looks at the file.
    line: Lock,
}

impl FileLock {
    /// Returns the lock that this file stands for. The file is made when it is locked for the first
    /// time; its folder must exist.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> FileLock {
        FileLock {
            path: path.into().into(),
            interval: Duration::from_secs(1),
            line: Lock::new(),
        }
    }

    /// Looks again after this time instead of a second.
    #[must_use]
    pub fn every(mut self, interval: Duration) -> FileLock {
        self.interval = interval;
        self
    }

    /// Waits until it is free. Looks at once, if none of this process waits.
    ///
    /// Cancelled, it looks no more. [`add_timeout`](Deferred::add_timeout) ends the wait after some
    /// time. It fails with the [`io::Error`] when the file can be neither opened nor made.
    #[track_caller]
    pub fn acquire(&self, reactor: &Handle) -> Deferred<FileGuard> {
        let (reactor, lock) = (reactor.clone(), self.clone());
        // One of this process looks at a time; the others would look in vain.
        self.line.acquire().add_callback(move |guard| {
            let guard = match lock.look(guard) {
                Ok(Look::Held(held)) => return Next::Now(Ok(held)),
                Ok(Look::Busy(guard)) => guard,
                Err(error) => return Next::Now(Err(error.into())),
            };
            let timer = Rc::new(Cell::new(None::<DelayedCall>));
            let undo = timer.clone();
            let (resolver, deferred) = Deferred::with_canceller(move |instead| {
                if let Some(timer) = undo.take() {
                    // It is still to come, or none would wait.
                    let _ = timer.cancel();
                }
                drop(instead);
            });
            let looking = Looking {
                lock,
                guard,
                resolver,
                timer,
            };
            looking.later(&reactor);
            Next::Later(deferred)
        })
    }

    /// Returns the lock, if no process holds it and none of this process waits for it.
    ///
    /// # Errors
    /// When the file can be neither opened nor made.
    #[track_caller]
    pub fn try_acquire(&self) -> io::Result<Option<FileGuard>> {
        let Some(guard) = self.line.try_acquire() else {
            return Ok(None);
        };
        match self.look(guard)? {
            Look::Held(held) => Ok(Some(held)),
            Look::Busy(_) => Ok(None),
        }
    }

    /// Opens the file each time: it may have been made again meanwhile.
    fn look(&self, guard: Guard) -> io::Result<Look> {
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&self.path)?;
        match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
            Ok(file) => Ok(Look::Held(FileGuard {
                _file: file,
                _guard: guard,
            })),
            Err((_, Errno::EWOULDBLOCK | Errno::EINTR)) => Ok(Look::Busy(guard)),
            Err((_, error)) => Err(error.into()),
        }
    }
}

/// What a look at the file found.
enum Look {
    Held(FileGuard),
    /// Another one holds it; the place in line comes back.
    Busy(Guard),
}

/// One who looks again and again. The timer owns it.
struct Looking {
    lock: FileLock,
    guard: Guard,
    resolver: Resolver<FileGuard>,
    timer: Rc<Cell<Option<DelayedCall>>>,
}

impl Looking {
    fn later(self, reactor: &Handle) {
        let timer = self.timer.clone();
        let interval = self.lock.interval;
        let call = reactor.call_later(interval, |reactor| self.again(reactor));
        timer.set(Some(call));
    }

    fn again(mut self, reactor: &Handle) {
        match self.lock.look(self.guard) {
            Ok(Look::Held(held)) => self.resolver.callback(held),
            Ok(Look::Busy(guard)) => {
                self.guard = guard;
                self.later(reactor);
            }
            Err(error) => self.resolver.errback(error),
        }
    }
}

impl fmt::Debug for FileLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileLock")
            .field("path", &self.path)
            .field("waiting", &self.line.waiting())
            .finish()
    }
}

/// A [`FileLock`] that is held. Its drop releases it; it cannot be released twice.
///
/// ```compile_fail,E0382
/// let lock = deferreds::FileLock::new("a.lock");
/// let held = lock.try_acquire().unwrap().unwrap();
/// drop(held);
/// drop(held);
/// ```
#[must_use = "dropping it releases the lock"]
pub struct FileGuard {
    // In this order: the next in line finds the file unlocked.
    _file: Flock<File>,
    _guard: Guard,
}

impl fmt::Debug for FileGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FileGuard")
    }
}

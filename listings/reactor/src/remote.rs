//! Calls from other threads: a mailbox behind an atomic flag, and a waker.
use crate::{
    AskError, Handle,
    panics::{contain, release, released},
};
use scopeguard::defer;
use std::{
    collections::VecDeque,
    fmt, mem,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    task::Waker,
    thread::{self, ThreadId},
};

/// A call that came from another thread, and whether it brings the result of a job.
pub(crate) struct Letter {
    pub(crate) job: Option<usize>,
    pub(crate) call: Call,
}

/// What is called.
pub(crate) enum Call {
    Once(Box<dyn FnOnce(&Handle) + Send>),
    Message(Arc<dyn Message>),
}

impl Call {
    #[inline]
    pub(crate) fn make(self, reactor: &Handle) {
        match self {
            Call::Once(call) => call(reactor),
            Call::Message(message) => {
                let _kept = released(Arc::clone(&message));
                message.arrive(reactor);
            }
        }
    }
}

/// What one thread sends to the reactor again and again, such as the waker of a task. Sending it allocates nothing.
/// See [`Remote::send`].
pub trait Message: Send + Sync {
    /// It has arrived, in the reactor's thread.
    fn arrive(self: Arc<Self>, reactor: &Handle);
}

/// What the reactor and its remotes share.
pub(crate) struct Mailbox {
    /// Whether there are letters: the only thing that a turn without letters looks at.
    full: AtomicBool,
    inside: Mutex<Inside>,
    /// Ends the world's wait.
    waker: Waker,
    /// The reactor's own thread.
    thread: ThreadId,
}

#[derive(Default)]
struct Inside {
    letters: VecDeque<Letter>,
    /// Who turns the reactor, and wants to hear of new work.
    host: Option<Arc<Waker>>,
    closed: bool,
}

impl Mailbox {
    pub(crate) fn new(waker: Waker) -> Arc<Mailbox> {
        Arc::new(Mailbox {
            full: AtomicBool::new(false),
            inside: Mutex::default(),
            waker,
            thread: thread::current().id(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Inside> {
        // Nothing panics while the lock is held, so a poisoned one is as good as any.
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a letter in and wakes the reactor, unless it has been woken and not looked yet.
    /// After the stop the letter is dropped, by its sender's thread.
    fn post(&self, letter: Letter) {
        let mut inside = self.lock();
        if inside.closed {
            drop(inside);
            return release(letter);
        }
        inside.letters.push_back(letter);
        // It changes only under the lock.
        if !self.full.load(Ordering::Relaxed) {
            self.full.store(true, Ordering::Release);
            let host = inside.host.clone();
            drop(inside);
            contain(|| self.waker.wake_by_ref());
            if let Some(host) = host {
                contain(|| host.wake_by_ref());
            }
        }
    }

    /// Whether there are letters.
    #[inline]
    pub(crate) fn is_full(&self) -> bool {
        self.full.load(Ordering::Acquire)
    }

    /// Moves all letters behind those in `to`.
    #[inline]
    pub(crate) fn empty_into(&self, to: &mut VecDeque<Letter>) {
        if self.is_full() {
            let mut inside = self.lock();
            self.full.store(false, Ordering::Release);
            if to.is_empty() {
                mem::swap(&mut inside.letters, to);
            } else {
                to.append(&mut inside.letters);
            }
        }
    }

    pub(crate) fn set_host(&self, host: Option<Waker>) {
        let before = mem::replace(&mut self.lock().host, host.map(Arc::new));
        release(before); // once the lock is open: it is somebody else's code
    }

    /// Refuses letters from now on, and gives those that nobody will read.
    pub(crate) fn close(&self) -> VecDeque<Letter> {
        let mut inside = self.lock();
        inside.closed = true;
        let host = inside.host.take();
        self.full.store(false, Ordering::Release);
        let letters = mem::take(&mut inside.letters);
        drop(inside);
        release(host);
        letters
    }

    pub(crate) fn is_locked(&self) -> bool {
        self.inside.try_lock().is_err()
    }
}

/// Calls into the reactor from any thread. Clonable and `Send`, unlike [`Handle`].
///
/// Calls run in the order in which one thread made them, in the reactor's thread, at the beginning of a turn.
///
/// ```
/// use reactor::{Os, Reactor};
/// use std::thread;
///
/// let mut reactor = Reactor::new(Os::new()?);
/// let remote = reactor.handle().remote();
/// let worker = thread::spawn(move || remote.call(|h| h.stop().unwrap()));
/// reactor.run()?;
/// worker.join().unwrap();
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone)]
pub struct Remote {
    pub(crate) mail: Arc<Mailbox>,
}

impl Remote {
    /// Has `call` called by the reactor, and does not wait for that.
    /// When the reactor has stopped or is gone, `call` is dropped.
    pub fn call(&self, call: impl FnOnce(&Handle) + Send + 'static) {
        self.mail.post(Letter {
            job: None,
            call: Call::Once(Box::new(call)),
        });
    }

    /// Like [`call`](Remote::call), with something that is there already.
    ///
    /// ```
    /// use reactor::{Handle, Message, Os, Reactor};
    /// use std::{sync::Arc, thread};
    ///
    /// struct Stop;
    /// impl Message for Stop {
    ///     fn arrive(self: Arc<Self>, reactor: &Handle) {
    ///         reactor.stop().unwrap();
    ///     }
    /// }
    ///
    /// let mut reactor = Reactor::new(Os::new()?);
    /// let remote = reactor.handle().remote();
    /// let worker = thread::spawn(move || remote.send(Arc::new(Stop)));
    /// reactor.run()?;
    /// worker.join().unwrap();
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn send(&self, message: Arc<dyn Message>) {
        self.mail.post(Letter {
            job: None,
            call: Call::Message(message),
        });
    }

    /// Like [`call`](Remote::call), with the result of a job.
    pub(crate) fn report(&self, job: usize, call: impl FnOnce(&Handle) + Send + 'static) {
        self.mail.post(Letter {
            job: Some(job),
            call: Call::Once(Box::new(call)),
        });
    }

    /// Has `call` called by the reactor, and waits for what it returns.
    ///
    /// # Errors
    /// [`AskError`] when the reactor stops or is dropped without calling, when the call panics, or when asked from the
    /// reactor's own thread.
    ///
    /// ```
    /// use reactor::{Os, Reactor};
    /// use std::thread;
    ///
    /// let mut reactor = Reactor::new(Os::new()?);
    /// let remote = reactor.handle().remote();
    /// let worker = thread::spawn(move || {
    ///     let answer = remote.ask(|_| 6 * 7);
    ///     remote.call(|h| h.stop().unwrap());
    ///     answer
    /// });
    /// reactor.run()?;
    /// assert_eq!(worker.join().unwrap(), Ok(42));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn ask<T: Send + 'static>(
        &self,
        call: impl FnOnce(&Handle) -> T + Send + 'static,
    ) -> Result<T, AskError> {
        if thread::current().id() == self.mail.thread {
            return Err(AskError::OwnThread);
        }
        let (answer, answered) = mpsc::sync_channel(1);
        self.call(move |reactor| {
            // There is room for one answer, so the guard's comes too late unless the call panics.
            defer! { let _ = answer.try_send(Err(AskError::Panicked)); }
            let value = call(reactor);
            // Who asked may be gone by now; then nobody misses the answer.
            let _ = answer.try_send(Ok(value));
        });
        answered.recv().unwrap_or(Err(AskError::Gone))
    }
}

impl fmt::Debug for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Remote")
    }
}

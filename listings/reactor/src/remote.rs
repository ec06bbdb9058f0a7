//! Calls from other threads: a mailbox behind an atomic flag, and a waker.
//!
//! The states of the mailbox. The first call that is pushed wakes the loop; the others find it
//! notified and cost no wake.
//!
//! ```text
//!             push: wakes the loop
//!     idle ────────────────────────► notified ──┐
//!       ▲                                 │  ▲  │ push
//!       └───────── drain_into ────────────┘  └──┘
//!       └──────────────── close ──────────┴────► closed: push drops the call
//! ```
//!
//! A call goes through two queues: the mailbox, which is locked for a moment, and
//! `Core::remote_calls`, which the loop has to itself. So no lock is held while a call runs, and
//! one that panics leaves the rest to the next turn. An executor of tasks has the same states for
//! the tasks that other threads wake, and sends itself as a [`Message`].
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
pub(crate) struct RemoteCall {
    pub(crate) job: Option<usize>,
    pub(crate) callback: Callback,
}

/// What is called.
pub(crate) enum Callback {
    Once(Box<dyn FnOnce(&Handle) + Send>),
    Message(Arc<dyn Message>),
}

impl Callback {
    #[inline]
    pub(crate) fn call(self, reactor: &Handle) {
        match self {
            Callback::Once(call) => call(reactor),
            Callback::Message(message) => {
                let _kept = released(Arc::clone(&message));
                message.arrive(reactor);
            }
        }
    }
}

/// What one thread sends to the reactor again and again, such as the waker of a task. Sending it
/// allocates nothing. See [`Remote::send`].
pub trait Message: Send + Sync {
    /// It has arrived, in the reactor's thread.
    fn arrive(self: Arc<Self>, reactor: &Handle);
}

/// What the reactor and its remotes share.
pub(crate) struct Mailbox {
    /// Whether there are calls: the only thing that a turn without calls looks at.
    notified: AtomicBool,
    contents: Mutex<Contents>,
    /// Ends the world's wait.
    waker: Waker,
    /// The reactor's own thread.
    thread: ThreadId,
}

#[derive(Default)]
struct Contents {
    calls: VecDeque<RemoteCall>,
    /// Who turns the reactor, and wants to hear of new work.
    host: Option<Arc<Waker>>,
    closed: bool,
}

impl Mailbox {
    pub(crate) fn new(waker: Waker) -> Arc<Mailbox> {
        Arc::new(Mailbox {
            notified: AtomicBool::new(false),
            contents: Mutex::default(),
            waker,
            thread: thread::current().id(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Contents> {
        // Nothing panics while the lock is held, so a poisoned one is as good as any.
        self.contents.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a call in and wakes the reactor, unless it has been woken and not looked yet.
    /// After the stop the call is dropped, by its sender's thread.
    fn push(&self, call: RemoteCall) {
        let mut contents = self.lock();
        if contents.closed {
            // Dropped by its sender, and not under the lock: its destructor may send, too.
            drop(contents);
            return release(call);
        }
        contents.calls.push_back(call);
        // It changes only under the lock.
        if !self.notified.load(Ordering::Relaxed) {
            self.notified.store(true, Ordering::Release);
            let host = contents.host.clone();
            // Unlocked first: a waker is code of others, and the loop that it wakes wants the lock.
            drop(contents);
            contain(|| self.waker.wake_by_ref());
            if let Some(host) = host {
                contain(|| host.wake_by_ref());
            }
        }
    }

    /// Returns whether there are calls.
    #[inline]
    pub(crate) fn has_calls(&self) -> bool {
        self.notified.load(Ordering::Acquire)
    }

    /// Moves all calls behind those in `to`.
    #[inline]
    pub(crate) fn drain_into(&self, to: &mut VecDeque<RemoteCall>) {
        if self.has_calls() {
            let mut contents = self.lock();
            self.notified.store(false, Ordering::Release);
            // Usually it is: two buffers take turns, and nothing is allocated.
            if to.is_empty() {
                mem::swap(&mut contents.calls, to);
            } else {
                to.append(&mut contents.calls);
            }
        }
    }

    pub(crate) fn set_host(&self, host: Option<Waker>) {
        let before = mem::replace(&mut self.lock().host, host.map(Arc::new));
        release(before); // once the lock is open: its destructor is code that we do not know
    }

    /// Refuses calls from now on, and returns those that will not be made.
    pub(crate) fn close(&self) -> VecDeque<RemoteCall> {
        let mut contents = self.lock();
        contents.closed = true;
        let host = contents.host.take();
        self.notified.store(false, Ordering::Release);
        let calls = mem::take(&mut contents.calls);
        drop(contents);
        release(host);
        calls
    }

    pub(crate) fn is_locked(&self) -> bool {
        self.contents.try_lock().is_err()
    }
}

/// Calls into the reactor from any thread. Clonable and `Send`, unlike [`Handle`].
///
/// Calls run in the order in which one thread made them, in the reactor's thread: at the beginning
/// of a turn, or right after the wait that they have ended.
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
    pub(crate) mailbox: Arc<Mailbox>,
}

impl Remote {
    /// Has `call` called by the reactor, and does not wait for that.
    /// When the reactor has stopped or is gone, `call` is dropped.
    pub fn call(&self, call: impl FnOnce(&Handle) + Send + 'static) {
        self.mailbox.push(RemoteCall {
            job: None,
            callback: Callback::Once(Box::new(call)),
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
        self.mailbox.push(RemoteCall {
            job: None,
            callback: Callback::Message(message),
        });
    }

    /// Like [`call`](Remote::call), with the result of a job.
    pub(crate) fn report(&self, job: usize, call: impl FnOnce(&Handle) + Send + 'static) {
        self.mailbox.push(RemoteCall {
            job: Some(job),
            callback: Callback::Once(Box::new(call)),
        });
    }

    /// Has `call` called by the reactor, and waits for what it returns.
    ///
    /// # Errors
    /// [`AskError`] when the reactor stops or is dropped without calling, when the call panics, or
    /// when asked from the reactor's own thread.
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
        if thread::current().id() == self.mailbox.thread {
            return Err(AskError::OwnThread);
        }
        let (answer, answered) = mpsc::sync_channel(1);
        self.call(move |reactor| {
            // There is room for one answer, so the guard's comes too late unless the call panics.
            defer! { let _ = answer.try_send(Err(AskError::Panicked)); }
            let value = call(reactor);
            // The thread that asked may be gone by now, and then the answer is not missed.
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

//! Wakers: how a task is woken, from its own thread and from others.
use crate::{executor::Executor, table::Key};
use reactor::{Handle, Message, Remote};
use std::{
    cell::RefCell,
    mem,
    rc::{Rc, Weak},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU8, AtomicU64, Ordering, fence},
    },
    task::{Wake, Waker},
};

thread_local! {
    /// The executor that was made or polled last in this thread. A wake from here needs neither lock nor atomic operation.
    static HERE: RefCell<Weak<Executor>> = const { RefCell::new(Weak::new()) };
}

/// What an executor and its wakers share. Who compares it knows whether a waker is this executor's.
pub(crate) struct Home {
    remote: Remote,
    /// The tasks that other threads have woken. While there are any, a message is under way that says so,
    /// unless the reactor is gone.
    woken: Mutex<Vec<Key>>,
}

impl Home {
    pub(crate) fn new(remote: Remote) -> Arc<Home> {
        Arc::new(Home {
            remote,
            woken: Mutex::default(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Key>> {
        // Nothing panics while the lock is held, so a poisoned one is as good as any.
        self.woken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Many wakes are one message to the reactor. When that is gone, nobody waits for this.
    fn send(self: &Arc<Self>, key: Key) {
        let mut woken = self.lock();
        woken.push(key);
        let first = woken.len() == 1;
        drop(woken);
        if first {
            self.remote.send(Arc::clone(self) as Arc<dyn Message>);
        }
    }
}

impl Message for Home {
    fn arrive(self: Arc<Self>, reactor: &Handle) {
        Executor::of(reactor).wake_all(|keys| mem::swap(keys, &mut *self.lock()));
    }
}

/// This executor is the one of this thread, from now on.
pub(crate) fn settle(executor: &Rc<Executor>) {
    // A thread that ends has no such cell any more; then wakes take the long way.
    let _ = HERE.try_with(|here| {
        let mut here = here.borrow_mut();
        if !std::ptr::eq(here.as_ptr(), Rc::as_ptr(executor)) {
            *here = Rc::downgrade(executor);
        }
    });
}

/// What is behind a task's `Waker`. It holds the name of the task, not the task, so other threads may have it.
pub(crate) struct TaskWaker {
    home: Arc<Home>,
    /// A [`Key`]. It changes only while nobody but the executor has this waker.
    key: AtomicU64,
    /// 0, [`SENT`], [`POLLED`] or [`HEARD`].
    state: AtomicU8,
}

// ANCHOR: states
/// Another thread has woken its task, which has not been polled since: to say it again would say nothing new.
const SENT: u8 = 1;
/// Its task is being polled, and this is its own waker, not a lent one. Who is there need not be called: the executor
/// looks when the poll is over.
const POLLED: u8 = 2;
/// It was woken from another thread while it was polled.
const HEARD: u8 = 3;
// ANCHOR_END: states

impl TaskWaker {
    pub(crate) fn new(home: &Arc<Home>, key: Key) -> Arc<TaskWaker> {
        Arc::new(TaskWaker {
            home: Arc::clone(home),
            key: AtomicU64::new(key.to_bits()),
            state: AtomicU8::new(0),
        })
    }

    fn key(&self) -> Key {
        Key::from_bits(self.key.load(Ordering::Relaxed))
    }

    /// Wakes the task if this is the thread of its reactor.
    #[inline]
    fn wake_here(&self) -> bool {
        let here = HERE.try_with(|here| here.borrow().upgrade());
        match here {
            Ok(Some(executor)) if executor.lives_in(&self.home) => {
                executor.wake(self.key());
                true
            }
            _ => false,
        }
    }

    // ANCHOR: wake_there
    /// Wakes the task from another thread.
    fn wake_there(&self) {
        let mut state = self.state.load(Ordering::Relaxed);
        loop {
            let after = match state {
                0 => SENT,
                POLLED => HEARD,
                // It writes what is there: whoever takes the earlier wake must see what was written before this one.
                told => told,
            };
            let written =
                self.state
                    .compare_exchange(state, after, Ordering::AcqRel, Ordering::Acquire);
            match written {
                Ok(0) => return self.home.send(self.key()),
                Ok(_) => return,
                Err(other) => state = other,
            }
        }
    }
    // ANCHOR_END: wake_there
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        if !self.wake_here() {
            self.wake_there();
        }
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.wake_here() {
            self.wake_there();
        }
    }
}

/// A task's waker as the executor has it, which can look behind it.
pub(crate) struct Held {
    shared: Arc<TaskWaker>,
    waker: Waker,
}

impl Held {
    pub(crate) fn new(home: &Arc<Home>, key: Key) -> Held {
        let shared = TaskWaker::new(home, key);
        let waker = shared.clone().into();
        Held { shared, waker }
    }

    #[inline]
    pub(crate) fn waker(&self) -> &Waker {
        &self.waker
    }

    /// From now on it is this task's. Only for one that nobody else has.
    #[inline]
    pub(crate) fn lend(&self, key: Key) {
        self.shared.key.store(key.to_bits(), Ordering::Relaxed);
        self.shared.state.store(0, Ordering::Relaxed);
    }

    /// Whether anybody else has it.
    #[inline]
    pub(crate) fn is_kept(&self) -> bool {
        // Two are here. Once there is no third, nobody can make one: a clone is made of a clone.
        let kept = Arc::strong_count(&self.shared) > 2;
        // What another thread did with its clone comes before what we do without it.
        fence(Ordering::Acquire);
        kept
    }

    #[inline]
    pub(crate) fn poll_begins(&self) {
        self.shared.state.swap(POLLED, Ordering::AcqRel);
    }

    /// The poll is over. Whether another thread woke the task meanwhile.
    #[inline]
    pub(crate) fn poll_ends(&self) -> bool {
        self.shared.state.swap(0, Ordering::AcqRel) == HEARD
    }
}

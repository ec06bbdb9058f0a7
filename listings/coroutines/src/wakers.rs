//! Wakers: how a task is woken, from its own thread and from others.
//!
//! In the executor's own thread a wake is a push to the queue of the table, and no more. One from
//! another thread goes through the [`WakeQueue`]. Its list is protected by a lock; whether the
//! executor has to be told of a push is an atomic state:
//!
//! ```text
//!              start_polling                       push of the first
//!   IDLE ─────────────────────────▶ POLLING ─────────────────────────▶ NOTIFIED
//!    ▲ │                             ▲ │                                │ │
//!    │ │ push of the first:          │ │ stop_polling                   │ │
//!    │ └── NOTIFIED, and a message   │ ▼                                │ │
//!    │     to the reactor            │ IDLE                             │ │
//!    │                               └── arrive: the message is here ───┘ │
//!    └───────── stop_polling: a push came meanwhile, look at the list ────┘
//! ```
//!
//! A message goes through the mailbox of the reactor (`remote.rs` of that crate), which ends the
//! wait. No wake is lost: the push comes before the swap to `NOTIFIED`, and the swap to `IDLE`
//! before the look. So either the executor sees the push, or the push sees `IDLE`.
use crate::{
    executor::Executor,
    table::{Key, from_bits, to_bits},
};
use reactor::{Handle, Message, Remote};
use scopeguard::guard;
use std::{
    cell::RefCell,
    collections::HashSet,
    mem,
    rc::{Rc, Weak},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU8, AtomicU64, Ordering, fence},
    },
    task::{Wake, Waker},
};

thread_local! {
    /// The executor that was made or polled last in this thread. A wake from here needs neither
    /// lock nor atomic operation.
    static HERE: RefCell<Weak<Executor>> = const { RefCell::new(Weak::new()) };
}

/// The wakes from other threads. An executor and its wakers share it, so comparing it tells whether
/// a waker is this executor's.
pub(crate) struct WakeQueue {
    remote: Remote,
    /// The tasks that other threads have woken. Perhaps twice.
    woken: Mutex<Vec<Key>>,
    /// Who looks at the list: [`IDLE`], [`POLLING`] or [`NOTIFIED`].
    state: AtomicU8,
}

// ANCHOR: states
/// The executor does not look at the list: the first push sends a message.
const IDLE: u8 = 0;
/// The executor polls, or will before the reactor waits. It looks before it stops.
const POLLING: u8 = 1;
/// There was a first push: a message is under way, or the executor will look.
/// It may have looked already.
const NOTIFIED: u8 = 2;
// ANCHOR_END: states

impl WakeQueue {
    pub(crate) fn new(remote: Remote) -> Arc<WakeQueue> {
        Arc::new(WakeQueue {
            remote,
            woken: Mutex::default(),
            state: AtomicU8::new(IDLE),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Key>> {
        // Nothing panics while the lock is held, so a poisoned one is as good as any.
        self.woken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    // ANCHOR: push
    /// From another thread. When the reactor is gone, the message goes nowhere.
    fn push(self: &Arc<Self>, key: Key) {
        let mut woken = self.lock();
        let first = woken.is_empty();
        make_room(&mut woken);
        woken.push(key);
        drop(woken);
        if first && self.state.swap(NOTIFIED, Ordering::AcqRel) == IDLE {
            self.remote.send(Arc::clone(self) as Arc<dyn Message>);
        }
    }
    // ANCHOR_END: push

    /// The executor begins to poll, and looks at the list when it stops.
    #[inline]
    fn start_polling(&self) {
        // What another thread writes in between is overwritten. It has sent a message, too.
        if self.state.load(Ordering::Relaxed) == IDLE {
            self.state.store(POLLING, Ordering::Relaxed);
        }
    }

    // ANCHOR: stop
    /// The executor has polled. Returns whether a push came for which no message was sent.
    #[inline]
    fn stop_polling(&self) -> bool {
        self.state.swap(IDLE, Ordering::AcqRel) == NOTIFIED
    }
    // ANCHOR_END: stop

    /// Exchanges the list for an empty one.
    pub(crate) fn take(&self, empty: &mut Vec<Key>) {
        mem::swap(empty, &mut *self.lock());
    }
}

/// A thread may wake one task again and again while the executor is busy, so a list that is full is
/// first rid of what is in it twice. It grows when more than half is left: it is at most four times
/// as long as the wakers that were ever in it at once. The order stays.
fn make_room(keys: &mut Vec<Key>) {
    if keys.len() < keys.capacity() {
        return;
    }
    let mut seen = HashSet::with_capacity(keys.len());
    keys.retain(|key| seen.insert(*key));
    if keys.len() > keys.capacity() / 2 {
        keys.reserve(keys.len());
    }
}

impl Message for WakeQueue {
    fn arrive(self: Arc<Self>, reactor: &Handle) {
        let executor = Executor::of(reactor);
        // It polls in this turn, even if no task in the list is left, and looks again when it
        // stops.
        executor.schedule();
        self.state.store(POLLING, Ordering::Release);
        executor.wake_all(&self);
    }
}

/// The executor is polling until what this returns is dropped. Then it looks which tasks other
/// threads have woken meanwhile.
#[inline]
pub(crate) fn polling(executor: &Rc<Executor>) -> impl Drop {
    if let Some(wakes) = executor.wakes() {
        wakes.start_polling();
    }
    guard(executor, |executor| {
        if let Some(wakes) = executor.wakes()
            && wakes.stop_polling()
        {
            executor.wake_all(wakes);
        }
    })
}

/// This executor is the one of this thread, from now on.
pub(crate) fn set_current(executor: &Rc<Executor>) {
    // A thread that ends has no such cell any more; then wakes take the long way.
    let _ = HERE.try_with(|here| {
        let mut here = here.borrow_mut();
        if !std::ptr::eq(here.as_ptr(), Rc::as_ptr(executor)) {
            *here = Rc::downgrade(executor);
        }
    });
}

/// What is behind a task's `Waker`: the name of the task, not the task, so other threads may have
/// it.
pub(crate) struct TaskWaker {
    wakes: Arc<WakeQueue>,
    /// A [`Key`]. It changes only while the executor alone has this waker.
    key: AtomicU64,
}

impl TaskWaker {
    pub(crate) fn new(wakes: &Arc<WakeQueue>, key: Key) -> Arc<TaskWaker> {
        Arc::new(TaskWaker {
            wakes: Arc::clone(wakes),
            key: AtomicU64::new(to_bits(key)),
        })
    }

    fn key(&self) -> Key {
        from_bits(self.key.load(Ordering::Relaxed))
    }

    /// Wakes the task if this is the thread of its reactor.
    #[inline]
    fn wake_here(&self) -> bool {
        let here = HERE.try_with(|here| here.borrow().upgrade());
        match here {
            Ok(Some(executor)) if executor.owns(&self.wakes) => {
                executor.wake(self.key());
                true
            }
            _ => false,
        }
    }
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        if !self.wake_here() {
            self.wakes.push(self.key());
        }
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.wake_here() {
            self.wakes.push(self.key());
        }
    }
}

/// A task's waker as the executor has it, which can look behind it.
pub(crate) struct CachedWaker {
    shared: Arc<TaskWaker>,
    waker: Waker,
}

impl CachedWaker {
    pub(crate) fn new(wakes: &Arc<WakeQueue>, key: Key) -> CachedWaker {
        let shared = TaskWaker::new(wakes, key);
        let waker = shared.clone().into();
        CachedWaker { shared, waker }
    }

    #[inline]
    pub(crate) fn waker(&self) -> &Waker {
        &self.waker
    }

    /// From now on it is this task's. Only for one that is not kept.
    #[inline]
    pub(crate) fn lend(&self, key: Key) {
        self.shared.key.store(to_bits(key), Ordering::Relaxed);
    }

    /// Returns whether a future has kept it, or a clone of it.
    #[inline]
    pub(crate) fn is_kept(&self) -> bool {
        // Two are here. Once there is no third, none can come: a clone is made of a clone.
        let kept = Arc::strong_count(&self.shared) > 2;
        // What another thread did with its clone comes before what we do without it.
        fence(Ordering::Acquire);
        kept
    }
}

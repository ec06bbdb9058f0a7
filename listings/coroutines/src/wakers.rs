//! Wakers: how a task is woken, from its own thread and from others.
use crate::{executor::Executor, table::Key};
use reactor::{Handle, Message, Remote};
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
    /// The executor that was made or polled last in this thread. A wake from here needs neither lock nor atomic operation.
    static HERE: RefCell<Weak<Executor>> = const { RefCell::new(Weak::new()) };
}

/// What an executor and its wakers share. Who compares it knows whether a waker is this executor's.
pub(crate) struct Home {
    remote: Remote,
    /// The tasks that other threads have woken. Perhaps twice.
    woken: Mutex<Vec<Key>>,
    /// [`ASLEEP`], [`AWAKE`] or [`NEWS`].
    state: AtomicU8,
}

// ANCHOR: states
/// Nobody looks at the list. Who puts the first task into it sends a message.
const ASLEEP: u8 = 0;
/// The executor polls, or will before the reactor waits. It looks before it rests.
const AWAKE: u8 = 1;
/// Somebody put the first task into it: a message is under way, or the executor
/// will look. It may have looked already.
const NEWS: u8 = 2;
// ANCHOR_END: states

impl Home {
    pub(crate) fn new(remote: Remote) -> Arc<Home> {
        Arc::new(Home {
            remote,
            woken: Mutex::default(),
            state: AtomicU8::new(ASLEEP),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Key>> {
        // Nothing panics while the lock is held, so a poisoned one is as good as any.
        self.woken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    // ANCHOR: wake_there
    /// From another thread. When the reactor is gone, nobody waits for the message.
    fn wake(self: &Arc<Self>, key: Key) {
        let mut woken = self.lock();
        let first = woken.is_empty();
        make_room(&mut woken);
        woken.push(key);
        drop(woken);
        if first && self.state.swap(NEWS, Ordering::AcqRel) == ASLEEP {
            self.remote.send(Arc::clone(self) as Arc<dyn Message>);
        }
    }
    // ANCHOR_END: wake_there

    /// The executor begins to poll.
    #[inline]
    fn attend(&self) {
        // What another thread writes in between is overwritten. It has sent a message, too.
        if self.state.load(Ordering::Relaxed) == ASLEEP {
            self.state.store(AWAKE, Ordering::Relaxed);
        }
    }

    // ANCHOR: rest
    /// The executor rests. Whether there is anything in the list that nobody sent a message for.
    #[inline]
    fn rest(&self) -> bool {
        self.state.swap(ASLEEP, Ordering::AcqRel) == NEWS
    }
    // ANCHOR_END: rest

    /// Exchanges the list for an empty one.
    pub(crate) fn take(&self, empty: &mut Vec<Key>) {
        mem::swap(empty, &mut *self.lock());
    }
}

/// A thread may wake one task again and again while the executor is busy, so a list that is full is first rid of what is
/// in it twice. It grows when more than half is left: it is at most four times as long as the wakers that were ever in
/// it at once. The order stays.
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

impl Message for Home {
    fn arrive(self: Arc<Self>, reactor: &Handle) {
        let executor = Executor::of(reactor);
        // It polls in this turn, even if nobody in the list is there any more, and rests when it has.
        executor.schedule();
        self.state.store(AWAKE, Ordering::Release);
        executor.wake_all(&self);
    }
}

/// The executor is polling until this is dropped. Then it looks who was woken from other threads meanwhile.
pub(crate) struct Attends<'e>(&'e Rc<Executor>);

impl Attends<'_> {
    #[inline]
    pub(crate) fn new(executor: &Rc<Executor>) -> Attends<'_> {
        if let Some(home) = executor.home() {
            home.attend();
        }
        Attends(executor)
    }
}

impl Drop for Attends<'_> {
    #[inline]
    fn drop(&mut self) {
        if let Some(home) = self.0.home()
            && home.rest()
        {
            self.0.wake_all(home);
        }
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
}

impl TaskWaker {
    pub(crate) fn new(home: &Arc<Home>, key: Key) -> Arc<TaskWaker> {
        Arc::new(TaskWaker {
            home: Arc::clone(home),
            key: AtomicU64::new(key.to_bits()),
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
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        if !self.wake_here() {
            self.home.wake(self.key());
        }
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.wake_here() {
            self.home.wake(self.key());
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
}

//! Wakers: how a task is woken, from its own thread and from others.
use crate::{executor::Executor, table::Key};
use reactor::{Handle, Message, Remote};
use std::{
    cell::RefCell,
    rc::{Rc, Weak},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::Wake,
};

thread_local! {
    /// The executor that polled last in this thread. A wake from here needs neither lock nor atomic operation.
    static HERE: RefCell<Weak<Executor>> = const { RefCell::new(Weak::new()) };
}

/// Where an executor is at home: who compares it knows whether a waker is this executor's.
pub(crate) struct Home {
    remote: Remote,
}

impl Home {
    pub(crate) fn new(remote: Remote) -> Arc<Home> {
        Arc::new(Home { remote })
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
    key: Key,
    /// It is on its way from another thread: more of them would say nothing new.
    sent: AtomicBool,
}

impl TaskWaker {
    pub(crate) fn new(home: &Arc<Home>, key: Key) -> Arc<TaskWaker> {
        Arc::new(TaskWaker {
            home: Arc::clone(home),
            key,
            sent: AtomicBool::new(false),
        })
    }

    /// Wakes the task if this is the thread of its reactor.
    #[inline]
    fn wake_here(&self) -> bool {
        let here = HERE.try_with(|here| here.borrow().upgrade());
        match here {
            Ok(Some(executor)) if executor.lives_in(&self.home) => {
                executor.wake(self.key);
                true
            }
            _ => false,
        }
    }

    /// Wakes the task by a message to its reactor. When that is gone, nobody waits for this.
    fn wake_there(self: &Arc<Self>) {
        if !self.sent.swap(true, Ordering::AcqRel) {
            self.home.remote.send(Arc::clone(self) as Arc<dyn Message>);
        }
    }
}

impl Message for TaskWaker {
    fn arrive(self: Arc<Self>, reactor: &Handle) {
        // A swap, not a store: it must see what was written before any wake that found this one under way.
        self.sent.swap(false, Ordering::AcqRel);
        if !self.wake_here() {
            Executor::of(reactor).wake(self.key);
        }
    }
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

//! The executor: it polls woken tasks when the callbacks of a turn have run.
use crate::{
    table::{Key, Runnable, Table},
    task::Run,
    wakers::{self, CachedWaker, WakeQueue},
};
use reactor::{Handle, Panics, Phases, contain};
use scopeguard::{defer, defer_on_unwind, guard};
use std::{
    any::Any,
    cell::{Cell, OnceCell, RefCell},
    collections::VecDeque,
    panic::Location,
    pin::Pin,
    rc::Rc,
    sync::Arc,
    task::Context,
};
use trace::{Kind, Object, Prefix};

/// Polls between two waits, at most: sockets and timers get their share however busy the tasks are.
const POLLS: usize = 61;

/// A future that is dropped may cancel the task that it awaits, whose future cancels the next. So
/// many of them are dropped inside each other; the next one has to wait until the outermost is
/// gone, so that the stack does not overflow.
const DEEPEST: u32 = 16;

/// A reactor's tasks. It is the reactor's extension, so it is dropped with it.
#[derive(Default)]
pub(crate) struct Executor {
    /// Borrowed for a moment, and never while a future is polled or dropped.
    table: RefCell<Table>,
    /// Whether the reactor lets us go on when callbacks have run.
    scheduled: Cell<bool>,
    /// How many polls are left until the next wait.
    polls: Cell<usize>,
    /// How many cancelled futures are being dropped, each but the first inside the drop of another.
    depth: Cell<u32>,
    /// The cancelled tasks that were too deep, and what is dropped after each.
    too_deep: RefCell<VecDeque<(Key, Box<dyn Any>)>>,
    /// An empty list, for those that other threads have woken.
    arrived: Cell<Vec<Key>>,
    wakes: OnceCell<(Handle, Arc<WakeQueue>)>,
    /// A waker that no future has kept. It serves one task after the other, so those that are done
    /// after one poll, or only yield, cost no allocation for a waker.
    spare: Cell<Option<CachedWaker>>,
}

impl Executor {
    /// Returns this reactor's. For a reactor that is gone, one that only the caller holds: what is
    /// spawned there is dropped at once.
    pub(crate) fn of(reactor: &Handle) -> Rc<Executor> {
        let executor = reactor.extension::<Executor>();
        if executor.wakes.get().is_none() {
            let wakes = WakeQueue::new(reactor.remote());
            let _ = executor.wakes.set((reactor.clone(), wakes));
            executor.polls.set(POLLS);
            wakers::set_current(&executor);
        }
        executor
    }

    #[inline]
    pub(crate) fn owns(&self, wakes: &Arc<WakeQueue>) -> bool {
        self.wakes().is_some_and(|mine| Arc::ptr_eq(mine, wakes))
    }

    /// Returns a waker for one poll of a task that has none of its own.
    #[inline]
    fn lend(&self, key: Key) -> Option<CachedWaker> {
        if let Some(spare) = self.spare.take() {
            spare.lend(key);
            return Some(spare);
        }
        Some(CachedWaker::new(self.wakes()?, key))
    }

    /// Returns the key of a task that is being made.
    pub(crate) fn reserve(&self) -> Key {
        self.table.borrow_mut().reserve()
    }

    /// Takes a new task, which is polled once the callbacks of this turn have run.
    pub(crate) fn begin(
        self: &Rc<Self>,
        key: Key,
        task: Pin<Box<dyn Run>>,
        site: &'static Location<'static>,
    ) {
        let object = trace::object(Prefix::Task);
        trace::event(Kind::TaskSpawn).of(object).at(site).record();
        let runnable = Runnable { task, waker: None };
        self.table.borrow_mut().begin(key, runnable, object);
        self.schedule();
    }

    #[inline]
    pub(crate) fn wake(self: &Rc<Self>, key: Key) {
        let woken = self.table.borrow_mut().wake(key);
        if let Some(object) = woken {
            trace::event(Kind::TaskWake).of(object).record();
            self.schedule();
        }
    }

    pub(crate) fn wakes(&self) -> Option<&Arc<WakeQueue>> {
        self.wakes.get().map(|(_, wakes)| wakes)
    }

    /// Wakes the tasks that other threads have woken. The list is kept for the next time.
    pub(crate) fn wake_all(self: &Rc<Self>, wakes: &WakeQueue) {
        let mut keys = self.arrived.take();
        wakes.take(&mut keys);
        for key in keys.drain(..) {
            self.wake(key);
        }
        self.arrived.set(keys);
    }

    /// Ends a task: its future is dropped, then `dropped_last`. If it is being polled that happens
    /// when the poll is over.
    pub(crate) fn cancel<T: 'static>(&self, key: Key, dropped_last: T) {
        let mut dropped_last = Some(dropped_last);
        let polled = self
            .table
            .borrow_mut()
            .end_after_poll(key, || Box::new(dropped_last.take()));
        if polled {
            return;
        }
        if self.depth.get() == DEEPEST {
            let dropped_last = Box::new(dropped_last);
            return self.too_deep.borrow_mut().push_back((key, dropped_last));
        }
        self.depth.set(self.depth.get() + 1);
        defer! { self.depth.set(self.depth.get() - 1); }
        // When the drop of a future panics, those that were too deep are dropped anyway.
        defer_on_unwind! { self.drop_the_rest(); }
        self.end(key, None, "cancelled");
        drop(dropped_last);
        self.drop_the_rest();
    }

    /// The outermost drop of a cancelled future drops those that were too deep.
    fn drop_the_rest(&self) {
        while self.depth.get() == 1 {
            let next = self.too_deep.borrow_mut().pop_front();
            let Some((key, dropped_last)) = next else {
                return;
            };
            contain(|| {
                self.end(key, None, "cancelled");
                drop(dropped_last);
            });
        }
    }

    /// Forgets a task, and drops what is left of it: the future first.
    fn end(&self, key: Key, runnable: Option<Runnable>, why: &'static str) {
        let left = self.table.borrow_mut().remove(key).unwrap_or_default();
        if let Some(runnable) = runnable.or(left.runnable) {
            drop_future(runnable, left.object, why);
        }
        drop(left.dropped_last);
    }

    #[inline]
    pub(crate) fn schedule(self: &Rc<Self>) {
        if !self.scheduled.replace(true)
            && let Some((reactor, _)) = self.wakes.get()
        {
            reactor.after_callbacks(self.clone());
        }
    }

    fn poll(self: &Rc<Self>, key: Key, runnable: Runnable, object: Object) {
        // When the poll panics its task is gone, and all others are as before.
        let mut polled = guard(Some(runnable), |runnable| {
            if let Some(runnable) = runnable {
                self.end_panicked(key, runnable);
            }
        });
        let Some(runnable) = &mut *polled else {
            return;
        };
        let _span = trace::event(Kind::TaskPoll)
            .of(object)
            .because_of(object)
            .enter();
        // Most futures that are polled once keep no waker: they share the spare one.
        let lent = match &runnable.waker {
            Some(_) => None,
            None => self.lend(key),
        };
        let Some(waker) = runnable.waker.as_ref().or(lent.as_ref()) else {
            return;
        };
        let mut context = Context::from_waker(waker.waker());
        let done = runnable.task.as_mut().run(&mut context, object);
        // A waker that a future has kept is this task's from now on.
        match lent {
            Some(lent) if lent.is_kept() => runnable.waker = Some(lent),
            Some(lent) => self.spare.set(Some(lent)),
            None => {}
        }
        if !done && let Some(runnable) = polled.take() {
            let cancelled = self.table.borrow_mut().put_back(key, runnable);
            match cancelled {
                Some(runnable) => self.end(key, Some(runnable), "cancelled"),
                None => record_wait(object),
            }
        } else {
            // It is done; what is dropped is an empty box.
            *polled = None;
            self.end(key, None, "done");
        }
    }

    /// The poll of a task panicked: the task is gone, and all others are as before.
    #[cold]
    fn end_panicked(&self, key: Key, runnable: Runnable) {
        // When a stage of its Deferred panics, it is done already, and what is left is an empty
        // box.
        let runnable = (!runnable.task.is_done()).then_some(runnable);
        contain(|| self.end(key, runnable, "panicked"));
    }

    /// The polls before or after the wait of one turn are over.
    fn end_pass(self: &Rc<Self>, waited: bool) {
        self.scheduled.set(false);
        let more = self.table.borrow().has_work();
        if more {
            self.schedule();
        } else if !waited {
            // The next poll comes after the wait, and perhaps no callback runs in between.
            self.polls.set(POLLS);
        }
    }

    pub(crate) fn table(&self) -> &RefCell<Table> {
        &self.table
    }

    /// Returns the waker for the future of `block_on`.
    pub(crate) fn set_root(&self, object: Object) -> Option<CachedWaker> {
        let wakes = self.wakes()?;
        let key = self.table.borrow_mut().set_root(object);
        Some(CachedWaker::new(wakes, key))
    }
}

/// A task was polled and waits.
pub(crate) fn record_wait(object: Object) {
    if trace::on() {
        trace::event(Kind::TaskWait)
            .of(object)
            .at_some(trace::standing())
            .aside()
            .record();
    }
}

fn drop_future(runnable: Runnable, object: Object, why: &'static str) {
    // After the drop, and also when that panics: each task has its end in a recording.
    defer! {
        trace::event(Kind::TaskDrop)
            .of(object)
            .attr("why", || why)
            .record();
    }
    drop(runnable);
}
impl Phases for Executor {
    fn callbacks_ran(self: Rc<Self>, _: &Handle, waited: bool) {
        wakers::set_current(&self);
        // Sockets and timers had their share, so the tasks have theirs again.
        if waited {
            self.polls.set(POLLS);
            self.table.borrow_mut().schedule_yielded();
        }
        // Also when one of the polls panics, the others' turn comes.
        defer! { self.end_pass(waited); }
        // Dropped before that, which then sees the tasks that other threads have woken.
        let _polling = wakers::polling(&self);
        let mut any = false;
        while self.polls.get() > 0 {
            let next = self.table.borrow_mut().next();
            let Some((key, runnable, object)) = next else {
                break;
            };
            // A turn without a poll has no such phase in the recording.
            if !any {
                trace::event(Kind::TurnPhase)
                    .attr("phase", || "tasks")
                    .record();
            }
            any = true;
            self.polls.set(self.polls.get() - 1);
            self.poll(key, runnable, object);
        }
    }
}

impl Drop for Executor {
    fn drop(&mut self) {
        let left = self.table.get_mut().clear();
        let mut panics = Panics::default();
        for (runnable, object) in left {
            panics.catch(|| drop_future(runnable, object, "dropped"));
        }
        panics.go_on();
    }
}

//! A line of waiters: first come, first served, by a loop and not by recursion.
use crate::{Deferred, Resolver};
use reactor::contain;
use scopeguard::{defer, defer_on_unwind};
use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    rc::Rc,
};
use trace::Object;

/// Those who wait for a `T` each, in the order in which they came.
pub(crate) struct WaitQueue<T: 'static> {
    next: Cell<u64>,
    /// With the name of each one's Deferred in a recording.
    waiting: RefCell<BTreeMap<u64, (Resolver<T>, Object)>>,
    /// Whether `serve` is running, somewhere below on the stack.
    serving: Cell<bool>,
}

impl<T: 'static> WaitQueue<T> {
    pub(crate) fn new() -> Rc<WaitQueue<T>> {
        Rc::new(WaitQueue {
            next: Cell::new(0),
            waiting: RefCell::default(),
            serving: Cell::new(false),
        })
    }

    pub(crate) fn len(&self) -> usize {
        self.waiting.borrow().len()
    }

    /// Joins the line at its end. Cancelled, it leaves, and `left` hears who it was.
    #[track_caller]
    pub(crate) fn join(self: &Rc<Self>, left: impl FnOnce(Object) + 'static) -> Deferred<T> {
        let number = self.next.replace(self.next.get() + 1);
        let line = Rc::downgrade(self);
        let (resolver, deferred) = Deferred::with_canceller(move |instead| {
            if let Some(line) = line.upgrade() {
                let gone = line.waiting.borrow_mut().remove(&number);
                if let Some((resolver, who)) = gone {
                    left(who);
                    drop(resolver);
                }
            }
            drop(instead);
        });
        let who = deferred.head().chain().object();
        let mut waiting = self.waiting.borrow_mut();
        waiting.insert(number, (resolver, who));
        drop(waiting);
        deferred
    }

    /// Serves those at the front with what `supply` has for them, until one of both has come to its
    /// end.
    ///
    /// The one that is served may bring the next supply before its stages return. Then the call
    /// that is running goes on with that, after those stages: so the stack does not grow with the
    /// line.
    pub(crate) fn serve(&self, supply: impl Fn(Object) -> Option<T>) {
        if self.serving.replace(true) {
            return;
        }
        defer! { self.serving.set(false); }
        // The panic of one that was served goes through; the others are served all the same. One of
        // those may panic, too. A second panic that left this would end the process; its message is
        // printed.
        defer_on_unwind! {
            while contain(|| self.serve_all(&supply)).is_none() {}
        }
        self.serve_all(&supply);
    }

    fn serve_all(&self, supply: impl Fn(Object) -> Option<T>) {
        loop {
            let first = self.waiting.borrow().values().next().map(|w| w.1);
            let Some(value) = first.and_then(&supply) else {
                return;
            };
            let first = self.waiting.borrow_mut().pop_first();
            if let Some((_, (resolver, _))) = first {
                resolver.callback(value);
            }
        }
    }
}

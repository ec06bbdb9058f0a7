//! Wrong: waits for a time that should be enough.
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};
use untwisted::reactor::{Handle, Hold};

/// Jobs that take time, and must not be cut off.
#[derive(Default)]
pub struct Workshop {
    under_way: Cell<usize>,
    hold: RefCell<Option<Hold>>,
}

impl Workshop {
    /// Opens a workshop. When the reactor is told to stop, its jobs are finished first.
    pub fn open(reactor: &Handle) -> Rc<Workshop> {
        let workshop = Rc::new(Workshop::default());
        reactor.before_shutdown(|reactor, hold| {
            reactor.call_later(Duration::from_secs(10), move |_| drop(hold));
        });
        workshop
    }

    /// Begins a job that takes so long; calls `done` when it is done.
    pub fn begin(
        self: &Rc<Self>,
        reactor: &Handle,
        takes: Duration,
        done: impl FnOnce(&Handle) + 'static,
    ) {
        self.under_way.set(self.under_way.get() + 1);
        let workshop = Rc::clone(self);
        reactor.call_later(takes, move |reactor| {
            done(reactor);
            workshop.under_way.set(workshop.under_way.get() - 1);
        });
    }
}

//! Wrong: when the call has run, moving it fails, and that is not checked.
use std::{cell::RefCell, rc::Rc, time::Duration};
use untwisted::reactor::{DelayedCall, Handle};

/// Waits until nothing has happened for a while, and then calls.
pub struct Debounce {
    reactor: Handle,
    quiet: Duration,
    call: Rc<dyn Fn(&Handle)>,
    pending: RefCell<Option<DelayedCall>>,
}

impl Debounce {
    /// Will call `call` whenever something has happened and then nothing for `quiet`.
    pub fn new(reactor: &Handle, quiet: Duration, call: impl Fn(&Handle) + 'static) -> Debounce {
        Debounce {
            reactor: reactor.clone(),
            quiet,
            call: Rc::new(call),
            pending: RefCell::new(None),
        }
    }

    /// Something happened.
    pub fn poke(&self) {
        let mut pending = self.pending.borrow_mut();
        if let Some(pending) = &*pending {
            let _ = pending.reset(self.quiet);
            return;
        }
        let call = Rc::clone(&self.call);
        *pending = Some(
            self.reactor
                .call_later(self.quiet, move |reactor| call(reactor)),
        );
    }
}

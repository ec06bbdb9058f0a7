//! Asks again and again. It works, until it is stopped.
use std::{rc::Rc, time::Duration};
use untwisted::{
    applications::Service,
    deferreds::{Deferred, Failure},
    reactor::Handle,
};

/// How it asks.
type Ask = Rc<dyn Fn(&Handle) -> Deferred<()>>;

/// Asks, and a while after each answer asks again.
pub struct Poller {
    every: Duration,
    ask: Ask,
}

impl Poller {
    /// Will ask, and again `every` after each answer.
    pub fn new(every: Duration, ask: impl Fn(&Handle) -> Deferred<()> + 'static) -> Rc<Poller> {
        Rc::new(Poller {
            every,
            ask: Rc::new(ask),
        })
    }
}

fn ask_now(reactor: &Handle, every: Duration, ask: Ask) {
    let (reactor, answer) = (reactor.clone(), ask(reactor));
    answer.on_result(move |_| {
        reactor.call_later(every, move |h| ask_now(h, every, ask));
    });
}

impl Service for Poller {
    fn name(&self) -> &str {
        "poller"
    }

    fn start(&self, reactor: &Handle) -> Result<(), Failure> {
        ask_now(reactor, self.every, Rc::clone(&self.ask));
        Ok(())
    }

    fn stop(&self, _: &Handle) -> Deferred<()> {
        Deferred::succeed(())
    }
}

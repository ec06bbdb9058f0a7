//! Asks again and again, from start to stop, and waits for its last question.
use std::{cell::RefCell, rc::Rc, time::Duration};
use untwisted::{
    applications::Service,
    deferreds::{Deferred, Failure, Resolver},
    reactor::{DelayedCall, Handle},
};

/// How it asks.
type Ask = Rc<dyn Fn(&Handle) -> Deferred<()>>;

/// Asks, and a while after each answer asks again.
pub struct Poller {
    every: Duration,
    ask: Ask,
    now: Rc<RefCell<Now>>,
}

/// What it is doing.
#[derive(Default)]
enum Now {
    #[default]
    Stopped,
    Waiting(DelayedCall),
    Asking,
    /// Stopped in the middle of a question, and the resolvers to fire when it has its answer.
    Stopping(Vec<Resolver<()>>),
}

impl Poller {
    /// Will ask, and again `every` after each answer.
    pub fn new(every: Duration, ask: impl Fn(&Handle) -> Deferred<()> + 'static) -> Rc<Poller> {
        Rc::new(Poller {
            every,
            ask: Rc::new(ask),
            now: Rc::default(),
        })
    }
}

fn ask_now(reactor: &Handle, every: Duration, ask: Ask, now: Rc<RefCell<Now>>) {
    *now.borrow_mut() = Now::Asking;
    let (reactor, answer) = (reactor.clone(), ask(reactor));
    answer.on_result(move |_| {
        let before = now.take();
        match before {
            Now::Stopping(told) => told.into_iter().for_each(|told| told.callback(())),
            Now::Asking => {
                let then = Rc::clone(&now);
                let timer = reactor.call_later(every, move |h| ask_now(h, every, ask, then));
                *now.borrow_mut() = Now::Waiting(timer);
            }
            _ => {}
        }
    });
}

impl Service for Poller {
    fn name(&self) -> &str {
        "poller"
    }

    fn start(&self, reactor: &Handle) -> Result<(), Failure> {
        if matches!(*self.now.borrow(), Now::Stopped) {
            let (ask, now) = (Rc::clone(&self.ask), Rc::clone(&self.now));
            ask_now(reactor, self.every, ask, now);
        }
        Ok(())
    }

    fn stop(&self, _: &Handle) -> Deferred<()> {
        let before = self.now.take();
        match before {
            Now::Stopped => Deferred::succeed(()),
            Now::Waiting(timer) => {
                let _ = timer.cancel();
                Deferred::succeed(())
            }
            Now::Asking => Deferred::succeed(()),
            Now::Stopping(told) => self.when_answered(told),
        }
    }
}

impl Poller {
    fn when_answered(&self, mut told: Vec<Resolver<()>>) -> Deferred<()> {
        let (resolver, stopped) = Deferred::new();
        told.push(resolver);
        *self.now.borrow_mut() = Now::Stopping(told);
        stopped
    }
}

//! Starts and stops it at all kinds of moments, and counts its questions.
use forgets_to_stop::Poller;
use std::{cell::RefCell, rc::Rc, time::Duration};
use untwisted::{
    applications::Service,
    deferreds::{Deferred, defer_later},
    reactor::{Handle, Reactor, Sim},
};

/// A simulated world, a poller that asks every 10 s, and what happened when.
struct Town {
    reactor: Reactor,
    handle: Handle,
    poller: Rc<Poller>,
    log: Rc<RefCell<Vec<String>>>,
}

impl Town {
    /// Each answer takes so many seconds; with `fails` it is a failure.
    fn new(takes: u64, fails: bool) -> Town {
        let reactor = Reactor::new(Sim::new(1));
        let log = Rc::new(RefCell::new(Vec::new()));
        let notes = Rc::clone(&log);
        let poller = Poller::new(Duration::from_secs(10), move |reactor: &Handle| {
            let at = reactor.now().as_millis() / 1000;
            notes.borrow_mut().push(format!("{at}: asks"));
            if takes == 0 && !fails {
                return Deferred::succeed(());
            }
            defer_later(reactor, Duration::from_secs(takes), move |_| match fails {
                true => Err(untwisted::deferreds::Failure::new("no answer")),
                false => Ok(()),
            })
        });
        Town {
            handle: reactor.handle(),
            reactor,
            poller,
            log,
        }
    }

    fn until(&mut self, second: u64) {
        while self.handle.now().as_millis() < second * 1000 {
            self.reactor
                .turn(Some(Duration::from_millis(100)))
                .expect("it turns");
        }
    }

    fn start(&self) {
        self.poller.start(&self.handle).expect("it can start");
    }

    fn stop(&self) {
        let (notes, clock) = (Rc::clone(&self.log), self.handle.clone());
        self.poller.stop(&self.handle).on_result(move |result| {
            let at = clock.now().as_millis() / 1000;
            let how = if result.is_ok() { "stopped" } else { "failed" };
            notes.borrow_mut().push(format!("{at}: {how}"));
        });
    }

    fn log(&self) -> Vec<String> {
        self.log.take()
    }
}

#[test]
fn it_asks_after_each_answer() {
    let mut town = Town::new(2, false);
    town.start();
    town.until(30);
    assert_eq!(
        town.log(),
        ["0: asks", "12: asks", "24: asks"],
        "an answer takes 2 s, and 10 s after it comes the next question"
    );
    let mut town = Town::new(2, true);
    town.start();
    town.until(20);
    assert_eq!(
        town.log(),
        ["0: asks", "12: asks"],
        "an answer that is a failure is an answer"
    );
}

#[test]
fn stopped_while_it_waits() {
    let mut town = Town::new(0, false);
    town.start();
    town.until(15);
    town.stop();
    assert_eq!(
        town.log(),
        ["0: asks", "10: asks", "15: stopped"],
        "stopped while it waits for the next question, it has stopped at once"
    );
    town.until(100);
    assert_eq!(town.log(), [""; 0], "stopped is stopped: it asks no more");
}

#[test]
fn stopped_while_it_asks() {
    let mut town = Town::new(5, false);
    town.start();
    town.until(3);
    town.stop();
    assert_eq!(
        town.log(),
        ["0: asks"],
        "its question is under way: `stop` fires when the answer is there, and not before"
    );
    town.until(100);
    assert_eq!(
        town.log(),
        ["5: stopped"],
        "the answer came after 5 s: then it has stopped, and asks no more"
    );
    let mut town = Town::new(5, true);
    town.start();
    town.until(3);
    town.stop();
    town.until(100);
    assert_eq!(
        town.log(),
        ["0: asks", "5: stopped"],
        "the last answer is a failure, and the stop is none"
    );
}

#[test]
fn twice_is_once() {
    let mut town = Town::new(5, false);
    town.stop();
    assert_eq!(
        town.log(),
        ["0: stopped"],
        "one that does not run has stopped already"
    );
    town.start();
    town.start();
    town.until(1);
    assert_eq!(town.log(), ["0: asks"], "a second start changes nothing");
    town.stop();
    town.stop();
    town.until(100);
    assert_eq!(
        town.log(),
        ["5: stopped", "5: stopped"],
        "stopped twice while it asks, both are told when the answer is there"
    );
    town.stop();
    assert_eq!(
        town.log(),
        ["100: stopped"],
        "and a third time it has stopped already"
    );
}

#[test]
fn it_can_start_again() {
    let mut town = Town::new(0, false);
    town.start();
    town.until(5);
    town.stop();
    town.start();
    town.until(26);
    assert_eq!(
        town.log(),
        ["0: asks", "5: stopped", "5: asks", "15: asks", "25: asks"],
        "started again, it asks at once, and there is one loop and not two"
    );
}

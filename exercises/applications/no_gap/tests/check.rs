//! Exchanges services that run, that cannot start, and that take their time to stop.
use no_gap::Swap;
use std::{cell::RefCell, rc::Rc, time::Duration};
use untwisted::{
    applications::Service,
    deferreds::{Deferred, Failure, defer_later},
    reactor::{Handle, Reactor, Sim},
};

type Log = Rc<RefCell<Vec<String>>>;

/// Says what happens to it. One with a question mark cannot start; one with an exclamation mark takes 3 s to stop.
struct Named(&'static str, Log);

impl Service for Named {
    fn name(&self) -> &str {
        self.0
    }
    fn start(&self, _: &Handle) -> Result<(), Failure> {
        self.1.borrow_mut().push(format!("+{}", self.0));
        match self.0.ends_with('?') {
            true => Err(Failure::new("it cannot start")),
            false => Ok(()),
        }
    }
    fn stop(&self, reactor: &Handle) -> Deferred<()> {
        self.1.borrow_mut().push(format!("-{}", self.0));
        match self.0.ends_with('!') {
            true => defer_later(reactor, Duration::from_secs(3), |_| Ok(())),
            false => Deferred::succeed(()),
        }
    }
}

struct Town {
    reactor: Reactor,
    handle: Handle,
    log: Log,
    swap: Rc<Swap>,
}

impl Town {
    fn new(first: &'static str) -> Town {
        let (reactor, log) = (Reactor::new(Sim::new(1)), Log::default());
        let swap = Swap::new(Rc::new(Named(first, Rc::clone(&log))));
        Town {
            handle: reactor.handle(),
            reactor,
            log,
            swap,
        }
    }
    fn start(&self) {
        self.swap.start(&self.handle).expect("it can start");
    }
    fn swap(&self, next: &'static str) {
        let log = Rc::clone(&self.log);
        let deferred = self
            .swap
            .swap(&self.handle, Rc::new(Named(next, Rc::clone(&self.log))));
        deferred.on_result(move |result| {
            let said = result.map_or_else(|failure| failure.to_string(), |()| "swapped".to_owned());
            log.borrow_mut().push(said);
        });
    }
    fn stop(&self) {
        let log = Rc::clone(&self.log);
        let stopped = self.swap.stop(&self.handle);
        stopped.on_result(move |result| {
            log.borrow_mut()
                .push(format!("stopped: {}", result.is_ok()))
        });
    }
    fn pass(&mut self) {
        let end = self.handle.now() + Duration::from_secs(10);
        while self.handle.now() < end {
            self.reactor
                .turn(Some(Duration::from_millis(500)))
                .expect("it turns");
        }
    }
}

#[test]
fn while_it_runs() {
    let town = Town::new("a");
    town.start();
    town.swap("b");
    assert_eq!(
        town.log.take(),
        ["+a", "+b", "-a", "swapped"],
        "the next one is started before the one before it is stopped: there is no gap"
    );
    town.stop();
    assert_eq!(
        town.log.take(),
        ["-b", "stopped: true"],
        "then it is the next one that is stopped, and it alone"
    );
}

#[test]
fn the_next_one_cannot_start() {
    let town = Town::new("a");
    town.start();
    town.swap("b?");
    assert_eq!(
        town.log.take(),
        ["+a", "+b?", "it cannot start"],
        "the next one cannot start: `swap` fails with why, and the one before it goes on"
    );
    town.stop();
    assert_eq!(
        town.log.take(),
        ["-a", "stopped: true"],
        "after a swap that failed the one before is still in its place"
    );
}

#[test]
fn the_one_before_takes_its_time() {
    let mut town = Town::new("a!");
    town.start();
    town.swap("b");
    assert_eq!(
        town.log.take(),
        ["+a!", "+b", "-a!"],
        "`swap` fires when the one before has stopped, and not earlier"
    );
    town.swap("c");
    assert_eq!(
        town.log.take(),
        ["+c", "-b", "swapped"],
        "meanwhile the next one may be exchanged, too"
    );
    town.pass();
    assert_eq!(town.log.take(), ["swapped"], "it has stopped");
    town.stop();
    assert_eq!(
        town.log.take(),
        ["-c", "stopped: true"],
        "it is the last one that is stopped"
    );
}

#[test]
fn while_it_does_not_run() {
    let town = Town::new("a");
    town.swap("b");
    assert_eq!(
        town.log.take(),
        ["swapped"],
        "it does not run: no service is started or stopped"
    );
    town.start();
    assert_eq!(
        town.log.take(),
        ["+b"],
        "the one that was put there is started"
    );
    town.stop();
    town.stop();
    assert_eq!(
        town.log.take(),
        ["-b", "stopped: true", "stopped: true"],
        "a second stop stops no service"
    );
    town.swap("c");
    town.start();
    assert_eq!(
        town.log.take(),
        ["swapped", "+c"],
        "after a stop it does not run either"
    );
}

//! The pocket's services: in order, in reverse, and what happens when one fails.
use pocket::deferred::{Deferred, Failure, Resolver};
use pocket::endpoint::Endpoint;
use pocket::reactor::{Handle, Reactor};
use pocket::service::{Service, Services, Serving};
use pocket::transport::{Factory, Protocol};
use std::{cell::Cell, cell::RefCell, net::TcpStream, rc::Rc};

#[derive(Clone, Default)]
struct Log(Rc<RefCell<Vec<String>>>, Rc<RefCell<Vec<Resolver<()>>>>);

#[derive(Clone, Copy, PartialEq)]
enum How {
    Well,
    CannotStart,
    CannotStop,
    Slowly,
}

struct One(&'static str, Log, How);

impl Service for One {
    fn start(&self, _: &Handle) -> Result<(), Failure> {
        if self.2 == How::CannotStart {
            return Err(format!("{} cannot start", self.0).into());
        }
        self.1.0.borrow_mut().push(format!("+{}", self.0));
        Ok(())
    }
    fn stop(&self, _: &Handle) -> Deferred<()> {
        self.1.0.borrow_mut().push(format!("-{}", self.0));
        match self.2 {
            How::CannotStop => Deferred::from(Err(format!("{} cannot stop", self.0).into())),
            How::Slowly => {
                let (resolver, stopped) = Deferred::new();
                self.1.1.borrow_mut().push(resolver);
                stopped
            }
            _ => Deferred::succeed(()),
        }
    }
}

fn services(log: &Log, all: &[(&'static str, How)]) -> Rc<Services> {
    let services = Rc::new(Services::default());
    for (name, how) in all {
        services.add(One(name, log.clone(), *how));
    }
    services
}

/// Whether all have stopped, and how.
type Answer = Rc<RefCell<Option<Result<(), String>>>>;

fn stop(services: &Rc<Services>, at: &Handle) -> Answer {
    let answer = Answer::default();
    let tells = Rc::clone(&answer);
    services.stop(at).on_result(move |result: Result<(), Failure>| {
        *tells.borrow_mut() = Some(result.map_err(|failure| failure.to_string()));
    });
    answer
}

#[test]
fn in_order_and_in_reverse() {
    let (reactor, log) = (Reactor::new().unwrap(), Log::default());
    let at = reactor.handle();
    let all = services(&log, &[("a", How::Well), ("b", How::Well), ("c", How::Well)]);
    all.start(&at).unwrap();
    all.start(&at).unwrap(); // they run already
    assert_eq!(*stop(&all, &at).borrow(), Some(Ok(())));
    assert_eq!(*stop(&all, &at).borrow(), Some(Ok(())), "there is nothing left to stop");
    assert_eq!(log.0.take(), ["+a", "+b", "+c", "-c", "-b", "-a"]);
    all.start(&at).unwrap();
    assert_eq!(log.0.take(), ["+a", "+b", "+c"]);
}

#[test]
fn each_is_waited_for() {
    let (reactor, log) = (Reactor::new().unwrap(), Log::default());
    let at = reactor.handle();
    let all = services(&log, &[("a", How::Well), ("b", How::Slowly), ("c", How::Slowly)]);
    all.start(&at).unwrap();
    let answer = stop(&all, &at);
    for expected in ["-c", "-b"] {
        assert_eq!(log.0.borrow().last().unwrap(), expected);
        assert_eq!(*answer.borrow(), None);
        let resolver = log.1.borrow_mut().pop().unwrap();
        resolver.callback(());
    }
    assert_eq!(*answer.borrow(), Some(Ok(())));
    assert_eq!(log.0.take(), ["+a", "+b", "+c", "-c", "-b", "-a"]);
}

#[test]
fn one_that_cannot_start_takes_the_others_back() {
    let (reactor, log) = (Reactor::new().unwrap(), Log::default());
    let all = services(&log, &[("a", How::Well), ("b", How::CannotStart), ("c", How::Well)]);
    let failure = all.start(&reactor.handle()).unwrap_err();
    assert_eq!(failure.to_string(), "b cannot start");
    assert_eq!(log.0.take(), ["+a", "-a"]);
}

#[test]
fn a_failure_stops_nobody_from_stopping() {
    let (reactor, log) = (Reactor::new().unwrap(), Log::default());
    let at = reactor.handle();
    let all = [("a", How::CannotStop), ("b", How::Well), ("c", How::CannotStop)];
    let all = services(&log, &all);
    all.start(&at).unwrap();
    assert_eq!(*stop(&all, &at).borrow(), Some(Err("c cannot stop".to_owned())));
    assert_eq!(log.0.take(), ["+a", "+b", "+c", "-c", "-b", "-a"]);
}

#[test]
fn a_promise_that_is_dropped_is_an_end_too() {
    let (reactor, log) = (Reactor::new().unwrap(), Log::default());
    let at = reactor.handle();
    let all = services(&log, &[("a", How::Well), ("b", How::Slowly)]);
    all.start(&at).unwrap();
    let answer = stop(&all, &at);
    let resolver = log.1.borrow_mut().pop();
    drop(resolver);
    assert_eq!(*answer.borrow(), Some(Err("the promise was dropped".to_owned())));
    assert_eq!(log.0.take(), ["+a", "+b", "-b", "-a"]);
}

#[test]
fn a_server_accepts_from_start_to_stop() {
    struct Counts(Cell<u32>);
    impl Factory for Counts {
        fn build_protocol(&self) -> Option<Box<dyn Protocol>> {
            self.0.set(self.0.get() + 1);
            None
        }
    }
    let reactor = Reactor::new().unwrap();
    let at = reactor.handle();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let endpoint = Endpoint::parse(&format!("tcp:{port}:interface=127.0.0.1")).unwrap();
    let serving = Serving::new(endpoint, Rc::new(Counts(Cell::new(0))));
    let answers = || TcpStream::connect(("127.0.0.1", port)).is_ok();
    serving.stop(&at).on_result(|result| assert!(result.is_ok(), "it does not run"));
    for _ in 0..2 {
        assert!(!answers());
        serving.start(&at).unwrap();
        assert!(answers());
        serving.stop(&at).on_result(|result| assert!(result.is_ok()));
    }
    assert!(!answers());
}

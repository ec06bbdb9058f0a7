//! Signals of this process, and of a simulated one. The real ones are one test, for they are the process's.
use reactor::{Handle, Id, Knobs, Reactor, Readiness, Signal, Sim, Source};
use std::{cell::RefCell, rc::Rc, time::Duration};

#[cfg(all(unix, feature = "signals"))]
#[test]
fn a_real_signal_ends_a_wait_and_stops_the_run() {
    use reactor::Os;
    for signal in [Signal::Interrupt, Signal::Terminate] {
        let mut reactor = Reactor::new(Os::new().unwrap());
        let h = reactor.handle();
        let order = Rc::new(RefCell::new(Vec::new()));
        let seen = Rc::clone(&order);
        h.during_shutdown(move |_| seen.borrow_mut().push("during"));
        // Another thread raises it when the reactor waits, or is about to: both must end the wait.
        let (waiting, waits) = std::sync::mpsc::channel();
        h.call_later(Duration::from_millis(5), move |_| waiting.send(()).unwrap());
        let raise = std::thread::spawn(move || {
            waits.recv().unwrap();
            signal_hook::low_level::raise(signal.number()).unwrap();
        });
        reactor.run().unwrap();
        raise.join().unwrap();
        assert_eq!(reactor.stopped_by(), Some(signal));
        assert_eq!(*order.borrow(), ["during"]);
    }

    // Signals that a program asks for itself.
    let mut reactor = Reactor::new(Os::new().unwrap());
    let h = reactor.handle();
    let id = h.signals(&[Signal::User1, Signal::HangUp]).unwrap();
    let heard = Hears::new(id, 2);
    h.register(id, heard.clone());
    h.call_soon(|_| {
        for signal in [Signal::User1, Signal::HangUp] {
            signal_hook::low_level::raise(signal.number()).unwrap();
        }
    });
    reactor.run().unwrap();
    let mut signals = heard.signals.take();
    signals.sort();
    assert_eq!(signals, [Signal::HangUp, Signal::User1]);
    assert_eq!(reactor.stopped_by(), None);
}

/// Writes signals down, and stops after some.
struct Hears {
    id: Id,
    enough: usize,
    signals: RefCell<Vec<Signal>>,
}

impl Hears {
    fn new(id: Id, enough: usize) -> Rc<Hears> {
        Rc::new(Hears {
            id,
            enough,
            signals: RefCell::default(),
        })
    }
}

impl Source for Hears {
    fn ready(self: Rc<Self>, h: &Handle, _: Id, _: Readiness) {
        while let Ok(signal) = h.next_signal(self.id) {
            self.signals.borrow_mut().push(signal);
        }
        if self.signals.borrow().len() == self.enough {
            h.stop().unwrap();
        }
    }
}

#[test]
fn a_simulated_signal_comes_when_the_knob_says() {
    let knobs = Knobs::parse("interrupt=3s").unwrap();
    let mut reactor = Reactor::new(Sim::with(1, knobs));
    reactor.run().unwrap();
    assert_eq!(reactor.handle().now().as_millis(), 3_000);
    assert_eq!(reactor.stopped_by(), Some(Signal::Interrupt));
}

#[test]
fn a_second_signal_does_not_wait_for_those_who_hold_up_the_shutdown() {
    let knobs = Knobs::parse("interrupt=3s,terminate=5s").unwrap();
    let mut reactor = Reactor::new(Sim::with(1, knobs));
    let h = reactor.handle();
    let kept = Rc::new(RefCell::new(None));
    let keep = Rc::clone(&kept);
    h.before_shutdown(move |_, hold| *keep.borrow_mut() = Some(hold));
    reactor.run().unwrap();
    assert_eq!(h.now().as_millis(), 5_000);
    assert_eq!(reactor.stopped_by(), Some(Signal::Terminate));
}

#[test]
fn without_signals_leaves_them_to_somebody_else() {
    let knobs = Knobs::parse("interrupt=3s").unwrap();
    let mut reactor = Reactor::new(Sim::with(1, knobs));
    reactor.without_signals();
    reactor
        .handle()
        .call_later(Duration::from_secs(4), |h| h.stop().unwrap());
    reactor.run().unwrap();
    assert_eq!(reactor.stopped_by(), None);
}

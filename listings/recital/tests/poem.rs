//! One function for a poem: it comes, is refused, is no text, is too long, is cancelled, is
//! abandoned.
use deferreds::{Abandoned, Cancelled, Deferred, Failure};
use poetry::{Fault, Options, Pace, Poem};
use reactor::{Address, Handle, Id, Os, Reactor, Readiness, Sim, Source};
use recital::Recital;
use std::{
    cell::{Cell, RefCell},
    io,
    rc::Rc,
    string::FromUtf8Error,
    time::Duration,
};

type Got = Rc<RefCell<Option<Result<String, Failure>>>>;

/// Keeps the result, and stops the loop.
fn keep(reactor: &Handle, poem: Deferred<String>) -> Got {
    let got = Got::default();
    let (kept, stop) = (got.clone(), reactor.clone());
    drop(poem.add_both(move |result| {
        *kept.borrow_mut() = Some(result);
        let _ = stop.stop();
        Ok(())
    }));
    got
}

fn recite(reactor: &Handle, pace: Pace, fault: Fault) -> Address {
    let poems = vec![Poem::named("hope").expect("it is one of ours")];
    let options = Options {
        poems,
        pace,
        fault,
        ..Options::default()
    };
    let recital = Recital::start(reactor, options).expect("a port");
    recital.addresses()[0].clone()
}

/// Runs one download in `reactor`, which is given a minute.
fn fetched(mut reactor: Reactor, at: impl FnOnce(&Handle) -> Address) -> Result<String, Failure> {
    let handle = reactor.handle();
    let at = at(&handle);
    let got = keep(&handle, recital::get_poem(&handle, &at));
    handle.call_later(Duration::from_secs(60), |h| {
        let _ = h.stop();
    });
    reactor.run().expect("it stops");
    got.take().expect("the poem came, or a failure")
}

fn slowly() -> Pace {
    Pace::new(100, Duration::from_millis(1))
}

#[test]
fn a_poem_comes_in_both_worlds() {
    let hope = Poem::named("hope").expect("it is one of ours").text;
    for reactor in [
        Reactor::new(Sim::new(1)),
        Reactor::new(Os::new().expect("a world")),
    ] {
        let poem = fetched(reactor, |h| recite(h, slowly(), Fault::None));
        assert_eq!(poem.expect("it comes"), hope);
    }
}

#[test]
fn nobody_listens_in_both_worlds() {
    for reactor in [
        Reactor::new(Sim::new(1)),
        Reactor::new(Os::new().expect("a world")),
    ] {
        let failure = fetched(reactor, |_| Address::loopback(1)).expect_err("nobody listens");
        let error = failure.check::<io::Error>().expect("an io::Error");
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
    }
}

#[test]
fn a_reset_half_way_is_a_failure() {
    let failure = fetched(Reactor::new(Sim::new(1)), |h| {
        recite(h, slowly(), Fault::Reset)
    });
    let failure = failure.expect_err("it was reset");
    let error = failure.check::<io::Error>().expect("an io::Error");
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
}

/// Sends bytes to each client, as often as asked, then closes.
struct Says {
    listener: Id,
    bytes: &'static [u8],
    times: usize,
}

impl Source for Says {
    fn ready(self: Rc<Self>, reactor: &Handle, _: Id, _: Readiness) {
        while let Ok((to, _)) = reactor.accept(self.listener) {
            let left = Cell::new(self.bytes.len() * self.times);
            reactor.register(
                to,
                Rc::new(Saying {
                    to,
                    left,
                    bytes: self.bytes,
                }),
            );
        }
    }
}

struct Saying {
    to: Id,
    left: Cell<usize>,
    bytes: &'static [u8],
}

impl Source for Saying {
    fn ready(self: Rc<Self>, reactor: &Handle, _: Id, _: Readiness) {
        while self.left.get() > 0 {
            let piece = &self.bytes[..self.left.get().min(self.bytes.len())];
            match reactor.write(self.to, piece) {
                Ok(n) => self.left.set(self.left.get() - n),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                Err(_) => break,
            }
        }
        reactor.close(self.to, false);
    }
}

fn says(reactor: &Handle, bytes: &'static [u8], times: usize) -> Address {
    let listener = reactor.listen(&Address::loopback(0)).expect("a port");
    reactor.register(
        listener,
        Rc::new(Says {
            listener,
            bytes,
            times,
        }),
    );
    reactor.local_address(listener).expect("it listens")
}

/// Whether it is an `io::Error` about invalid data, with an `E` inside.
fn is<E: std::error::Error + 'static>(failure: &Failure) -> bool {
    let error = failure.check::<io::Error>().expect("an io::Error");
    error.kind() == io::ErrorKind::InvalidData
        && error.get_ref().is_some_and(|error| error.is::<E>())
}

#[test]
fn bytes_that_are_no_text_are_a_failure() {
    let failure = fetched(Reactor::new(Sim::new(1)), |h| says(h, b"\xff\xfe", 1));
    let failure = failure.expect_err("no text");
    assert!(is::<FromUtf8Error>(&failure));
}

#[test]
fn a_poem_without_end_is_not_kept() {
    let fits = fetched(Reactor::new(Sim::new(1)), |h| says(h, &[b'o'; 1024], 1024));
    assert_eq!(fits.expect("it fits").len(), recital::LONGEST);
    let failure = fetched(Reactor::new(Sim::new(1)), |h| says(h, &[b'o'; 1024], 1025));
    let failure = failure.expect_err("it is too long");
    assert!(is::<recital::TooLong>(&failure));
}

#[test]
fn cancelling_closes_the_connection() {
    let mut reactor = Reactor::new(Sim::new(1));
    let handle = reactor.handle();
    let at = recite(&handle, Pace::new(1, Duration::from_secs(1)), Fault::None);
    let poem = recital::get_poem(&handle, &at);
    let canceller = poem.canceller();
    handle.call_later(Duration::from_millis(5_500), move |_| canceller.cancel());
    // The server hears that its client is gone, and has no pause left to wait for.
    while reactor.next_deadline().is_some() {
        reactor.turn(None).expect("there is something to wait for");
    }
    let now = handle.now();
    assert!(now.as_millis() < 10_000, "it recites to nobody until {now}");
    let failure = poem.into_result().expect("it has fired").unwrap_err();
    assert!(failure.check::<Cancelled>().is_some());
}

#[test]
fn a_reactor_that_is_dropped_abandons_its_downloads() {
    let reactor = Reactor::new(Sim::new(1));
    let handle = reactor.handle();
    let at = recite(&handle, slowly(), Fault::None);
    let got = keep(&handle, recital::get_poem(&handle, &at));
    drop(reactor);
    let failure = got
        .take()
        .expect("it failed")
        .expect_err("no loop, no poem");
    assert!(failure.check::<Abandoned>().is_some());
}

//! Downloads from good, bad and silent servers in the simulated world.
use std::{cell::RefCell, io, rc::Rc, time::Duration};
use tell_once::get_poem;
use untwisted::{
    poetry::{Fault, Options, POEMS, Pace},
    reactor::{Address, Handle, Id, Reactor, Readiness, Sim, Source},
    recital::Recital,
};

/// What was told, and after how many tenths of a second.
type Ends = Rc<RefCell<Vec<(io::Result<Vec<u8>>, u64)>>>;

/// What the downloads from `at` told, until nothing more happened.
fn download(reactor: &mut Reactor, at: &Address) -> Vec<(io::Result<Vec<u8>>, u64)> {
    let handle = reactor.handle();
    let ends = Ends::default();
    let told = Rc::clone(&ends);
    get_poem(&handle, at, move |reactor, result| {
        let tenths = reactor.now().as_millis() / 100;
        told.borrow_mut().push((result, tenths));
        // A little later, so that a second call would be seen.
        reactor.call_later(Duration::from_secs(1), |reactor| {
            reactor.stop().expect("it runs");
        });
    });
    assert!(
        ends.borrow().is_empty(),
        "`finished` was called before `get_poem` has returned"
    );
    if let Err(error) = reactor.run() {
        assert!(error.is_stalled(), "the reactor ended with {error}");
        panic!("stalled: the download ended or will not go on, and `finished` was not called");
    }
    let ends = ends.take();
    assert_eq!(ends.len(), 1, "`finished` is called exactly once");
    ends
}

/// The one result of a download from a server with such a fault.
fn from_server(world: &str, fault: Fault) -> io::Result<Vec<u8>> {
    let mut reactor = Reactor::new(Sim::parse(world).expect("a world"));
    let pace = Pace::new(300, Duration::from_millis(100));
    let options = Options {
        pace,
        fault,
        ..Options::default()
    };
    let server = Recital::start(&reactor.handle(), options).expect("a server");
    let at = server.addresses()[0].clone();
    download(&mut reactor, &at).remove(0).0
}

/// The poem of a server that has sent all of it and ended.
fn whole(poem: io::Result<Vec<u8>>) -> Vec<u8> {
    match poem {
        Ok(poem) => poem,
        Err(error) if error.kind() == io::ErrorKind::TimedOut => panic!(
            "the server has sent its poem and ended, and the download waited on until it gave up: read until WouldBlock or the end"
        ),
        Err(error) => panic!("nothing went wrong in this download, and there is an error: {error}"),
    }
}

#[test]
fn a_whole_poem_arrives() {
    for world in ["1", "1,chunk=1-200", "2,latency=80ms,jitter=40ms"] {
        let poem = whole(from_server(world, Fault::None));
        assert_eq!(
            poem.len(),
            POEMS[0].text.len(),
            "(bytes) all of the poem, in the world sim:{world}"
        );
        assert!(
            poem == POEMS[0].text.as_bytes(),
            "as many bytes as the poem has, but not those of the poem, in the world sim:{world}"
        );
    }
}

#[test]
fn a_refused_connection_is_told() {
    let mut reactor = Reactor::new(Sim::new(1));
    let (end, _) = download(&mut reactor, &Address::loopback(1)).remove(0);
    let error = end.expect_err("no server listens there, so there is no poem");
    assert_eq!(
        error.kind(),
        io::ErrorKind::ConnectionRefused,
        "`finished` gets the error with which connecting failed"
    );
}

#[test]
fn a_broken_connection_is_told() {
    let end = from_server("1", Fault::Reset);
    assert!(
        end.is_err(),
        "the connection broke in the middle: half a poem was told as a whole one"
    );
}

#[test]
fn connecting_may_fail_at_once() {
    // This world has no descriptor left for a connection.
    let mut reactor = Reactor::new(Sim::parse("1,descriptors=1").expect("a world"));
    let handle = reactor.handle();
    let listener = handle.listen(&Address::loopback(0)).expect("the first one");
    let at = handle.local_address(listener).expect("it listens");
    let ends =
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| download(&mut reactor, &at)));
    match ends {
        Ok(ends) => assert!(
            ends[0].0.is_err(),
            "there was no connection, so there is no poem"
        ),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map_or("", String::as_str);
            assert!(
                !text.contains("unwrap"),
                "`connect` itself failed, and that was a panic: {text}"
            );
            std::panic::resume_unwind(panic);
        }
    }
}

/// A server that says its words at given seconds and ends at one, or never. It notes when the client has gone.
struct Server {
    id: Id,
    words: &'static [(u64, &'static str)],
    end: Option<u64>,
    gone: Rc<RefCell<bool>>,
}

impl Source for Server {
    fn ready(self: Rc<Self>, reactor: &Handle, _: Id, _: Readiness) {
        while let Ok((stream, _)) = reactor.accept(self.id) {
            for &(second, word) in self.words {
                reactor.call_later(Duration::from_secs(second), move |reactor| {
                    // The client may have gone.
                    let _ = reactor.write(stream, word.as_bytes());
                });
            }
            if let Some(end) = self.end {
                reactor.call_later(Duration::from_secs(end), move |reactor| {
                    let _ = reactor.shutdown(stream);
                });
            }
            let gone = Rc::clone(&self.gone);
            let server = Server {
                id: stream,
                gone,
                ..*self
            };
            reactor.register(stream, Rc::new(server));
        }
        if matches!(reactor.read(self.id, &mut [0; 16]), Ok(0)) {
            self.gone.replace(true);
        }
    }
}

/// A download from such a server: what was told, when, whether the stream is closed, and whether a timer is left.
fn scripted(
    words: &'static [(u64, &'static str)],
    end: Option<u64>,
) -> (io::Result<Vec<u8>>, u64, bool, bool) {
    let mut reactor = Reactor::new(Sim::new(1));
    let handle = reactor.handle();
    let gone = Rc::default();
    let id = handle.listen(&Address::loopback(0)).expect("a listener");
    let server = Server {
        id,
        words,
        end,
        gone: Rc::clone(&gone),
    };
    handle.register(id, Rc::new(server));
    let at = handle.local_address(id).expect("it listens");
    let (result, tenths) = download(&mut reactor, &at).remove(0);
    let gone = *gone.borrow();
    (result, tenths, gone, reactor.next_deadline().is_some())
}

#[test]
fn the_stream_is_closed_and_no_timer_is_left() {
    let (poem, _, closed, timer) = scripted(&[(0, "Tyger")], Some(0));
    assert_eq!(whole(poem), b"Tyger", "all that the server has sent");
    assert!(
        closed,
        "the download has ended, but its stream is still open"
    );
    assert!(!timer, "the download has ended, and a timer is left");
}

#[test]
fn silence_is_told() {
    for (words, last) in [(&[][..], 0), (&[(0, "Tyger "), (4, "Tyger")][..], 40)] {
        let (result, tenths, closed, _) = scripted(words, None);
        let after = tenths.saturating_sub(last);
        let error = result.expect_err("the server never ended its poem, so this is half of one");
        assert_eq!(
            error.kind(),
            io::ErrorKind::TimedOut,
            "the server has said nothing for 10 s: the kind of this error is TimedOut"
        );
        assert!(
            (100..110).contains(&after),
            "10 s are for each silence: it was told {after} tenths of a second after the last word"
        );
        assert!(
            closed,
            "nothing was said for 10 s and the download has ended, but its stream is still open"
        );
    }
}

#[test]
fn a_slow_server_is_not_silent() {
    let words = &[
        (0, "Tyger "),
        (8, "Tyger, "),
        (16, "burning "),
        (24, "bright"),
    ];
    let (poem, ..) = scripted(words, Some(32));
    let poem =
        poem.expect("no silence was as long as 10 s; 10 s are for each silence, not for all");
    assert_eq!(
        poem, b"Tyger Tyger, burning bright",
        "all that the server has sent, in its order"
    );
}

//! Downloads from good and bad servers in the simulated world.
use std::{cell::RefCell, io, rc::Rc, time::Duration};
use tell_once::get_poem;
use untwisted::{
    poetry::{Fault, Options, POEMS, Pace},
    reactor::{Address, Handle, Id, Reactor, Readiness, Sim, Source, recital::Recital},
};

type Ends = Rc<RefCell<Vec<io::Result<Vec<u8>>>>>;

/// What the downloads from `at` told, until nothing more happened.
fn download(reactor: &mut Reactor, at: &Address) -> Vec<io::Result<Vec<u8>>> {
    let handle = reactor.handle();
    let ends = Ends::default();
    let told = Rc::clone(&ends);
    get_poem(&handle, at, move |reactor, result| {
        told.borrow_mut().push(result);
        // A little later, so that a second call would be seen.
        reactor.call_later(Duration::from_secs(1), |reactor| reactor.stop().unwrap());
    });
    assert!(
        ends.borrow().is_empty(),
        "`finished` was called before `get_poem` has returned"
    );
    if let Err(error) = reactor.run() {
        assert!(error.is_stalled(), "{error}");
        panic!("stalled: the download has ended or will never go on, and nobody was told");
    }
    ends.take()
}

fn from_server(world: &str, fault: Fault) -> Vec<io::Result<Vec<u8>>> {
    let mut reactor = Reactor::new(Sim::parse(world).unwrap());
    let pace = Pace::new(300, Duration::from_millis(100));
    let server = Recital::start(
        &reactor.handle(),
        Options {
            pace,
            fault,
            ..Options::default()
        },
    );
    let at = server.unwrap().addresses()[0].clone();
    download(&mut reactor, &at)
}

#[test]
fn a_whole_poem_arrives() {
    for world in ["1", "1,chunk=1-200", "2,latency=80ms,jitter=40ms"] {
        let ends = from_server(world, Fault::None);
        assert_eq!(ends.len(), 1, "`finished` is called exactly once");
        let poem = ends[0]
            .as_ref()
            .expect("nothing went wrong in this download");
        assert_eq!(
            poem.len(),
            POEMS[0].text.len(),
            "all bytes of the poem, in the world sim:{world}"
        );
        assert_eq!(poem, POEMS[0].text.as_bytes());
    }
}

#[test]
fn a_refused_connection_is_told() {
    let mut reactor = Reactor::new(Sim::new(1));
    let ends = download(&mut reactor, &Address::loopback(1));
    let error = ends[0]
        .as_ref()
        .expect_err("nobody listens there, so there is no poem");
    assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
}

#[test]
fn a_broken_connection_is_told() {
    let ends = from_server("1", Fault::Reset);
    assert!(
        ends[0].is_err(),
        "the connection broke in the middle: half a poem was told as a whole one"
    );
}

#[test]
fn connecting_may_fail_at_once() {
    // This world has no descriptor left for a connection.
    let mut reactor = Reactor::new(Sim::parse("1,descriptors=1").unwrap());
    let listener = reactor.handle().listen(&Address::loopback(0)).unwrap();
    let at = reactor.handle().local_address(listener).unwrap();
    let ends =
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| download(&mut reactor, &at)));
    match ends {
        Ok(ends) => assert!(
            ends[0].is_err(),
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

/// A server that says one word and then listens for the client to go.
struct Server(Id, Rc<RefCell<bool>>);

impl Source for Server {
    fn ready(self: Rc<Self>, reactor: &Handle, _: Id, _: Readiness) {
        let mut bytes = [0; 16];
        while let Ok((stream, _)) = reactor.accept(self.0) {
            reactor.write(stream, b"Tyger").unwrap();
            reactor.shutdown(stream).unwrap();
            reactor.register(stream, Rc::new(Server(stream, Rc::clone(&self.1))));
        }
        if matches!(reactor.read(self.0, &mut bytes), Ok(0)) {
            *self.1.borrow_mut() = true;
        }
    }
}

#[test]
fn the_stream_is_closed() {
    let mut reactor = Reactor::new(Sim::new(1));
    let handle = reactor.handle();
    let gone = Rc::new(RefCell::new(false));
    let listener = handle.listen(&Address::loopback(0)).unwrap();
    handle.register(listener, Rc::new(Server(listener, Rc::clone(&gone))));
    let at = handle.local_address(listener).unwrap();
    let ends = download(&mut reactor, &at);
    assert_eq!(ends[0].as_ref().unwrap(), b"Tyger");
    assert!(
        *gone.borrow(),
        "the download has ended, but its stream is still open"
    );
}

//! Sources that end, fail, flood or fall silent, and clients that stay or leave.
use leaky_proxy::{Source, pass_on};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};
use untwisted::{
    coroutines::{block_on, sleep},
    deferreds::{Deferred, Failure, defer_later},
    reactor::{Address, Handle, Reactor, Sim},
    transports::Stream,
    web::{Page, Site, talk},
};

#[derive(Clone, Copy, PartialEq)]
enum Then {
    Ends,
    Fails,
    IsSilent,
}

/// Says so many pieces of so many bytes, a millisecond each, and then does that.
struct Server {
    reactor: Handle,
    pieces: Cell<usize>,
    bytes: usize,
    then: Then,
    asked: Cell<usize>,
    closed: Cell<usize>,
    /// How often it had been closed ten seconds after the client was done, when the site was still there.
    closed_in_time: Cell<usize>,
    waiting: RefCell<Vec<untwisted::deferreds::Resolver<Option<String>>>>,
}

impl Source for Server {
    fn next(&self) -> Deferred<Option<String>> {
        assert_eq!(
            self.closed.get(),
            0,
            "a source that was closed is not asked again"
        );
        self.asked.set(self.asked.get() + 1);
        let left = self.pieces.get();
        if left > 0 {
            self.pieces.set(left - 1);
            let piece = "x".repeat(self.bytes);
            return defer_later(&self.reactor, Duration::from_millis(1), move |_| {
                Ok(Some(piece))
            });
        }
        match self.then {
            Then::Ends => Deferred::succeed(None),
            Then::Fails => Deferred::fail(Failure::new("the connection broke")),
            Then::IsSilent => {
                let (resolver, never) = Deferred::new();
                self.waiting.borrow_mut().push(resolver);
                never
            }
        }
    }

    fn close(&self) {
        self.closed.set(self.closed.get() + 1);
    }
}

/// What a client does.
#[derive(Clone, Copy)]
enum Client {
    Reads,
    /// It leaves after so many seconds, and has read nothing of what came.
    Leaves(u64),
}

fn visit(pieces: usize, bytes: usize, then: Then, client: Client) -> (String, Rc<Server>) {
    let mut reactor = Reactor::new(Sim::new(1));
    let handle = reactor.handle();
    let server = Rc::new(Server {
        reactor: handle.clone(),
        pieces: Cell::new(pieces),
        bytes,
        then,
        asked: Cell::new(0),
        closed: Cell::new(0),
        closed_in_time: Cell::new(0),
        waiting: RefCell::default(),
    });
    let (h, source) = (handle.clone(), Rc::clone(&server));
    let page = Page::new(move |_| pass_on(&h, source.clone()));
    let served = Site::new(page)
        .listen(&handle, &Address::loopback(0))
        .expect("a port");
    let (at, seen) = (served.address().clone(), Rc::clone(&server));
    let reply = block_on(&mut reactor, async move {
        let request = "GET / HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n";
        let reply = match client {
            Client::Reads => talk(&handle, &at, request).await?,
            Client::Leaves(seconds) => {
                let stream = Stream::connect(&handle, &at).await?;
                stream.transport().write(request);
                stream.transport().pause_reading();
                sleep(&handle, Duration::from_secs(seconds)).await;
                stream.transport().abort_connection();
                String::new()
            }
        };
        sleep(&handle, Duration::from_secs(10)).await;
        seen.closed_in_time.set(seen.closed.get());
        Ok(reply)
    });
    (reply.expect("a reply"), server)
}

#[test]
fn all_of_it_is_passed_on() {
    let (reply, server) = visit(3, 5, Then::Ends, Client::Reads);
    assert_eq!(
        reply.matches("xxxxx").count(),
        3,
        "three pieces are passed on: {reply}"
    );
    assert!(
        reply.ends_with("0\r\n\r\n"),
        "the source came to its end, so the page is finished: {reply}"
    );
    assert_eq!(
        server.closed_in_time.get(),
        1,
        "(closed) a source at its end is closed, once"
    );
}

#[test]
fn a_failure_can_be_seen() {
    let (reply, server) = visit(2, 5, Then::Fails, Client::Reads);
    assert_eq!(
        reply.matches("xxxxx").count(),
        2,
        "what came before the failure is passed on: {reply}"
    );
    assert!(
        !reply.ends_with("0\r\n\r\n"),
        "the source broke off, so the page must not look finished"
    );
    assert_eq!(
        server.closed_in_time.get(),
        1,
        "(closed) a source that failed is closed, once"
    );
}

#[test]
fn a_client_that_leaves_while_the_source_is_silent() {
    for pieces in [0, 1] {
        let (_, server) = visit(pieces, 5, Then::IsSilent, Client::Leaves(2));
        assert_eq!(
            server.closed_in_time.get(),
            1,
            "(closed) the client left while the source had nothing to say: the source is closed at once, not at its next piece"
        );
    }
}

#[test]
fn a_client_that_leaves_while_the_source_floods() {
    let (_, server) = visit(50_000, 1_000, Then::Ends, Client::Leaves(2));
    assert_eq!(
        server.closed_in_time.get(),
        1,
        "(closed) the client left in the middle: the source is closed, once"
    );
}

#[test]
fn a_slow_client_holds_back_the_source() {
    let (_, server) = visit(5_000, 10_000, Then::Ends, Client::Leaves(60));
    let asked = server.asked.get();
    assert!(
        asked < 200,
        "the client read nothing, and the source was asked for {asked} pieces of 10,000 bytes: wait until what was written has been taken"
    );
}

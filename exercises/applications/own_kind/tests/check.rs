//! Parses endpoints of the kind `first`, and listens at them while ports are taken.
use own_kind::first;
use std::rc::Rc;
use untwisted::{
    applications::{Endpoint, EndpointError, Kinds, ListenError, Listening},
    deferreds::Failure,
    reactor::{Address, Handle, Reactor, Sim},
    transports::{Protocol, Transport, listen},
};

struct Quiet;

impl Protocol for Quiet {
    fn data_received(&mut self, _: &Transport, _: &[u8]) -> Result<(), Failure> {
        Ok(())
    }
}

fn parse(text: &str) -> Result<Endpoint, EndpointError> {
    let mut kinds = Kinds::standard();
    kinds.add("first", first);
    kinds.parse(text)
}

fn open(reactor: &Handle, text: &str) -> Result<Listening, Failure> {
    parse(text)
        .expect(text)
        .listen(reactor, Rc::new(|_: &Address| Quiet))
}

fn take(reactor: &Handle, port: u16) {
    listen(
        reactor,
        &Address::loopback(port),
        Rc::new(|_: &Address| Quiet),
    )
    .expect("it is free");
}

fn port(listening: &Listening) -> u16 {
    listening
        .address()
        .and_then(Address::port)
        .expect("it has an address with a port")
}

#[test]
fn the_first_free_one() {
    let reactor = Reactor::new(Sim::new(1));
    let handle = reactor.handle();
    let listening = open(&handle, "first:4000-4003").expect("all are free");
    assert_eq!(
        port(&listening),
        4000,
        "all four are free: it is the lowest"
    );
    assert_eq!(
        listening.addresses().count(),
        1,
        "it listens at one port, not at all of them"
    );
    assert_eq!(
        listening.address(),
        Some(&Address::loopback(4000)),
        "it is one of 127.0.0.1"
    );
    take(&handle, 4001);
    take(&handle, 4002);
    let listening = open(&handle, "first:ports=4000-4003")
        .expect("the last one belongs to them, too: 4003 is free");
    assert_eq!(port(&listening), 4003, "the last one belongs to them, too");
    listening.stop_listening();
    assert_eq!(
        port(&open(&handle, "first:4003-4003").expect("it is free again")),
        4003,
        "LOW and HIGH may be the same"
    );
}

#[test]
fn all_are_taken() {
    let reactor = Reactor::new(Sim::new(1));
    let handle = reactor.handle();
    take(&handle, 4000);
    take(&handle, 4001);
    let failure = open(&handle, "first:4000-4001").expect_err("all are taken, which is an error");
    let error = failure.check::<ListenError>().expect("a ListenError");
    assert_eq!(
        error.kind(),
        std::io::ErrorKind::AddrInUse,
        "all are taken: the error is AddrInUse"
    );
    open(&handle, "first:65535-65535").expect("the highest port that there is");
}

#[test]
fn mistakes_are_pointed_at() {
    for (text, part) in [
        ("first", ""),
        ("first:", ""),
        ("first:4000", "4000"),
        ("first:4010-4000", "4010-4000"),
        ("first:0-10", "0-10"),
        ("first:4000-70000", "4000-70000"),
        ("first:4000-", "4000-"),
        ("first:+4000-4001", "+4000-4001"),
        ("first:ports=4000-4001-4002", "4000-4001-4002"),
        ("first:4000-4001:5000-5001", "5000-5001"),
        ("first:4000-4001:interface=127.0.0.1", "interface=127.0.0.1"),
    ] {
        let error = match parse(text) {
            Ok(_) => panic!("{text:?} is wrong, and was accepted"),
            Err(error) => error,
        };
        assert_eq!(
            &text[error.at()],
            part,
            "{text:?}: the error points at what is wrong: {error}"
        );
    }
}

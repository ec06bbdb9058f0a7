//! TLS over a relay that is cut, changed, or silent.
use super::*;
use std::{io, time::Duration};
use transports::tls::Truncated;

/// A relay between a client and a server, which can be cut, or go dead.
#[derive(Clone, Default)]
struct Relay(Rc<RefCell<Sides>>);

#[derive(Default)]
struct Sides {
    to_client: Option<Transport>,
    to_server: Option<Transport>,
    early: Vec<u8>,
    dead: bool,
}

struct RelaySide(Relay, bool);

impl Protocol for RelaySide {
    fn connection_made(&mut self, t: &Transport) -> Result<(), Failure> {
        let mut sides = self.0.0.borrow_mut();
        if self.1 {
            sides.to_client = Some(t.clone());
        } else {
            t.write(std::mem::take(&mut sides.early));
            sides.to_server = Some(t.clone());
        }
        Ok(())
    }
    fn data_received(&mut self, _: &Transport, data: &[u8]) -> Result<(), Failure> {
        let mut sides = self.0.0.borrow_mut();
        let other = if self.1 {
            &sides.to_server
        } else {
            &sides.to_client
        };
        match other {
            _ if sides.dead => {}
            Some(other) => other.write(data),
            None => sides.early.extend_from_slice(data),
        }
        Ok(())
    }
}

/// A secured pair with a relay between them.
fn relayed(reactor: Reactor, server: &Probe, client: &Probe) -> (Secured, Relay) {
    let (server_tls, client_tls) = good();
    let handle = reactor.handle();
    let factory = secure(server_tls, server.factory());
    let port = listen(&handle, &Address::loopback(0), factory).unwrap();
    let relay = Relay::default();
    let (one, other) = (relay.clone(), relay.clone());
    let middle = Rc::new(move |_: &Address| RelaySide(one.clone(), true));
    let middle = listen(&handle, &Address::loopback(0), middle).unwrap();
    let at = middle.address().clone();
    connect(
        &handle,
        port.address(),
        Rc::new(move |_: &Address| RelaySide(other.clone(), false)),
    );
    connect(&handle, &at, secure(client_tls, client.factory()));
    (
        Secured {
            reactor,
            handle,
            at,
        },
        relay,
    )
}

#[test]
fn an_end_without_close_notify_is_a_failure() {
    for reactor in [sim("1"), os()] {
        let server = Probe::new().on_made(|t| {
            t.write("half a poem");
            Ok(())
        });
        let client = Probe::new();
        let (mut s, relay) = relayed(reactor, &server, &client);
        until(&mut s.reactor, "half is there", || client.received() == 11);
        let cut = relay.0.borrow().to_client.clone().unwrap();
        cut.lose_connection();
        until(&mut s.reactor, "lost", || client.lost() == 1);
        let Loss::Failed(failure) = client.loss() else {
            panic!("not failed");
        };
        assert!(failure.check::<Truncated>().is_some(), "{failure}");
    }
}

#[test]
fn a_peer_that_never_answers_close_notify_holds_nobody_up() {
    for reactor in [sim("1"), os()] {
        let (server, client) = (Probe::new(), Probe::new());
        let (mut s, relay) = relayed(reactor, &server, &client);
        until(&mut s.reactor, "made", || client.made() == 1);
        relay.0.borrow_mut().dead = true;
        let began = s.handle.now();
        client.transport().write("goodbye");
        client.transport().lose_connection();
        until(&mut s.reactor, "lost", || client.lost() == 1);
        assert!(matches!(client.loss(), Loss::Done));
        assert!(s.handle.now() - began < Duration::from_secs(5));
    }
}

#[test]
fn changed_bytes_are_a_failure_and_are_never_delivered() {
    let (server, client) = (Probe::new(), Probe::new());
    let (mut s, relay) = relayed(sim("1"), &server, &client);
    until(&mut s.reactor, "made", || {
        client.made() == 1 && server.made() == 1
    });
    let to_server = relay.0.borrow().to_server.clone().unwrap();
    // A record of application data that was not encrypted.
    to_server.write([23, 3, 3, 0, 30]);
    to_server.write([0; 30]);
    until(&mut s.reactor, "lost", || server.lost() == 1);
    assert_eq!(server.received(), 0);
    assert!(matches!(server.loss(), Loss::Failed(_)));
}

#[test]
fn a_client_that_never_begins_is_given_up_after_half_a_minute() {
    let mut reactor = sim("1");
    let handle = reactor.handle();
    let server = Probe::echo();
    let factory = secure(good().0, server.factory());
    let port = listen(&handle, &Address::loopback(0), factory).unwrap();
    let silent = Probe::new();
    connect(&handle, port.address(), silent.factory());
    until(&mut reactor, "given up", || server.has_failed());
    let failure = server.failure();
    let error = failure.check::<io::Error>().expect("a timeout");
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    rest(&mut reactor);
    assert_eq!(silent.lost(), 1);
    assert!((30_000..50_000).contains(&handle.now().as_millis()));
}

#[test]
fn a_peer_that_leaves_in_the_handshake_is_a_failed_connection() {
    for mut reactor in [sim("1"), os()] {
        let handle = reactor.handle();
        let server = Probe::new().on_made(|t| {
            t.lose_connection();
            Ok(())
        });
        let port = listen(&handle, &Address::loopback(0), server.factory()).unwrap();
        let client = Probe::new();
        connect(&handle, port.address(), secure(good().1, client.factory()));
        until(&mut reactor, "failed", || client.has_failed());
        assert_eq!(client.log(), [format!("failed {}", port.address())]);
    }
}

#[test]
fn paused_data_and_the_end_behind_it_come_when_reading_resumes() {
    for reactor in [sim("1"), os()] {
        let client = Probe::new().on_made(|t| {
            t.pause_reading();
            Ok(())
        });
        let server = Probe::new().on_made(|t| {
            t.write(pattern(500));
            t.lose_connection();
            Ok(())
        });
        let mut s = secured(reactor, &server, &client);
        until(&mut s.reactor, "made", || client.made() == 1);
        rest(&mut s.reactor);
        assert_eq!(client.received(), 0);
        client.transport().resume_reading();
        until(&mut s.reactor, "lost", || client.lost() == 1);
        assert_eq!(client.data(), pattern(500));
        assert!(matches!(client.loss(), Loss::Done));
    }
}

#[test]
fn what_is_written_before_the_handshake_counts_as_waiting() {
    let (server, client) = (Probe::new(), Probe::new());
    let (mut s, relay) = relayed(sim("1"), &server, &client);
    relay.0.borrow_mut().dead = true;
    let late = Probe::new().on_made({
        let tls = good().1;
        move |t| {
            t.start_tls(&tls, &[])?;
            t.write(vec![0; 100_000]);
            Ok(())
        }
    });
    connect(&s.handle, &s.at, late.factory());
    until(&mut s.reactor, "made", || late.made() == 1);
    rest(&mut s.reactor);
    assert!(late.transport().waiting() >= 100_000);
    assert!(late.transport().is_full());
    late.transport().lose_connection();
    rest(&mut s.reactor);
    assert_eq!(late.lost(), 0, "it is flushed first, and cannot be");
    late.transport().abort_connection();
    until(&mut s.reactor, "aborted", || late.lost() == 1);
}

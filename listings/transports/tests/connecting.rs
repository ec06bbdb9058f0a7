//! Connecting: refused, timed out, cancelled, and the first of several addresses.
mod help;

use deferreds::{Cancelled, Failure};
use help::{Pair, Probe, os, rest, sim, until, worlds};
use reactor::{Address, Handle, Reactor, Time};
use std::{cell::Cell, io, rc::Rc, time::Duration};
use transports::{ConnectError, ConnectOptions, Factory, Protocol, connect, connect_any, listen};

/// A port at which no server listens.
fn closed_port(handle: &Handle) -> Address {
    let port = listen(handle, &Address::loopback(0), Probe::new().factory()).unwrap();
    port.stop_listening();
    port.address().clone()
}

/// A port that does not answer, because its backlog is full.
fn silent_port(reactor: &mut Reactor) -> Address {
    let handle = reactor.handle();
    let id = handle
        .listen_with_backlog(&Address::loopback(0), 1)
        .unwrap();
    let at = handle.local_address(id).unwrap();
    for _ in 0..4 {
        handle.connect(&at).unwrap();
    }
    reactor.turn(Some(Duration::from_millis(5))).unwrap();
    at
}

fn connect_error(probe: &Probe) -> (Address, io::ErrorKind) {
    let error = probe.failure().trap::<ConnectError>().unwrap();
    (error.to, error.error.kind())
}

#[test]
fn refused_is_told_once_and_says_where() {
    for (world, mut reactor) in worlds() {
        let handle = reactor.handle();
        let at = closed_port(&handle);
        let client = Probe::new();
        let connector = connect(&handle, &at, client.factory());
        assert!(!client.has_failed(), "not inside connect");
        assert_eq!(connector.destination(), at);
        until(&mut reactor, "refused", || client.has_failed());
        rest(&mut reactor);
        assert_eq!(client.log(), [format!("failed {at}")], "{world}");
        assert_eq!(
            connect_error(&client),
            (at, io::ErrorKind::ConnectionRefused)
        );
        assert!(!connector.is_connecting());
        connector.cancel();
        rest(&mut reactor);
        assert_eq!(client.log().len(), 1, "a cancel comes too late");
    }
}

#[test]
fn an_address_that_cannot_be_tried_is_told_later_too() {
    let mut reactor = os();
    let handle = reactor.handle();
    let client = Probe::new();
    connect(
        &handle,
        &Address::Unix("/nowhere/at/all".into()),
        client.factory(),
    );
    assert!(!client.has_failed(), "not inside connect");
    until(&mut reactor, "failed", || client.has_failed());
    assert_eq!(connect_error(&client).1, io::ErrorKind::NotFound);

    let client = Probe::new();
    connect_any(&handle, &[], client.factory(), ConnectOptions::default());
    until(&mut reactor, "failed", || client.has_failed());
    assert!(client.failure().to_string().contains("no address"));
}

/// Writes down when it fails.
struct Failed(Handle, Cell<Option<(Time, Failure)>>);

impl Factory for Failed {
    fn build_protocol(&self, _: &Address) -> Option<Box<dyn Protocol>> {
        None
    }
    fn connection_failed(&self, _: &Address, why: Failure) {
        self.1.set(Some((self.0.now(), why)));
    }
}

#[test]
fn nobody_answers_and_the_time_is_up_exactly_then() {
    for (timeout, millis) in [(None, 30_000), (Some(250), 250), (Some(0), 0)] {
        let mut reactor = sim("1,partition=0s");
        let handle = reactor.handle();
        let port = listen(&handle, &Address::loopback(0), Probe::new().factory()).unwrap();
        let client = Rc::new(Failed(handle.clone(), Cell::default()));
        let mut options = ConnectOptions::default();
        if let Some(timeout) = timeout {
            options.timeout = Some(Duration::from_millis(timeout));
        }
        let connector = connect_any(&handle, &[port.address().clone()], client.clone(), options);
        let mut failed = None;
        until(&mut reactor, "timed out", || {
            failed = client.1.take();
            failed.is_some()
        });
        let (when, why) = failed.unwrap();
        assert_eq!(when.as_millis(), millis);
        let error = why.trap::<ConnectError>().unwrap();
        assert_eq!(error.to, *port.address());
        assert_eq!(error.error.kind(), io::ErrorKind::TimedOut);
        assert!(!connector.is_connecting());
    }
}

#[test]
fn a_connection_in_time_takes_its_timer_back() {
    let (server, client) = (Probe::new(), Probe::new());
    let mut pair = Pair::new(sim("1"), &server, &client);
    pair.until_made(&server, &client);
    assert_eq!(pair.reactor.next_deadline(), None, "no timer is left");
    pair.connector.cancel();
    pair.rest();
    assert_eq!(client.log(), ["made"], "a cancel comes too late");
}

#[test]
fn cancelled_twice_it_fails_once_with_cancelled() {
    for (_, mut reactor) in worlds() {
        let handle = reactor.handle();
        let (server, client) = (Probe::new(), Probe::new());
        let port = listen(&handle, &Address::loopback(0), server.factory()).unwrap();
        let connector = connect(&handle, port.address(), client.factory());
        connector.cancel();
        connector.cancel();
        assert!(!client.has_failed(), "not inside cancel");
        until(&mut reactor, "cancelled", || client.has_failed());
        rest(&mut reactor);
        assert_eq!(client.log(), [format!("failed {}", port.address())]);
        assert!(client.failure().check::<Cancelled>().is_some());
        assert_eq!(client.made(), 0);
    }
}

#[test]
fn a_connector_that_is_dropped_still_connects() {
    for (_, mut reactor) in worlds() {
        let handle = reactor.handle();
        let (server, client) = (Probe::new(), Probe::new());
        let port = listen(&handle, &Address::loopback(0), server.factory()).unwrap();
        drop(connect(&handle, port.address(), client.factory()));
        drop(port);
        until(&mut reactor, "made", || client.made() == 1);
    }
}

#[test]
fn of_several_addresses_a_refused_one_costs_no_wait() {
    for (world, mut reactor) in worlds() {
        let handle = reactor.handle();
        let (server, client) = (Probe::new(), Probe::new());
        let port = listen(&handle, &Address::loopback(0), server.factory()).unwrap();
        let to = [
            closed_port(&handle),
            closed_port(&handle),
            port.address().clone(),
        ];
        let options = ConnectOptions {
            stagger: Duration::from_secs(3600),
            ..Default::default()
        };
        let connector = connect_any(&handle, &to, client.factory(), options);
        assert_eq!(connector.destinations(), to);
        until(&mut reactor, "made", || client.made() == 1);
        assert_eq!(client.transport().peer(), port.address(), "{world}");
        rest(&mut reactor);
        assert!(!client.has_failed());
    }
}

#[test]
fn of_several_addresses_a_silent_one_is_overtaken_and_closed() {
    let mut reactor = sim("1");
    let handle = reactor.handle();
    let silent = silent_port(&mut reactor);
    let (server, client) = (Probe::new(), Probe::new());
    let port = listen(&handle, &Address::loopback(0), server.factory()).unwrap();
    let began = handle.now();
    let connector = connect_any(
        &handle,
        &[silent, port.address().clone()],
        client.factory(),
        ConnectOptions::default(),
    );
    until(&mut reactor, "made", || client.made() == 1);
    let took = (handle.now() - began).as_millis();
    assert!((300..310).contains(&took), "{took} ms: 300 and the way");
    assert!(!connector.is_connecting());
    // Long after, when the silent one could have answered: still one connection, and one protocol.
    for _ in 0..200 {
        reactor.turn(Some(Duration::from_secs(1))).unwrap();
    }
    assert_eq!(client.log(), ["made"]);
}

#[test]
fn if_none_of_several_answers_the_last_error_is_told_once() {
    for (_, mut reactor) in worlds() {
        let handle = reactor.handle();
        let to = [closed_port(&handle), closed_port(&handle)];
        let client = Probe::new();
        connect_any(&handle, &to, client.factory(), ConnectOptions::default());
        until(&mut reactor, "failed", || client.has_failed());
        rest(&mut reactor);
        assert_eq!(client.log().len(), 1);
        let (at, kind) = connect_error(&client);
        assert_eq!(
            (at, kind),
            (to[1].clone(), io::ErrorKind::ConnectionRefused)
        );
    }
}

#[test]
fn cancelling_several_closes_all_that_are_under_way() {
    // Four sockets can be open: two listeners, and so two attempts.
    let mut reactor = sim("1,descriptors=9");
    let handle = reactor.handle();
    let silent = silent_port(&mut reactor);
    let before = Probe::new();
    for _ in 0..20 {
        let client = Probe::new();
        let connector = connect_any(
            &handle,
            &[silent.clone(), silent.clone()],
            client.factory(),
            ConnectOptions::default(),
        );
        for _ in 0..3 {
            reactor.turn(Some(Duration::from_millis(200))).unwrap();
        }
        connector.cancel();
        until(&mut reactor, "cancelled", || client.has_failed());
        assert!(client.failure().check::<Cancelled>().is_some());
    }
    assert_eq!(before.made(), 0);
}

#[test]
fn dropping_the_reactor_while_connecting_drops_the_factory() {
    let mut reactor = sim("1,partition=0s");
    let handle = reactor.handle();
    let client = Probe::new();
    let factory = client.factory();
    let weak = Rc::downgrade(&factory);
    let connector = connect(&handle, &Address::loopback(9), factory);
    reactor.turn(Some(Duration::ZERO)).unwrap();
    drop(reactor);
    connector.cancel();
    drop(connector);
    assert!(weak.upgrade().is_none());
}

//! Trouble: panics and failures of user code, resets, no descriptors, silent peers.
#[path = "help/calls.rs"]
mod calls;
mod help;

use calls::Counted;
use deferreds::Failure;
use help::{Pair, Probe, os, rest, sim, until, worlds};
use reactor::{Address, Reactor, Sim};
use std::{cell::Cell, rc::Rc, time::Duration};
use transports::{Factory, Loss, Panicked, Protocol, Transport, connect, listen};

/// Misbehaves at one place.
#[derive(Clone, Copy, Debug, PartialEq)]
enum At {
    Nowhere,
    Build,
    Made,
    MadeFails,
    Data,
    DataFails,
    Drained,
    PeerClosed,
    Lost,
    Dropped,
    /// In `data_received`, and then again in the destructor.
    DataAndDropped,
}

struct Bad(At);

impl Bad {
    fn panic_if(&self, here: bool) {
        assert!(!here, "this panic is part of the test: {:?}", self.0);
    }
}

impl Protocol for Bad {
    fn connection_made(&mut self, _: &Transport) -> Result<(), Failure> {
        self.panic_if(self.0 == At::Made);
        if self.0 == At::MadeFails {
            return Err(Failure::new("made fails"));
        }
        Ok(())
    }
    fn data_received(&mut self, t: &Transport, data: &[u8]) -> Result<(), Failure> {
        self.panic_if(matches!(self.0, At::Data | At::DataAndDropped));
        if self.0 == At::DataFails {
            return Err(Failure::new("data fails"));
        }
        t.write(data);
        Ok(())
    }
    fn write_drained(&mut self, _: &Transport) {
        self.panic_if(self.0 == At::Drained);
    }
    fn peer_closed(&mut self, t: &Transport) {
        self.panic_if(self.0 == At::PeerClosed);
        t.lose_connection();
    }
    fn connection_lost(&mut self, _: &Transport, _: Loss) {
        self.panic_if(self.0 == At::Lost);
    }
}

impl Drop for Bad {
    fn drop(&mut self) {
        self.panic_if(matches!(self.0, At::Dropped | At::DataAndDropped));
    }
}

/// The first connection is bad; all others are good.
struct OneBad(Cell<At>);

impl Factory for OneBad {
    fn build_protocol(&self, _: &Address) -> Option<Box<dyn Protocol>> {
        let at = self.0.replace(At::Nowhere);
        assert!(at != At::Build, "this panic is part of the test: build");
        Some(Box::new(Bad(at)))
    }
}

const BAD: [At; 10] = [
    At::Build,
    At::Made,
    At::MadeFails,
    At::Data,
    At::DataFails,
    At::Drained,
    At::PeerClosed,
    At::Lost,
    At::Dropped,
    At::DataAndDropped,
];

#[test]
fn a_bad_protocol_costs_its_own_connection_and_no_other() {
    for at in BAD {
        for (world, mut reactor) in worlds() {
            let handle = reactor.handle();
            let factory = Rc::new(OneBad(Cell::new(at)));
            let port = listen(&handle, &Address::loopback(0), factory).unwrap();
            let victim = Probe::new().on_made(|t| {
                t.write("hello");
                Ok(())
            });
            connect(&handle, port.address(), victim.factory());
            // One that is reset at once may never have been there.
            let is_there = || victim.made() == 1 || victim.has_failed();
            until(&mut reactor, "the victim is there", is_there);
            rest(&mut reactor);
            let good = Probe::new();
            connect(&handle, port.address(), good.factory());
            until(&mut reactor, "the good one is there", || good.made() == 1);
            if matches!(at, At::PeerClosed | At::Lost | At::Dropped) {
                victim.transport().lose_connection();
            }
            let is_lost = || victim.lost() == 1 || victim.has_failed();
            until(&mut reactor, "the victim is lost", is_lost);
            good.transport().write("still served");
            until(&mut reactor, "echoed", || good.received() == 12);
            assert_eq!(good.lost(), 0, "{world} {at:?}");
        }
    }
}

#[test]
fn a_bad_protocol_among_a_thousand_good_ones() {
    for at in [At::Data, At::DataAndDropped] {
        let mut reactor = sim("1");
        let handle = reactor.handle();
        let factory = Rc::new(OneBad(Cell::new(at)));
        let port = listen(&handle, &Address::loopback(0), factory).unwrap();
        let mut clients: Vec<Probe> = Vec::new();
        for _ in 0..10 {
            for _ in 0..100 {
                let client = Probe::new().on_made(|t| {
                    t.write("hello");
                    Ok(())
                });
                connect(&handle, port.address(), client.factory());
                clients.push(client);
            }
            // No more at once than can stand in line.
            rest(&mut reactor);
        }
        let served = || {
            clients.iter().filter(|c| c.received() == 5).count() == 999
                && clients.iter().filter(|c| c.lost() == 1).count() == 1
        };
        until(&mut reactor, "all others are served", served);
    }
}

#[test]
fn the_failure_of_a_protocol_is_the_reason_of_its_loss() {
    for (_, reactor) in worlds() {
        let server = Probe::new().on_data(|t, _| {
            t.write("no");
            Err(Failure::new("I do not speak this"))
        });
        let client = Probe::new().on_made(|t| {
            t.write("hello");
            Ok(())
        });
        let mut pair = Pair::new(reactor, &server, &client);
        pair.until_lost(&server, &client);
        match server.loss() {
            Loss::Failed(failure) => assert_eq!(failure.to_string(), "I do not speak this"),
            other => panic!("{other:?}"),
        }
        // What was written before is sent; it must not look whole if it is not, so the peer sees a
        // reset.
        assert!(matches!(client.loss(), Loss::Failed(_)));
        assert_eq!(client.data(), b"no");
    }
}

#[test]
fn a_panic_is_the_reason_of_its_loss() {
    let server = Probe::new().on_data(|_, _| panic!("this panic is part of {}", "the test"));
    let client = Probe::new().on_made(|t| {
        t.write("hello");
        Ok(())
    });
    let mut pair = Pair::new(sim("1"), &server, &client);
    pair.until_lost(&server, &client);
    let Loss::Failed(failure) = server.loss() else {
        panic!("not failed");
    };
    let panicked = failure.check::<Panicked>().expect("a panic");
    assert_eq!(
        panicked.to_string(),
        "panicked: this panic is part of the test"
    );
}

#[test]
fn a_panic_whose_payload_panics_when_it_is_dropped() {
    struct Payload;
    impl Drop for Payload {
        fn drop(&mut self) {
            panic!("this panic is part of the test: payload");
        }
    }
    let server = Probe::new().on_data(|_, _| std::panic::panic_any(Payload));
    let client = Probe::new().on_made(|t| {
        t.write("hello");
        Ok(())
    });
    let mut pair = Pair::new(sim("1"), &server, &client);
    pair.until_lost(&server, &client);
    assert!(matches!(server.loss(), Loss::Failed(_)));
}

#[test]
fn a_client_whose_factory_panics_costs_nobody_anything() {
    struct Panics;
    impl Factory for Panics {
        fn build_protocol(&self, _: &Address) -> Option<Box<dyn Protocol>> {
            panic!("this panic is part of the test: build");
        }
        fn connection_failed(&self, _: &Address, _: Failure) {
            panic!("this panic is part of the test: failed");
        }
    }
    impl Drop for Panics {
        fn drop(&mut self) {
            panic!("this panic is part of the test: drop");
        }
    }
    for (_, mut reactor) in worlds() {
        let handle = reactor.handle();
        let server = Probe::echo();
        let port = listen(&handle, &Address::loopback(0), server.factory()).unwrap();
        connect(&handle, port.address(), Rc::new(Panics));
        until(&mut reactor, "reset", || server.lost() == 1);
        connect(&handle, port.address(), Rc::new(Panics)).cancel();
        rest(&mut reactor);
        let client = Probe::new();
        connect(&handle, port.address(), client.factory());
        until(&mut reactor, "served", || client.made() == 1);
    }
}

#[test]
fn one_byte_at_a_time_both_ways() {
    let (server, client) = (Probe::echo(), Probe::new());
    let mut pair = Pair::new(sim("1,chunk=1"), &server, &client);
    pair.until_made(&server, &client);
    client.transport().write(help::pattern(3_000));
    pair.until("echoed", || client.received() == 3_000);
    assert_eq!(client.data(), help::pattern(3_000));
    assert_eq!((client.largest(), server.largest()), (1, 1));
}

#[test]
fn a_peer_that_says_nothing_makes_no_turn() {
    let (server, client) = (Probe::echo(), Probe::new());
    let mut pair = Pair::new(sim("1"), &server, &client);
    pair.until_made(&server, &client);
    pair.rest();
    for _ in 0..10 {
        let ran = pair.reactor.turn(Some(Duration::from_secs(3600))).unwrap();
        assert_eq!(ran, 0);
    }
}

#[test]
fn out_of_descriptors_the_loop_does_not_spin_and_goes_on_later() {
    // Room for the listener, one client and its server, and a second client, but not for its
    // server.
    let (world, calls) = Counted::new(Sim::parse("1,descriptors=4").unwrap());
    let mut reactor = Reactor::new(world);
    let handle = reactor.handle();
    let server = Probe::echo();
    let port = listen(&handle, &Address::loopback(0), server.factory()).unwrap();
    let (first, second, third) = (Probe::new(), Probe::new(), Probe::new());
    connect(&handle, port.address(), first.factory());
    until(&mut reactor, "the first is served", || server.made() == 1);
    connect(&handle, port.address(), second.factory());
    // The world turns it away: it learns that it cannot be served, and does not wait in the backlog.
    until(&mut reactor, "the second is turned away", || {
        second.lost() == 1
    });
    let (before, turns) = (calls.accepts.get(), 100);
    for _ in 0..turns {
        reactor.turn(Some(Duration::from_secs(1))).unwrap();
    }
    let asked = calls.accepts.get() - before;
    assert!(asked <= 2 * turns, "accept was called {asked} times");
    assert_eq!(server.made(), 1);
    first.transport().write("still there");
    until(&mut reactor, "echoed", || first.received() == 11);
    first.transport().lose_connection();
    until(&mut reactor, "there is room", || server.lost() == 1);
    connect(&handle, port.address(), third.factory());
    until(&mut reactor, "the third is served", || {
        server.made() == 2 && third.made() == 1
    });
    third.transport().write("thanks");
    until(&mut reactor, "echoed", || third.received() == 6);
}

#[test]
fn more_clients_than_one_batch_are_all_served() {
    let mut reactor = os();
    let handle = reactor.handle();
    let server = Probe::echo();
    let port = listen(&handle, &Address::loopback(0), server.factory()).unwrap();
    let clients: Vec<Probe> = (0..250).map(|_| Probe::new()).collect();
    for client in &clients {
        connect(&handle, port.address(), client.factory());
    }
    until(&mut reactor, "all are served", || server.made() == 250);
    for client in &clients {
        client.transport().write("hello");
    }
    until(&mut reactor, "all are answered", || {
        clients.iter().all(|client| client.received() == 5)
    });
}

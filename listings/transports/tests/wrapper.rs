//! A wrapper that writes nothing itself passes on each call, also of a method that comes later.
mod help;

use deferreds::Failure;
use help::{Pair, Probe, sim};
use reactor::Address;
use std::{cell::RefCell, rc::Rc};
use transports::{Loss, Protocol, ProtocolWrapper, Transport, listen};

/// Writes down the name of each method that is called.
#[derive(Clone, Default)]
struct Named(Rc<RefCell<Vec<&'static str>>>);

impl Named {
    fn add(&self, name: &'static str) {
        self.0.borrow_mut().push(name);
    }
}

impl Protocol for Named {
    fn connection_made(&mut self, _: &Transport) -> Result<(), Failure> {
        self.add("connection_made");
        Ok(())
    }

    fn data_received(&mut self, _: &Transport, data: &[u8]) -> Result<(), Failure> {
        assert_eq!(data, b"bytes");
        self.add("data_received");
        Ok(())
    }

    fn handshake_completed(&mut self, _: &Transport) -> Result<(), Failure> {
        self.add("handshake_completed");
        Ok(())
    }

    fn write_drained(&mut self, _: &Transport) {
        self.add("write_drained");
    }

    fn peer_closed(&mut self, _: &Transport) {
        self.add("peer_closed");
    }

    fn connection_lost(&mut self, _: &Transport, why: Loss) {
        assert!(matches!(why, Loss::Aborted));
        self.add("connection_lost");
    }
}

/// Does nothing itself.
struct Around(Named);

impl ProtocolWrapper for Around {
    type Inner = Named;

    fn inner(&mut self) -> &mut Named {
        &mut self.0
    }
}

/// Returns the names of the methods of a trait, in order.
fn methods<'a>(source: &'a str, name: &str) -> Vec<&'a str> {
    let head = format!("pub trait {name} {{");
    let (_, body) = source.split_once(&head).expect("the trait");
    let (body, _) = body.split_once("\n}").expect("its end");
    let heads = body.lines().filter_map(|line| line.strip_prefix("    fn "));
    heads
        .filter_map(|head| Some(head.split_once('(')?.0))
        .collect()
}

#[test]
fn a_wrapper_that_writes_no_method_passes_on_each_of_them() {
    let named = Named::default();
    let mut around = Around(named.clone());
    let (server, client) = (Probe::new(), Probe::new());
    let mut pair = Pair::new(sim("1"), &server, &client);
    pair.until_made(&server, &client);
    let transport = client.transport();
    let protocol: &mut dyn Protocol = &mut around;
    protocol.connection_made(&transport).unwrap();
    protocol.data_received(&transport, b"bytes").unwrap();
    protocol.handshake_completed(&transport).unwrap();
    protocol.write_drained(&transport);
    protocol.peer_closed(&transport);
    protocol.connection_lost(&transport, Loss::Aborted);
    // Each has a default in `Protocol`, so one that is missing in the wrapper would compile.
    assert_eq!(
        *named.0.borrow(),
        methods(include_str!("../src/contract.rs"), "Protocol")
    );
}

#[test]
fn what_a_protocol_inside_fails_with_costs_the_connection() {
    struct Fails;
    impl Protocol for Fails {
        fn data_received(&mut self, _: &Transport, _: &[u8]) -> Result<(), Failure> {
            Err(Failure::new("no"))
        }
    }
    struct AroundIt(Fails);
    impl ProtocolWrapper for AroundIt {
        type Inner = Fails;

        fn inner(&mut self) -> &mut Fails {
            &mut self.0
        }
    }
    let client = Probe::new();
    let mut reactor = sim("1");
    let handle = reactor.handle();
    let port = listen(
        &handle,
        &Address::loopback(0),
        Rc::new(|_: &Address| AroundIt(Fails)),
    )
    .unwrap();
    transports::connect(&handle, port.address(), client.factory());
    help::until(&mut reactor, "made", || client.made() == 1);
    client.transport().write("x");
    help::until(&mut reactor, "lost", || client.lost() == 1);
    assert!(matches!(client.loss(), Loss::Failed(_)));
}

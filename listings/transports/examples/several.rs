//! Three addresses for one name: one refuses, one is silent, one answers.
use deferreds::Failure;
use reactor::{Address, Handle, Hold, react};
use std::{io, process::ExitCode, rc::Rc};
use trace::say;
use transports::{ConnectOptions, Loss, Protocol, Transport, connect_any, listen};

struct Client {
    _done: Hold,
}

// ANCHOR: client
impl Protocol for Client {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        say!("{:.2}: connected", transport.handle().now());
        transport.lose_connection();
        Ok(())
    }

    fn data_received(&mut self, _: &Transport, _: &[u8]) -> Result<(), Failure> {
        Ok(())
    }

    fn connection_lost(&mut self, _: &Transport, why: Loss) {
        say!("{why}");
    }
}
// ANCHOR_END: client

struct Nothing;

impl Protocol for Nothing {
    fn data_received(&mut self, _: &Transport, _: &[u8]) -> Result<(), Failure> {
        Ok(())
    }
}

// ANCHOR: main
fn main() -> ExitCode {
    react(|reactor: &Handle, done| {
        let good = listen(
            reactor,
            &Address::loopback(0),
            Rc::new(|_: &Address| Nothing),
        )?;
        let to = [
            refuses(reactor)?,
            is_silent(reactor)?,
            good.address().clone(),
        ];
        let client = move |_: &Address| Client {
            _done: done.clone(),
        };
        connect_any(reactor, &to, Rc::new(client), ConnectOptions::default());
        Ok::<(), io::Error>(())
    })
}
// ANCHOR_END: main

/// An address at which no server listens any more.
fn refuses(reactor: &Handle) -> io::Result<Address> {
    let port = listen(
        reactor,
        &Address::loopback(0),
        Rc::new(|_: &Address| Nothing),
    )?;
    port.stop_listening();
    Ok(port.address().clone())
}

/// An address that does not answer: its backlog is full, and no connection is accepted.
fn is_silent(reactor: &Handle) -> io::Result<Address> {
    let id = reactor.listen_with_backlog(&Address::loopback(0), 0)?;
    let at = reactor.local_address(id)?;
    reactor.connect(&at)?;
    reactor.connect(&at)?;
    Ok(at)
}

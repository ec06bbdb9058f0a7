//! Poetry client 2.0: a protocol for each connection, one factory that counts.
use deferreds::Failure;
use reactor::{Hold, react};
use recital::recite;
use std::{
    cell::{Cell, RefCell},
    io,
    process::ExitCode,
    rc::Rc,
};
use trace::say;
use transports::{Address, Factory, Loss, Protocol, Transport, connect};

// ANCHOR: protocol
/// Collects one poem, and hands it to the factory that built this protocol.
struct PoetryProtocol {
    number: usize,
    poem: Vec<u8>,
    factory: Rc<Poems>,
}

impl Protocol for PoetryProtocol {
    fn data_received(&mut self, _: &Transport, data: &[u8]) -> Result<(), Failure> {
        self.poem.extend_from_slice(data);
        Ok(())
    }

    fn connection_lost(&mut self, _: &Transport, _: Loss) {
        self.factory.finished(self.number, &self.poem);
    }
}
// ANCHOR_END: protocol

// ANCHOR: factory
/// What the connections share: how many poems are still missing.
struct Poems {
    missing: Cell<usize>,
    built: Cell<usize>,
    done: RefCell<Option<Hold>>,
}

impl Poems {
    fn finished(&self, number: usize, poem: &[u8]) {
        say!("poem {number} is finished: {} bytes", poem.len());
        self.missing.set(self.missing.get() - 1);
        if self.missing.get() == 0 {
            say!("that was the last");
            self.done.take();
        }
    }
}

/// The factory proper: it can hand itself to each protocol it builds.
struct PoetryFactory(Rc<Poems>);

impl Factory for PoetryFactory {
    fn build_protocol(&self, peer: &Address) -> Option<Box<dyn Protocol>> {
        let number = self.0.built.get() + 1;
        self.0.built.set(number);
        say!(
            "a protocol for connection {number}, to port {}",
            peer.port()?
        );
        Some(Box::new(PoetryProtocol {
            number,
            poem: Vec::new(),
            factory: Rc::clone(&self.0),
        }))
    }
}
// ANCHOR_END: factory

// ANCHOR: main
fn main() -> ExitCode {
    react(|reactor, done| {
        let addresses = recite(reactor, &["hope", "wind", "eagle"])?;
        let factory = Rc::new(PoetryFactory(Rc::new(Poems {
            missing: Cell::new(addresses.len()),
            built: Cell::new(0),
            done: RefCell::new(Some(done)),
        })));
        for address in &addresses {
            connect(reactor, address, factory.clone());
        }
        Ok::<(), io::Error>(())
    })
}
// ANCHOR_END: main

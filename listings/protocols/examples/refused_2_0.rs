//! A port that is closed: client 2.0's factory is told of it, and the other poems come.
use deferreds::Failure;
use reactor::{Address, Hold, react};
use recital::recite;
use std::{cell::Cell, io, process::ExitCode, rc::Rc};
use trace::say;
use transports::{Factory, Loss, Protocol, Transport, connect};

/// How many connections are to end, one way or the other. The last one lets the program go.
struct Poems {
    missing: Cell<usize>,
    done: Cell<Option<Hold>>,
}

impl Poems {
    fn one_less(&self) {
        self.missing.set(self.missing.get() - 1);
        if self.missing.get() == 0 {
            self.done.take();
        }
    }
}

struct PoetryProtocol {
    bytes: usize,
    poems: Rc<Poems>,
}

impl Protocol for PoetryProtocol {
    fn data_received(&mut self, _: &Transport, data: &[u8]) -> Result<(), Failure> {
        self.bytes += data.len();
        Ok(())
    }

    fn connection_lost(&mut self, _: &Transport, _: Loss) {
        say!("a poem of {} bytes", self.bytes);
        self.poems.one_less();
    }
}

// ANCHOR: factory
struct PoetryFactory(Rc<Poems>);

impl Factory for PoetryFactory {
    fn build_protocol(&self, _: &Address) -> Option<Box<dyn Protocol>> {
        let poems = Rc::clone(&self.0);
        Some(Box::new(PoetryProtocol { bytes: 0, poems }))
    }

    fn connection_failed(&self, _: &Address, why: Failure) {
        say!("no poem: {why}");
        self.0.one_less();
    }
}
// ANCHOR_END: factory

fn main() -> ExitCode {
    react(|reactor, done| {
        let mut addresses = recite(reactor, &["hope", "wind"])?;
        addresses.push(Address::loopback(9)); // no server is there
        let factory = Rc::new(PoetryFactory(Rc::new(Poems {
            missing: Cell::new(addresses.len()),
            done: Cell::new(Some(done)),
        })));
        for address in &addresses {
            connect(reactor, address, factory.clone());
        }
        Ok::<(), io::Error>(())
    })
}

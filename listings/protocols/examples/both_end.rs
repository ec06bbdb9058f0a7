//! Two poems that end at the same moment, and one number that both of them change.
use deferreds::Failure;
use reactor::{Address, Hold, react};
use std::{
    cell::{Cell, RefCell},
    io,
    process::ExitCode,
    rc::Rc,
    time::Duration,
};
use trace::say;
use transports::{Loss, Protocol, Transport, connect, listen};

/// Sends a line, and ends after 100 ms.
struct Poem;

impl Protocol for Poem {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        transport.write("Hope is the thing with feathers\n");
        let ends = transport.clone();
        let later = Duration::from_millis(100);
        transport
            .handle()
            .call_later(later, move |_| ends.lose_connection());
        Ok(())
    }

    fn data_received(&mut self, _: &Transport, _: &[u8]) -> Result<(), Failure> {
        Ok(())
    }
}

// ANCHOR: ends
struct Reads {
    missing: Rc<Cell<usize>>,
    /// The last one ends the program.
    done: Rc<RefCell<Option<Hold>>>,
}

impl Protocol for Reads {
    fn data_received(&mut self, _: &Transport, _: &[u8]) -> Result<(), Failure> {
        Ok(())
    }

    fn connection_lost(&mut self, _: &Transport, _: Loss) {
        let read = self.missing.get();
        say!("read {read}");
        self.missing.set(read - 1);
        say!("wrote {}", self.missing.get());
        if self.missing.get() == 0 {
            self.done.take();
        }
    }
}
// ANCHOR_END: ends

fn main() -> ExitCode {
    react(|reactor, done| {
        let port = trace::host("server", || {
            listen(reactor, &Address::loopback(0), Rc::new(|_: &Address| Poem))
        })?;
        let missing = Rc::new(Cell::new(2));
        let done = Rc::new(RefCell::new(Some(done)));
        for _ in 0..2 {
            let (missing, done) = (Rc::clone(&missing), Rc::clone(&done));
            let reads = move |_: &Address| Reads {
                missing: Rc::clone(&missing),
                done: Rc::clone(&done),
            };
            connect(reactor, port.address(), Rc::new(reads));
        }
        Ok::<(), io::Error>(())
    })
}

//! Where bytes wait: the same writer with five readers and three networks, with and without
//! a transport that tells it to wait.
use deferreds::Failure;
use reactor::{Address, LoopingCall, Reactor, Sim};
use std::{
    cell::{Cell, RefCell},
    error::Error,
    rc::Rc,
    time::Duration,
};
use trace::say;
use transports::{Pace, Producer, Protocol, Transport, connect, listen};

const PIECE: usize = 16 * 1024;
const MS: Duration = Duration::from_millis(1);

// ANCHOR: settings
/// One run: how often the reader reads, what the network holds, and whether the writer is a
/// producer.
struct Setting {
    reads_every: u32,
    network: usize,
    told: bool,
}

fn main() -> Result<(), Box<dyn Error>> {
    say!("KiB that wait in the writer's buffer, ten times in half a second");
    for told in [false, true] {
        say!("");
        say!(
            "{}",
            if told {
                "a push producer"
            } else {
                "a writer that never waits"
            }
        );
        for (reads_every, network) in [
            (20, 64),
            (40, 64),
            (50, 64),
            (100, 64),
            (200, 64),
            (100, 16),
            (100, 256),
        ] {
            row(&Setting {
                reads_every,
                network,
                told,
            })?;
        }
    }
    Ok(())
}
// ANCHOR_END: settings

fn row(setting: &Setting) -> Result<(), Box<dyn Error>> {
    let mut reactor = Reactor::new(Sim::parse(&format!("1,buffer={}", setting.network * 1024))?);
    let handle = reactor.handle();
    let told = setting.told;
    let seen = Rc::new(Seen::default());
    let (server, received) = (Rc::clone(&seen), Rc::clone(&seen));
    let port = listen(
        &handle,
        &Address::loopback(0),
        Rc::new(move |_: &Address| Writer(told, Rc::clone(&server))),
    )?;
    let every = setting.reads_every * MS;
    let reader = Rc::new(move |_: &Address| Reader(every, Rc::clone(&received)));
    connect(&handle, port.address(), reader);
    reactor.run()?;
    let waiting: String = seen
        .waiting
        .borrow()
        .iter()
        .map(|kib| format!("{kib:4}"))
        .collect();
    say!(
        "reads every {:3} ms, network {:3} KiB: {waiting}   read {:3}",
        setting.reads_every,
        setting.network,
        seen.received.get() / 1024
    );
    Ok(())
}

/// What is noted of a run.
#[derive(Default)]
struct Seen {
    waiting: RefCell<Vec<usize>>,
    received: Cell<usize>,
    paused: Cell<bool>,
}

/// Writes 16 KiB every 10 ms; as a producer, when it is not paused.
struct Writer(bool, Rc<Seen>);

impl Producer for Seen {
    fn pause_producing(&self, _: &Transport) {
        self.paused.set(true);
    }

    fn resume_producing(&self, _: &Transport) -> Result<(), Failure> {
        self.paused.set(false);
        Ok(())
    }
}

impl Protocol for Writer {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        if self.0 {
            transport.register_producer(self.1.clone(), Pace::Push)?;
        }
        let (writes, seen) = (transport.clone(), Rc::clone(&self.1));
        LoopingCall::start(transport.handle(), 10 * MS, move |_, _| {
            if !seen.paused.get() {
                writes.write([b'~'; PIECE]);
            }
        });
        let (looks, seen) = (transport.clone(), Rc::clone(&self.1));
        LoopingCall::start_later(transport.handle(), 50 * MS, move |reactor, _| {
            let mut waiting = seen.waiting.borrow_mut();
            waiting.push(looks.waiting() / 1024);
            if waiting.len() == 10 {
                let _ = reactor.stop();
            }
        });
        Ok(())
    }

    fn data_received(&mut self, _: &Transport, _: &[u8]) -> Result<(), Failure> {
        Ok(())
    }
}

/// Reads, and then not again for a while.
struct Reader(Duration, Rc<Seen>);

impl Protocol for Reader {
    fn data_received(&mut self, transport: &Transport, data: &[u8]) -> Result<(), Failure> {
        self.1.received.set(self.1.received.get() + data.len());
        transport.pause_reading();
        let again = transport.clone();
        let handle = transport.handle();
        handle.call_later(self.0, move |_| again.resume_reading());
        Ok(())
    }
}

//! Two uploads through one throttle: how much has come, second by second.
use deferreds::Failure;
use protocols::Throttle;
use reactor::{Address, Handle, Reactor, Sim};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};
use transports::{Protocol, Transport, connect, listen};

/// Counts what comes of one upload.
struct Counts(Rc<Cell<usize>>);

impl Protocol for Counts {
    fn data_received(&mut self, _: &Transport, data: &[u8]) -> Result<(), Failure> {
        self.0.set(self.0.get() + data.len());
        Ok(())
    }
}

struct Uploads;

impl Protocol for Uploads {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        transport.write(vec![b'x'; 400_000]);
        transport.lose_write_connection();
        Ok(())
    }

    fn data_received(&mut self, _: &Transport, _: &[u8]) -> Result<(), Failure> {
        Ok(())
    }
}

type Uploaded = Rc<RefCell<Vec<Rc<Cell<usize>>>>>;

fn tell(reactor: &Handle, uploads: Uploaded) {
    reactor.call_later(Duration::from_secs(1), move |reactor| {
        let counts: Vec<usize> = uploads
            .borrow()
            .iter()
            .map(|count| count.get() / 1000)
            .collect();
        let all: usize = counts.iter().sum();
        println!("after {:.0}: {counts:?} KB, together {all}", reactor.now());
        if all == 800 {
            let _ = reactor.stop();
        }
        tell(reactor, uploads);
    });
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // The kernels' buffers hold 20,000 bytes here, so that one read is not more than that.
    let mut reactor = Reactor::new(Sim::parse("1,buffer=20000")?);
    let handle = reactor.handle();
    let uploads = Uploaded::default();
    // ANCHOR: throttle
    let built = Rc::clone(&uploads);
    let counts = Rc::new(move |_: &Address| {
        let count = Rc::new(Cell::new(0));
        built.borrow_mut().push(Rc::clone(&count));
        Counts(count)
    });
    let throttle = Throttle::new(100_000);
    let port = listen(&handle, &Address::loopback(0), throttle.around(counts))?;
    for _ in 0..2 {
        connect(&handle, port.address(), Rc::new(|_: &Address| Uploads));
    }
    // ANCHOR_END: throttle
    tell(&handle, uploads);
    reactor.run()?;
    Ok(())
}

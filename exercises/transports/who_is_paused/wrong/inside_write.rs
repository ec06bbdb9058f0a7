//! Wrong: the pause comes inside `write`.
use std::{cell::Cell, rc::Rc, time::Duration};
use untwisted::{
    deferreds::Failure,
    reactor::Handle,
    transports::{Address, Loss, Pace, Producer, Protocol, Transport, connect, listen},
};

/// Your prediction: the eight letters, in the order in which they are reported.
pub const PREDICTION: &str = "baehfdcg";

/// Reports a letter.
pub type Report = Rc<dyn Fn(char)>;

/// Reports each letter once.
fn once(report: &Report, letter: char) -> impl Fn() + 'static {
    let (report, told) = (Rc::clone(report), Cell::new(false));
    move || {
        if !told.replace(true) {
            report(letter);
        }
    }
}

/// Has no more to write when it is resumed.
struct Spring(Report);

impl Producer for Spring {
    fn pause_producing(&self, _: &Transport) {
        (self.0)('b');
    }

    fn resume_producing(&self, transport: &Transport) -> Result<(), Failure> {
        (self.0)('c');
        transport.unregister_producer();
        Ok(())
    }
}

struct Server {
    report: Report,
    drained: Box<dyn Fn()>,
}

impl Protocol for Server {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        let report = Rc::clone(&self.report);
        transport.handle().call_soon(move |_| report('e'));
        transport.register_producer(Rc::new(Spring(Rc::clone(&self.report))), Pace::Push)?;
        transport.write(vec![b'~'; 400 * 1024]); // the network takes some of it
        transport.lose_connection();
        (self.report)('a');
        Ok(())
    }

    fn data_received(&mut self, _: &Transport, _: &[u8]) -> Result<(), Failure> {
        Ok(())
    }

    fn write_drained(&mut self, _: &Transport) {
        (self.drained)(); // d
    }

    fn connection_lost(&mut self, _: &Transport, _: Loss) {
        (self.report)('g');
    }
}

struct Client {
    report: Report,
    received: Box<dyn Fn()>,
}

impl Protocol for Client {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        transport.pause_reading();
        let (later, report) = (transport.clone(), Rc::clone(&self.report));
        transport
            .handle()
            .call_later(Duration::from_secs(1), move |_| {
                report('h');
                later.resume_reading();
            });
        Ok(())
    }

    fn data_received(&mut self, _: &Transport, _: &[u8]) -> Result<(), Failure> {
        (self.received)(); // f
        Ok(())
    }
}

/// The program. It is not to be changed: run it in your head.
pub fn program(reactor: &Handle, report: Report) {
    let say = Rc::clone(&report);
    let server = Rc::new(move |_: &Address| Server {
        report: Rc::clone(&say),
        drained: Box::new(once(&say, 'd')),
    });
    let client = Rc::new(move |_: &Address| Client {
        report: Rc::clone(&report),
        received: Box::new(once(&report, 'f')),
    });
    let port = listen(reactor, &Address::loopback(0), server).expect("a port");
    connect(reactor, port.address(), client);
}

//! The pocket's transport: events in order, a write that waits for room, ends that are told once.
use mio::net::{TcpListener, TcpStream};
use pocket::deferred::Failure;
use pocket::reactor::{Handle, Reactor};
use pocket::transport::{Factory, Loss, Protocol, Transport, connect, listen};
use std::{cell::RefCell, rc::Rc, time::Duration};

type Log = Rc<RefCell<Vec<String>>>;

#[derive(Clone)]
struct Side {
    log: Log,
    says: Vec<u8>,
    fails: bool,
    closes: bool,
    stops: Option<Handle>,
}

impl Side {
    fn new(says: &[u8]) -> Side {
        let log = Log::default();
        Side { log, says: says.to_vec(), fails: false, closes: false, stops: None }
    }

    fn say(&self, what: String) {
        self.log.borrow_mut().push(what);
    }
}

struct Conversation(Side, usize);

impl Protocol for Conversation {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        transport.write(&self.0.says);
        if self.0.closes {
            transport.lose_connection();
            transport.write(b"too late");
        }
        assert_eq!(self.1, 0, "nothing comes before it");
        Ok(())
    }

    fn data_received(&mut self, _: &Transport, data: &[u8]) -> Result<(), Failure> {
        self.1 += data.len();
        if self.0.fails {
            return Err("not understood".into());
        }
        Ok(())
    }

    fn connection_lost(&mut self, transport: &Transport, why: Loss) {
        transport.write(b"last words");
        transport.lose_connection();
        let why = match why {
            Loss::Done => "done".to_owned(),
            Loss::Failed(failure) => failure.to_string(),
        };
        self.0.say(format!("{} bytes, {why}", self.1));
        if let Some(reactor) = &self.0.stops {
            reactor.stop();
        }
    }
}

impl Factory for Side {
    fn build_protocol(&self) -> Option<Box<dyn Protocol>> {
        Some(Box::new(Conversation(self.clone(), 0)))
    }
    fn connection_failed(&self, why: Failure) {
        self.say(format!("no connection: {why}"));
        if let Some(reactor) = &self.stops {
            reactor.stop();
        }
    }
}

/// Runs until one of them stops it; ten seconds is a hang.
fn run(server: Side, client: impl FnOnce(Handle) -> Side) {
    let mut reactor = Reactor::new().unwrap();
    let handle = reactor.handle();
    let listener = TcpListener::bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let to = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    listen(&handle, listener, Rc::new(server)).unwrap();
    let client = client(handle.clone());
    connect(&handle, Box::new(to), Rc::new(client)).unwrap();
    handle.call_later(Duration::from_secs(10), |_| panic!("it hangs"));
    reactor.run().unwrap();
}

#[test]
fn what_was_written_is_sent_before_the_close_and_nothing_after_it() {
    let server = Side { closes: true, ..Side::new(&[7; 5_000_000]) };
    let (mut client, told) = (Side::new(b""), server.log.clone());
    let log = client.log.clone();
    run(server, |handle| {
        client.stops = Some(handle);
        client
    });
    assert_eq!(*log.borrow(), ["5000000 bytes, done"]);
    assert_eq!(*told.borrow(), ["0 bytes, done"]);
}

#[test]
fn a_failure_ends_its_own_connection_with_its_reason() {
    let server = Side { fails: true, ..Side::new(b"") };
    let (log, mut client) = (server.log.clone(), Side::new(b"what?"));
    run(server, |handle| {
        client.stops = Some(handle);
        client
    });
    assert_eq!(*log.borrow(), ["5 bytes, not understood"]);
}

#[test]
fn a_refused_connection_is_told_to_the_factory() {
    let mut reactor = Reactor::new().unwrap();
    let handle = reactor.handle();
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let client = Side { stops: Some(handle.clone()), ..Side::new(b"hello") };
    let log = client.log.clone();
    connect(&handle, Box::new(TcpStream::connect(nobody).unwrap()), Rc::new(client)).unwrap();
    handle.call_later(Duration::from_secs(10), |_| panic!("it hangs"));
    reactor.run().unwrap();
    assert_eq!(log.borrow().len(), 1);
    assert!(log.borrow()[0].starts_with("no connection: "));
}

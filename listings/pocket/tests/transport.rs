//! The pocket's transport: events in order, a write that waits for room, ends that are told once.
use mio::net::{TcpListener, TcpStream, UnixStream};
use pocket::deferred::Failure;
use pocket::reactor::{Handle, Reactor};
use pocket::remote::Remote;
use pocket::transport::{Factory, Loss, Protocol, Transport, connect, listen};
use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream as StdStream;
use std::{cell::Cell, cell::RefCell, rc::Rc, time::Duration};

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

/// Answers in `data_received`, and notes what it is told, in order.
#[derive(Clone)]
struct Answers {
    log: Log,
    stops: Handle,
    /// A peer that says a word and is gone, as soon as there is a connection.
    hasty: Rc<Cell<Option<StdStream>>>,
}

impl Protocol for Answers {
    fn connection_made(&mut self, _: &Transport) -> Result<(), Failure> {
        self.hasty.take().map_or(Ok(()), |mut peer| Ok(peer.write_all(b"ping")?))
    }
    fn data_received(&mut self, transport: &Transport, data: &[u8]) -> Result<(), Failure> {
        transport.write(data);
        self.log.borrow_mut().push("written".to_owned());
        Ok(())
    }
    fn connection_lost(&mut self, _: &Transport, why: Loss) {
        let why = if matches!(why, Loss::Done) { "done" } else { "failed" };
        self.log.borrow_mut().push(format!("lost: {why}"));
        let log = self.log.clone();
        self.stops.call_soon(move |h| {
            h.call_soon(move |h| {
                // Ours, and the one that asks.
                assert_eq!(Rc::strong_count(&log), 2, "a lost connection is let go");
                h.stop();
            });
        });
    }
}

impl Factory for Answers {
    fn build_protocol(&self) -> Option<Box<dyn Protocol>> {
        Some(Box::new(self.clone()))
    }
    fn connection_failed(&self, _: Failure) {
        self.log.borrow_mut().push("told the factory".to_owned());
        self.stops.stop();
    }
}

fn answers(near: StdStream, hasty: Option<StdStream>) -> Vec<String> {
    let mut reactor = Reactor::new().unwrap();
    let (stops, log) = (reactor.handle(), Log::default());
    near.set_nonblocking(true).unwrap();
    let answers = Answers { log: log.clone(), stops, hasty: Rc::new(Cell::new(hasty)) };
    let near = Box::new(UnixStream::from_std(near));
    connect(&reactor.handle(), near, Rc::new(answers)).unwrap();
    reactor.handle().call_later(Duration::from_secs(10), |_| panic!("it hangs"));
    reactor.run().unwrap();
    log.take()
}

#[test]
fn an_answer_goes_out_although_nothing_else_happens() {
    let (mut far, near) = StdStream::pair().unwrap();
    let peer = std::thread::spawn(move || {
        let mut answer = [0; 4];
        far.write_all(b"ping").unwrap();
        far.read_exact(&mut answer).unwrap();
        answer
    });
    assert_eq!(answers(near, None), ["written", "lost: done"]);
    assert_eq!(peer.join().unwrap(), *b"ping");
}

#[test]
fn write_never_calls_back_not_even_when_the_peer_is_gone() {
    let (far, near) = StdStream::pair().unwrap();
    assert_eq!(answers(near, Some(far)), ["written", "lost: failed"]);
}

#[test]
fn a_peer_that_has_said_all_is_answered() {
    let (mut far, near) = StdStream::pair().unwrap();
    far.write_all(b"ping").unwrap();
    far.shutdown(Shutdown::Write).unwrap();
    assert_eq!(answers(near, None), ["written", "lost: done"]);
    let mut answer = Vec::new();
    far.read_to_end(&mut answer).unwrap();
    assert_eq!(answer, b"ping");
}

/// Lets none in.
struct Closed;

impl Factory for Closed {
    fn build_protocol(&self) -> Option<Box<dyn Protocol>> {
        None
    }
}

#[test]
fn all_that_wait_at_the_door_are_met_and_one_without_a_protocol_is_closed() {
    let mut reactor = Reactor::new().unwrap();
    let handle = reactor.handle();
    let listener = TcpListener::bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let at = listener.local_addr().unwrap();
    // All are there before the first look, and no event comes after it.
    let guests = [(); 3].map(|()| std::net::TcpStream::connect(at).unwrap());
    listen(&handle, listener, Rc::new(Closed)).unwrap();
    handle.call_later(Duration::from_secs(10), |_| panic!("it hangs"));
    let remote = Remote::new(&handle).unwrap();
    let ends = std::thread::spawn(move || {
        let ends = guests.map(|mut guest| guest.read(&mut [0]).unwrap());
        remote.call(Handle::stop);
        ends
    });
    reactor.run().unwrap();
    assert_eq!(ends.join().unwrap(), [0; 3]);
}

/// Ends the run when it is asked for a protocol.
struct Last(Handle);

impl Factory for Last {
    fn build_protocol(&self) -> Option<Box<dyn Protocol>> {
        self.0.stop();
        None
    }
}

/// In a process of its own, which may open few files.
#[test]
fn a_door_without_a_descriptor_asks_again() {
    const CHILD: &str = "POCKET_FEW_FILES";
    if std::env::var_os(CHILD).is_none() {
        let me = std::env::current_exe().unwrap();
        let mut child = std::process::Command::new("sh");
        child.args(["-c", "ulimit -n 64 && exec \"$0\" \"$@\""]).arg(me).env(CHILD, "1");
        child.args(["--exact", "--nocapture", "a_door_without_a_descriptor_asks_again"]);
        let output = child.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.contains("let in at last"), "{said}");
        return;
    }
    let mut reactor = Reactor::new().unwrap();
    let handle = reactor.handle();
    let listener = TcpListener::bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let at = listener.local_addr().unwrap();
    listen(&handle, listener, Rc::new(Last(handle.clone()))).unwrap();
    let _guest = std::net::TcpStream::connect(at).unwrap();
    let mut files = Vec::new();
    files.extend(std::iter::from_fn(|| std::fs::File::open("/dev/null").ok()));
    assert!(files.len() < 64, "the limit holds");
    // After the first look, which comes in the first turn.
    handle.call_soon(|h| h.call_soon(|h| h.call_soon(move |_| drop(files))));
    handle.call_later(Duration::from_secs(10), |_| panic!("it hangs"));
    reactor.run().unwrap();
    eprintln!("let in at last");
}

//! Files, and connections that are copied: whole, in pieces, broken, too fast.
mod ends;

use deferreds::{Deferred, Failure};
use ends::{End, World, nothing};
use protocols::{forward, send_file};
use reactor::Address;
use std::{
    cell::{Cell, RefCell},
    io::{self, Read},
    rc::Rc,
};
use transports::{Factory, Loss, Protocol, Transport};

/// What a file's Deferred said.
type Said = Rc<RefCell<Vec<String>>>;

fn told(sent: Deferred<u64>, said: &Said) -> Deferred<()> {
    let said = Rc::clone(said);
    sent.add_both(move |sent| {
        said.borrow_mut().push(match sent {
            Ok(count) => count.to_string(),
            Err(failure) => failure.to_string(),
        });
        Ok(())
    })
}

/// A file of so many bytes, that may break at its end, and counts what was read.
struct File {
    left: usize,
    breaks: bool,
    read: Rc<Cell<usize>>,
}

impl File {
    fn of(left: usize) -> File {
        let (breaks, read) = (false, Rc::default());
        File { left, breaks, read }
    }
}

impl Read for File {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 && self.breaks {
            return Err(io::Error::other("the disk is gone"));
        }
        let count = buffer.len().min(self.left).min(10_000);
        for (at, byte) in buffer[..count].iter_mut().enumerate() {
            *byte = ((self.left - at) % 251) as u8;
        }
        self.left -= count;
        self.read.set(self.read.get() + count);
        Ok(count)
    }
}

/// A server and a client that are connected; the server is to send.
fn pair(world: &mut World) -> (End, End) {
    let server = End::new(nothing);
    let at = world.serve(&server);
    let client = world.connect(&at, nothing);
    world.pass(10);
    (server, client)
}

#[test]
fn a_file_arrives_and_the_connection_stays() {
    for world in ["1", "1,chunk=7-900", "1,buffer=1000"] {
        for size in [0, 1, 65_535, 65_536, 65_537, 200_001] {
            let mut world = World::new(world);
            let (server, client) = pair(&mut world);
            let said = Said::default();
            let _told = told(send_file(&server.transport(), File::of(size)), &said);
            world.pass(100_000);
            let mut want = Vec::new();
            File::of(size).read_to_end(&mut want).unwrap();
            assert!(client.0.borrow().received == want, "{size}");
            assert_eq!(*said.borrow(), [size.to_string()]);
            let _told = told(send_file(&server.transport(), &b"again"[..]), &said);
            world.pass(1_000);
            assert_eq!(client.received(), size + 5, "one after the other");
            assert_eq!((said.borrow().len(), server.lost().as_str()), (2, ""));
        }
    }
}

#[test]
fn two_at_once_and_one_after_the_loss() {
    let mut world = World::new("1");
    let (server, client) = pair(&mut world);
    let said = Said::default();
    let _one = told(send_file(&server.transport(), File::of(100)), &said);
    let _two = told(send_file(&server.transport(), File::of(100)), &said);
    world.pass(1_000);
    let taken = "this transport has a producer already: unregister it first";
    assert_eq!(*said.borrow(), [taken, "100"]);
    assert_eq!(client.received(), 100);
    client.transport().abort_connection();
    world.pass(1_000);
    let _late = told(send_file(&server.transport(), File::of(100)), &said);
    assert_eq!(said.borrow()[2], "this transport takes no more writes");
}

#[test]
fn a_close_waits_for_the_file() {
    let mut world = World::new("1,buffer=1000");
    let (server, client) = pair(&mut world);
    let said = Said::default();
    let _told = told(send_file(&server.transport(), File::of(150_000)), &said);
    server.transport().lose_connection();
    world.pass(100_000);
    assert_eq!(
        (client.received(), said.take().join(",")),
        (150_000, "150000".to_owned())
    );
    assert!(client.0.borrow().ended);
}

#[test]
fn a_slow_reader_a_loss_a_cancel_and_a_disk_that_breaks() {
    let mut world = World::new("1,buffer=1000");
    let (server, client) = pair(&mut world);
    client.transport().pause_reading();
    let (said, file) = (Said::default(), File::of(10 << 20));
    let read = Rc::clone(&file.read);
    let _told = told(send_file(&server.transport(), file), &said);
    world.pass(10_000);
    assert_eq!(read.get(), 65_536, "one piece is in memory");
    client.transport().abort_connection();
    world.pass(1_000);
    let unsent = "the connection was lost after 65536 bytes of the file";
    assert_eq!(*said.borrow(), [unsent]);

    let mut world = World::new("1,buffer=1000");
    let (server, client) = pair(&mut world);
    let said = Said::default();
    let sent = send_file(&server.transport(), File::of(10 << 20));
    let canceller = sent.canceller();
    let _told = told(sent, &said);
    world.pass(10);
    canceller.cancel();
    canceller.cancel();
    world.pass(1_000);
    assert_eq!(*said.borrow(), ["cancelled"]);
    assert_eq!(server.lost(), "given up by this side");
    assert!(!client.0.borrow().ended, "half a file looks like no end");

    let mut world = World::new("1");
    let (server, client) = pair(&mut world);
    let said = Said::default();
    let breaks = File {
        breaks: true,
        ..File::of(100_000)
    };
    let _told = told(send_file(&server.transport(), breaks), &said);
    world.pass(1_000);
    assert_eq!(*said.borrow(), ["the disk is gone"]);
    assert_eq!(server.lost(), "the disk is gone");
    assert!(!client.0.borrow().ended, "half a file looks like no end");
}

/// A client and a server with a forward between them.
fn forwarded(world: &mut World, client: fn(&Transport), server: fn(&Transport)) -> (End, End) {
    let server = End::new(server);
    let at = world.serve(&server);
    let between = world.listen(forward(at));
    let client = world.connect(&between, client);
    world.pass(100);
    (client, server)
}

#[test]
fn bytes_and_ends_pass_and_half_close_is_kept() {
    // Where the network is slow at times, the first bytes may come before the server is connected.
    let slow = (1..=20).map(|seed| format!("{seed},latency=20ms,jitter=300ms"));
    for world in ["1", "1,chunk=1"]
        .map(str::to_owned)
        .into_iter()
        .chain(slow)
    {
        let mut world = World::new(&world);
        let asks = |t: &Transport| {
            t.write("how are you");
            t.lose_write_connection();
        };
        let (client, server) = forwarded(&mut world, asks, nothing);
        world.pass(10_000);
        assert_eq!(server.text(), "how are you");
        assert!(server.0.borrow().ended && !client.0.borrow().ended);
        server.transport().write("well, thank you");
        world.pass(10_000);
        assert_eq!(client.text(), "well, thank you");
        assert_eq!((client.lost(), server.lost()), Default::default());
        server.transport().lose_connection();
        world.pass(10_000);
        assert!(client.0.borrow().ended);
        let good = "closed in good order";
        assert_eq!(
            (client.lost().as_str(), server.lost().as_str()),
            (good, good)
        );
    }
}

#[test]
fn a_break_passes_in_both_directions() {
    for which in [0, 1] {
        let mut world = World::new("1");
        let (client, server) = forwarded(&mut world, nothing, nothing);
        let both = [&client, &server];
        both[which].transport().abort_connection();
        both[which].transport().abort_connection();
        world.pass(1_000);
        let other = both[1 - which];
        assert!(!other.0.borrow().ended, "a break looks like no end");
        assert!(!["", "closed in good order"].contains(&other.lost().as_str()));
        assert!(!world.has_timer());
    }
}

#[test]
fn nobody_listens_behind_it_and_a_client_that_leaves_at_once() {
    let mut world = World::new("1");
    let between = world.listen(forward(Address::loopback(9)));
    let client = world.connect(&between, |t| t.write("hello"));
    world.pass(1_000);
    assert!(!["", "closed in good order"].contains(&client.lost().as_str()));

    let mut world = World::new("1");
    let (client, server) = forwarded(&mut world, |t| t.abort_connection(), nothing);
    world.pass(60_000);
    assert_eq!(client.lost(), "given up by this side");
    assert_ne!(server.lost(), "closed in good order");
    assert!(
        server
            .0
            .borrow()
            .transport
            .as_ref()
            .is_none_or(Transport::is_lost)
    );
    assert!(!world.has_timer());
}

#[test]
fn a_side_that_does_not_read_stops_the_other_one() {
    const MANY: usize = 1 << 20;
    for world in ["1,buffer=1000", "2,buffer=1000,chunk=1-500"] {
        let mut world = World::new(world);
        let floods = |t: &Transport| {
            t.write(vec![b'x'; MANY]);
            t.lose_connection();
        };
        let (client, server) = forwarded(&mut world, nothing, floods);
        client.transport().pause_reading();
        world.pass(30_000);
        let before = server.transport().waiting();
        world.pass(30_000);
        assert_eq!(server.transport().waiting(), before, "it stands");
        assert!(before > MANY - 300_000, "{before} wait where they belong");
        client.transport().resume_reading();
        world.pass(10_000_000);
        assert_eq!(client.received(), MANY);
        assert!(client.0.borrow().ended);
    }
}

#[test]
fn a_server_that_does_not_read_stops_its_client() {
    const MANY: usize = 1 << 20;
    let mut world = World::new("1,buffer=1000");
    let floods = |t: &Transport| {
        t.write(vec![b'x'; MANY]);
        t.lose_write_connection();
    };
    let (client, server) = forwarded(&mut world, floods, Transport::pause_reading);
    world.pass(60_000);
    let left = client.transport().waiting();
    assert!(left > MANY - 300_000, "{left} wait where they belong");
    server.transport().resume_reading();
    world.pass(10_000_000);
    assert_eq!(server.received(), MANY);
    assert!(server.0.borrow().ended && !client.0.borrow().ended);
}

#[test]
fn what_waits_for_one_side_is_sent_after_the_other_is_gone() {
    let mut world = World::new("1,buffer=1000");
    let asks = |t: &Transport| {
        t.write(vec![b'x'; 30_000]);
        t.lose_connection();
    };
    let silent = |t: &Transport| {
        t.pause_reading();
        t.lose_write_connection();
    };
    let (client, server) = forwarded(&mut world, asks, silent);
    world.pass(60_000);
    assert_eq!(
        (client.lost().as_str(), server.received()),
        ("closed in good order", 0)
    );
    server.transport().resume_reading();
    world.pass(60_000);
    assert_eq!(server.received(), 30_000);
    assert_eq!(server.lost(), "closed in good order");
}

/// Aborts each connection as soon as it is made.
struct GivesUp(Box<dyn Protocol>);

impl Protocol for GivesUp {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        transport.abort_connection();
        self.0.connection_made(transport)
    }
    fn data_received(&mut self, transport: &Transport, data: &[u8]) -> Result<(), Failure> {
        self.0.data_received(transport, data)
    }
    fn connection_lost(&mut self, transport: &Transport, why: Loss) {
        self.0.connection_lost(transport, why);
    }
}

#[test]
fn a_connection_that_is_given_up_while_the_server_is_called_calls_no_more() {
    struct Around(Rc<dyn Factory>);
    impl Factory for Around {
        fn build_protocol(&self, peer: &Address) -> Option<Box<dyn Protocol>> {
            let inner = self.0.build_protocol(peer)?;
            Some(Box::new(GivesUp(inner)))
        }
    }
    let mut world = World::new("1,latency=1s");
    let server = End::new(nothing);
    let at = world.serve(&server);
    let between = world.listen(Rc::new(Around(forward(at))));
    let _client = world.connect(&between, nothing);
    world.pass(60_000);
    let met = server.0.borrow().transport.is_some();
    assert!(!met || !["", "closed in good order"].contains(&server.lost().as_str()));
    assert!(!met, "the attempt was taken back");
    assert!(!world.has_timer());
}

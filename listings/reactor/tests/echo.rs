//! An echo server and its clients, on both worlds: more bytes than any buffer holds come back
//! whole.
use reactor::{Address, Handle, Id, Knobs, Os, Reactor, Readiness, Sim, Source, World};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

/// The real world and a simulated one.
fn worlds() -> [Box<dyn World>; 2] {
    [Box::new(Os::new().unwrap()), Box::new(Sim::new(1))]
}

/// Says back what it hears, until the end.
struct Echo {
    id: Id,
    waiting: RefCell<Vec<u8>>,
    ended: Cell<bool>,
}

impl Echo {
    fn new(id: Id) -> Rc<Echo> {
        Rc::new(Echo {
            id,
            waiting: RefCell::default(),
            ended: Cell::new(false),
        })
    }
}

impl Source for Echo {
    fn ready(self: Rc<Self>, h: &Handle, _: Id, _: Readiness) {
        let mut buffer = [0; 512];
        while let Ok(count) = h.read(self.id, &mut buffer) {
            if count == 0 {
                self.ended.set(true);
                break;
            }
            self.waiting.borrow_mut().extend(&buffer[..count]);
        }
        let mut waiting = self.waiting.borrow_mut();
        while !waiting.is_empty() {
            let Ok(count) = h.write(self.id, &waiting) else {
                return;
            };
            waiting.drain(..count);
        }
        if self.ended.get() {
            h.close(self.id, false);
        }
    }
}

struct Server(Id);

impl Source for Server {
    fn ready(self: Rc<Self>, h: &Handle, _: Id, _: Readiness) {
        while let Ok((id, _)) = h.accept(self.0) {
            h.register(id, Echo::new(id));
        }
    }
}

/// Sends a lot, reads the same, and stops the reactor when the last one is done.
struct Client {
    id: Id,
    to_send: Cell<usize>,
    heard: Cell<usize>,
    left: Rc<Cell<u32>>,
}

const BYTES: usize = 300_000;

impl Source for Client {
    fn ready(self: Rc<Self>, h: &Handle, _: Id, _: Readiness) {
        while self.to_send.get() > 0 {
            let from = BYTES - self.to_send.get();
            let bytes: Vec<u8> = (from..BYTES.min(from + 10_000)).map(|n| n as u8).collect();
            let Ok(count) = h.write(self.id, &bytes) else {
                break;
            };
            self.to_send.set(self.to_send.get() - count);
            if self.to_send.get() == 0 {
                h.shutdown(self.id).unwrap();
            }
        }
        let mut buffer = [0; 700];
        while let Ok(count) = h.read(self.id, &mut buffer) {
            if count == 0 {
                assert_eq!(self.heard.get(), BYTES);
                h.close(self.id, false);
                self.left.set(self.left.get() - 1);
                if self.left.get() == 0 {
                    h.stop().unwrap();
                }
                return;
            }
            for (at, byte) in buffer[..count].iter().enumerate() {
                assert_eq!(*byte, (self.heard.get() + at) as u8);
            }
            self.heard.set(self.heard.get() + count);
        }
    }
}

fn echo(world: Box<dyn World>, at: &Address) {
    let mut reactor = Reactor::on(world);
    let h = reactor.handle();
    let listener = h.listen(at).unwrap();
    h.register(listener, Rc::new(Server(listener)));
    let at = h.local_address(listener).unwrap();
    let left = Rc::new(Cell::new(3));
    for _ in 0..3 {
        let id = h.connect(&at).unwrap();
        let (to_send, heard) = (Cell::new(BYTES), Cell::new(0));
        h.register(
            id,
            Rc::new(Client {
                id,
                to_send,
                heard,
                left: Rc::clone(&left),
            }),
        );
    }
    reactor.run().unwrap();
    assert_eq!(left.get(), 0);
}

#[test]
fn more_bytes_than_any_buffer_holds_come_back_in_order() {
    for world in worlds() {
        echo(world, &Address::loopback(0));
    }
    let rough = Knobs::parse("jitter=20ms,loss=0.02,chunk=1-2000,buffer=5000").unwrap();
    echo(Box::new(Sim::with(3, rough)), &Address::loopback(0));
}

#[cfg(unix)]
#[test]
fn unix_sockets_are_streams_like_others() {
    // Short, because a path of a socket has at most 104 bytes on macOS.
    let path = std::env::temp_dir().join(format!("echo-{}", std::process::id()));
    for world in worlds() {
        echo(world, &Address::from(path.clone()));
        let _ = std::fs::remove_file(&path);
    }
}

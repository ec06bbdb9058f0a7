//! A peer that does not read: the pocket keeps all that is written to it, the crate holds the
//! writer back.
use std::{cell::Cell, rc::Rc, time::Duration};

const PIECE: usize = 16 * 1024;
const TOTAL: usize = 512 * PIECE;

/// What the two writers and their peers have counted, in bytes.
#[derive(Default)]
struct Counts {
    written: Cell<usize>,
    /// Taken by the system.
    taken: Cell<usize>,
    arrived: Cell<usize>,
    /// The most that the transport kept, at the end of a piece.
    most: Cell<usize>,
    paused: Cell<bool>,
    pauses: Cell<u32>,
}

fn add(to: &Cell<usize>, bytes: usize) {
    to.set(to.get() + bytes);
}

mod in_the_pocket {
    use super::{Cell, Counts, Duration, PIECE, Rc, TOTAL, add};
    use mio::{Interest, Registry, Token, event, net::UnixStream};
    use pocket::{
        deferred::Failure,
        reactor::{Handle, Id, Reactor, Source},
        transport::{Factory, Protocol, Transport, connect},
    };
    use std::io::{self, Read, Write};

    /// A stream that counts what the system takes.
    struct Counted(UnixStream, Rc<Counts>);

    impl Read for Counted {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.0.read(buffer)
        }
    }

    impl Write for Counted {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let n = self.0.write(bytes)?;
            add(&self.1.taken, n);
            Ok(n)
        }
        fn flush(&mut self) -> io::Result<()> {
            self.0.flush()
        }
    }

    impl event::Source for Counted {
        fn register(&mut self, r: &Registry, t: Token, i: Interest) -> io::Result<()> {
            self.0.register(r, t, i)
        }
        fn reregister(&mut self, r: &Registry, t: Token, i: Interest) -> io::Result<()> {
            self.0.reregister(r, t, i)
        }
        fn deregister(&mut self, r: &Registry) -> io::Result<()> {
            self.0.deregister(r)
        }
    }

    struct Writer(Rc<Counts>, Cell<Option<UnixStream>>, Handle);

    impl Factory for Writer {
        fn build_protocol(&self) -> Option<Box<dyn Protocol>> {
            Some(Box::new(Writer(self.0.clone(), Cell::new(self.1.take()), self.2.clone())))
        }
    }

    impl Protocol for Writer {
        fn connection_made(&mut self, to: &Transport) -> Result<(), Failure> {
            pour(&self.2, self.0.clone(), to.clone(), self.1.take());
            Ok(())
        }
        fn data_received(&mut self, _: &Transport, _: &[u8]) -> Result<(), Failure> {
            unreachable!("the peer says nothing")
        }
    }

    /// A piece a turn. Only when all are written does the peer begin to read.
    fn pour(h: &Handle, counts: Rc<Counts>, to: Transport, peer: Option<UnixStream>) {
        // What the piece before has left behind: it had a turn to go out.
        let kept = counts.written.get() - counts.taken.get();
        counts.most.set(counts.most.get().max(kept));
        if counts.written.get() < TOTAL {
            to.write(&[b'~'; PIECE]);
            add(&counts.written, PIECE);
            return h.call_soon(move |h| pour(h, counts, to, peer));
        }
        let mut peer = peer.expect("it is handed on");
        let id = h.adopt(&mut peer).expect("a socket to watch");
        h.register(id, Rc::new(Peer(peer, counts)));
    }

    struct Peer(UnixStream, Rc<Counts>);

    impl Source for Peer {
        fn ready(self: Rc<Self>, h: &Handle, _: Id) {
            let mut buffer = [0; PIECE];
            while let Ok(n @ 1..) = (&self.0).read(&mut buffer) {
                add(&self.1.arrived, n);
            }
            if self.1.arrived.get() == TOTAL {
                h.stop();
            }
        }
    }

    pub(super) fn run() -> Rc<Counts> {
        let mut reactor = Reactor::new().expect("a reactor");
        let (h, counts) = (reactor.handle(), Rc::new(Counts::default()));
        let (ours, peer) = UnixStream::pair().expect("a pair");
        let ours = Counted(ours, counts.clone());
        let writer = Writer(counts.clone(), Cell::new(Some(peer)), h.clone());
        connect(&h, Box::new(ours), Rc::new(writer)).expect("it is connected");
        h.call_later(Duration::from_secs(60), |_| panic!("it hangs"));
        reactor.run().expect("it runs");
        counts
    }
}

mod in_the_crate {
    use super::{Counts, PIECE, Rc, TOTAL, add};
    use crate::HOUR;
    use deferreds::Failure;
    use reactor::{Address, Reactor, Sim};
    use transports::{Pace, Producer, Protocol, Transport, connect, listen};

    struct Spring(Rc<Counts>);

    impl Producer for Spring {
        fn pause_producing(&self, to: &Transport) {
            assert!(to.is_full(), "one that only asks sees the same");
            self.0.paused.set(true);
            self.0.pauses.set(self.0.pauses.get() + 1);
        }
        fn resume_producing(&self, to: &Transport) -> Result<(), Failure> {
            self.0.paused.set(false);
            pour(self.0.clone(), to.clone());
            Ok(())
        }
    }

    /// A piece a turn, as in the pocket, until it is paused.
    fn pour(counts: Rc<Counts>, to: Transport) {
        if counts.paused.get() {
            return;
        }
        if counts.written.get() == TOTAL {
            return to.unregister_producer();
        }
        to.write([b'~'; PIECE]);
        add(&counts.written, PIECE);
        counts.most.set(counts.most.get().max(to.waiting()));
        let h = to.handle().clone();
        h.call_soon(move |_| pour(counts, to));
    }

    struct Writer(Rc<Counts>);

    impl Protocol for Writer {
        fn connection_made(&mut self, to: &Transport) -> Result<(), Failure> {
            to.register_producer(Rc::new(Spring(self.0.clone())), Pace::Push)?;
            pour(self.0.clone(), to.clone());
            Ok(())
        }
        fn data_received(&mut self, _: &Transport, _: &[u8]) -> Result<(), Failure> {
            unreachable!("the peer says nothing")
        }
    }

    /// Reads nothing for an hour.
    struct Peer(Rc<Counts>);

    impl Protocol for Peer {
        fn connection_made(&mut self, from: &Transport) -> Result<(), Failure> {
            from.pause_reading();
            let (from, h) = (from.clone(), from.handle().clone());
            let counts = self.0.clone();
            h.call_later(HOUR, move |_| {
                assert!(counts.paused.get(), "the writer waits as long as the peer does");
                assert!(counts.written.get() < TOTAL, "it has not written all it had");
                from.resume_reading();
            });
            Ok(())
        }
        fn data_received(&mut self, from: &Transport, data: &[u8]) -> Result<(), Failure> {
            add(&self.0.arrived, data.len());
            if self.0.arrived.get() == TOTAL {
                from.handle().stop()?;
            }
            Ok(())
        }
    }

    pub(super) fn run() -> Rc<Counts> {
        let sim = Sim::parse("1,buffer=65536").expect("a world");
        let mut reactor = Reactor::new(sim);
        let (h, counts) = (reactor.handle(), Rc::new(Counts::default()));
        let (near, far) = (counts.clone(), counts.clone());
        let writers = Rc::new(move |_: &Address| Writer(near.clone()));
        let port = listen(&h, &Address::loopback(0), writers).expect("a listener");
        let peers = Rc::new(move |_: &Address| Peer(far.clone()));
        connect(&h, port.address(), peers);
        reactor.run().expect("it runs");
        counts
    }
}

#[test]
fn unbounded_writes() {
    let pocket = in_the_pocket::run();
    assert_eq!(pocket.arrived.get(), TOTAL, "what was kept arrives at last");
    let kept = pocket.most.get();
    assert!(
        kept > TOTAL / 2,
        "the pocket kept {kept} bytes of {TOTAL}: if it holds its writer back now, say so on its page"
    );

    let grown_up = in_the_crate::run();
    assert_eq!(grown_up.arrived.get(), TOTAL, "no byte is lost to the pauses");
    let kept = grown_up.most.get();
    assert!(
        kept <= 64 * 1024 + PIECE,
        "the crate kept {kept} bytes, more than the mark and one piece"
    );
    assert!(grown_up.pauses.get() > 0, "nothing held the writer back");
}

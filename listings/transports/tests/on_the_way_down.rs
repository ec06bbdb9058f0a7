//! On the way down: destructors of others that panic, and sockets that are closed behind a protocol's back.
mod help;

use deferreds::Failure;
use help::{Pair, Probe, os, pattern, rest, sim, until};
use reactor::{Address, Handle, Reactor};
use std::{
    cell::{Cell, RefCell},
    io,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    task::{Context, Wake, Waker},
};
use transports::{
    DatagramPort, DatagramProtocol, Factory, Loss, Pace, Producer, Protocol, Stream, Transport,
    connect, listen, listen_datagrams,
};

/// Panics when it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("this panic is part of the test");
    }
}

/// A pair that echoes, and proves at the end that it still does.
fn echoes(reactor: Reactor) -> (Pair, Probe, Probe) {
    let (server, client) = (Probe::echo(), Probe::new());
    let mut pair = Pair::new(reactor, &server, &client);
    pair.until_made(&server, &client);
    (pair, server, client)
}

fn still_echoes(pair: &mut Pair, client: &Probe) {
    let before = client.received();
    client.transport().write("x");
    pair.until("the echo is there", || client.received() > before);
}

/// A producer that only its registration owns, and that takes itself off.
struct Leaves(Bomb);

impl Producer for Leaves {
    fn resume_producing(&self, transport: &Transport) -> Result<(), Failure> {
        transport.unregister_producer();
        Ok(())
    }
    fn pause_producing(&self, transport: &Transport) {
        transport.unregister_producer();
    }
}

#[test]
fn a_producer_that_takes_itself_off_and_panics_when_it_is_dropped_costs_nobody_anything() {
    for pace in [Pace::Pull, Pace::Push] {
        let (mut pair, _server, client) = echoes(sim("1,buffer=1000"));
        let transport = client.transport();
        transport
            .register_producer(Rc::new(Leaves(Bomb)), pace)
            .unwrap();
        transport.write(pattern(100_000));
        pair.until("all is back", || client.received() == 100_000);
        assert_eq!(
            transport.register_producer(Rc::new(Leaves(Bomb)), pace),
            Ok(())
        );
        transport.unregister_producer();
        still_echoes(&mut pair, &client);
    }
}

struct Explosive(Bomb);

impl Factory for Explosive {
    fn build_protocol(&self, _: &Address) -> Option<Box<dyn Protocol>> {
        Some(Box::new(help::Side(Probe::echo())))
    }
}

#[test]
fn a_factory_that_panics_when_it_is_dropped_costs_nobody_anything() {
    let (mut pair, _server, client) = echoes(sim("1"));
    let port = listen(
        &pair.handle,
        &Address::loopback(0),
        Rc::new(Explosive(Bomb)),
    )
    .unwrap();
    let to = port.address().clone();
    let bombs = [(); 2].map(|()| connect(&pair.handle, &to, Rc::new(Explosive(Bomb))));
    pair.until("they are connected", || {
        !bombs.iter().any(|c| c.is_connecting())
    });
    port.stop_listening();
    port.stop_listening();
    still_echoes(&mut pair, &client);
    // One that listens and one that connects are left with the reactor, which is dropped.
    listen(
        &pair.handle,
        &Address::loopback(0),
        Rc::new(Explosive(Bomb)),
    )
    .unwrap();
    drop(pair);
}

/// Has the reactor close its own socket, which no transport does.
fn closes(at: &'static str, log: &Rc<RefCell<Vec<String>>>) -> impl Protocol + use<> {
    struct Closes(&'static str, Rc<RefCell<Vec<String>>>);
    impl Closes {
        fn close_if(&self, here: &str, transport: &Transport) {
            if self.0 == here {
                self.1.borrow_mut().push(here.to_owned());
                transport.handle().close(ID.take().expect("attached"), true);
            }
        }
    }
    impl Protocol for Closes {
        fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
            transport.write("x");
            self.close_if("made", transport);
            Ok(())
        }
        fn data_received(&mut self, transport: &Transport, _: &[u8]) -> Result<(), Failure> {
            self.close_if("data", transport);
            Ok(())
        }
        fn write_drained(&mut self, transport: &Transport) {
            self.close_if("drained", transport);
        }
        fn connection_lost(&mut self, transport: &Transport, why: Loss) {
            assert!(transport.is_lost());
            self.1.borrow_mut().push(format!("lost: {why:?}"));
        }
    }
    Closes(at, Rc::clone(log))
}

thread_local!(static ID: Cell<Option<reactor::Id>> = const { Cell::new(None) });

#[test]
fn a_socket_that_is_closed_under_a_running_protocol_is_a_loss_that_is_told_once() {
    for at in ["made", "data", "drained"] {
        let mut reactor = sim("1");
        let h = reactor.handle();
        let server = Probe::echo();
        let port = listen(&h, &Address::loopback(0), server.factory()).unwrap();
        let id = h.connect(port.address()).unwrap();
        until(&mut reactor, "it is connected", || server.made() > 0);
        ID.set(Some(id));
        let log = Rc::default();
        transports::attach(&h, id, Box::new(closes(at, &log)));
        until(&mut reactor, "the server hears of it", || server.lost() > 0);
        rest(&mut reactor);
        assert_eq!(*log.borrow(), [at, "lost: Aborted"]);
    }
}

#[test]
fn a_datagram_socket_that_is_closed_under_a_running_protocol_is_told_once() {
    struct Closes(Rc<RefCell<Vec<String>>>);
    impl DatagramProtocol for Closes {
        fn datagram_received(
            &mut self,
            port: &DatagramPort,
            _: &[u8],
            _: &Address,
        ) -> Result<(), Failure> {
            port.handle().close(port.id(), false);
            Ok(())
        }
        fn send_failed(&mut self, port: &DatagramPort, _: io::Error) {
            self.0.borrow_mut().push("failed".to_owned());
            port.handle().close(port.id(), false);
        }
        fn stopped(&mut self, _: &DatagramPort, why: Loss) {
            self.0.borrow_mut().push(format!("{why:?}"));
        }
    }
    let mut reactor = sim("1");
    let h = reactor.handle();
    let open = |h: &Handle| {
        let log = Rc::default();
        let port = listen_datagrams(h, &Address::loopback(0), Box::new(Closes(Rc::clone(&log))));
        (port.unwrap(), log)
    };
    // While it receives, and while it is told that one of its own was refused.
    let (receives, log) = open(&h);
    receives.send_to("x", &receives.address().unwrap()).unwrap();
    rest(&mut reactor);
    assert_eq!(*log.borrow(), ["Aborted"]);
    // The next send hears of the refusal, and the protocol is told later, by a call.
    let mut reactor = os();
    let h = reactor.handle();
    let ((refused, log), (gone, _)) = (open(&h), open(&h));
    let nobody = gone.address().unwrap();
    gone.stop_listening();
    rest(&mut reactor);
    refused.set_peer(&nobody).unwrap();
    refused.send("x").unwrap();
    let _ = refused.send("y");
    until(&mut reactor, "it is told", || !log.borrow().is_empty());
    rest(&mut reactor);
    assert_eq!(*log.borrow(), ["failed", "Aborted"]);
}

#[test]
fn a_reader_whose_waker_panics_does_not_keep_the_writer_asleep() {
    struct Panics;
    impl Wake for Panics {
        fn wake(self: Arc<Self>) {
            panic!("this panic is part of the test");
        }
    }
    #[derive(Default)]
    struct Counts(AtomicU32);
    impl Wake for Counts {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
    let mut reactor = sim("1,buffer=1000");
    let h = reactor.handle();
    let server = Probe::new().on_made(|t| {
        t.pause_reading();
        Ok(())
    });
    let port = listen(&h, &Address::loopback(0), server.factory()).unwrap();
    let stream = Rc::new(RefCell::new(None));
    let kept = Rc::clone(&stream);
    Stream::connect(&h, port.address()).on_result(move |made| {
        kept.replace(Some(made.expect("it listens")));
    });
    until(&mut reactor, "it is connected", || {
        stream.borrow().is_some() && server.made() > 0
    });
    let stream = stream.take().unwrap();
    let counts = Arc::new(Counts::default());
    let (panics, counted) = (
        Waker::from(Arc::new(Panics)),
        Waker::from(Arc::clone(&counts)),
    );
    assert!(
        stream
            .poll_read(&mut Context::from_waker(&panics), |_| 1)
            .is_pending()
    );
    let writes = &mut Context::from_waker(&counted);
    while stream.poll_write(writes, &pattern(1000)).is_ready() {}
    server.transport().abort_connection();
    rest(&mut reactor);
    assert!(stream.transport().is_lost());
    assert_eq!(counts.0.load(Ordering::SeqCst), 1);
}

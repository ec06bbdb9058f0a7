//! Producers: paused at the mark, asked again when drained, stopped at the loss, waited for at the
//! close.
mod help;

use deferreds::Failure;
use help::{Pair, Probe, pattern, sim, worlds};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};
use transports::{Loss, Pace, Producer, ProducerError, Transport};

/// Writes down what it is told.
#[derive(Default)]
struct Told {
    log: RefCell<Vec<&'static str>>,
    /// How many pieces it writes when it is asked, and of which size.
    left: Cell<usize>,
    size: usize,
}

impl Producer for Told {
    fn resume_producing(&self, t: &Transport) -> Result<(), Failure> {
        t.handle().assert_nothing_borrowed();
        self.log.borrow_mut().push("resume");
        if self.size > 0 {
            if self.left.get() == 0 {
                t.unregister_producer();
            } else {
                self.left.set(self.left.get() - 1);
                t.write(pattern(self.size));
            }
        }
        Ok(())
    }
    fn pause_producing(&self, t: &Transport) {
        t.handle().assert_nothing_borrowed();
        self.log.borrow_mut().push("pause");
    }
    fn stop_producing(&self, t: &Transport) {
        assert!(t.is_lost());
        self.log.borrow_mut().push("stop");
    }
}

fn silent_server() -> Probe {
    Probe::new().on_made(|t| {
        t.pause_reading();
        Ok(())
    })
}

#[test]
fn a_push_producer_is_paused_above_the_mark_and_resumed_when_drained() {
    // Nothing is read yet, and the network holds 1,000 bytes.
    let (server, client) = (silent_server(), Probe::new());
    let mut pair = Pair::new(sim("1,buffer=1000"), &server, &client);
    pair.until_made(&server, &client);
    let (t, told) = (client.transport(), Rc::new(Told::default()));
    t.register_producer(told.clone(), Pace::Push).unwrap();
    t.write(vec![0; 1000 + 65_536]);
    pair.rest();
    assert_eq!(t.waiting(), 65_536);
    assert!(!t.is_full());
    assert!(
        told.log.borrow().is_empty(),
        "exactly the mark is no reason"
    );
    t.write("x");
    assert!(t.is_full());
    assert!(told.log.borrow().is_empty(), "not inside write");
    pair.rest();
    t.write("x");
    pair.rest();
    assert_eq!(*told.log.borrow(), ["pause"], "paused once");
    server.transport().resume_reading();
    pair.until("drained", || t.waiting() == 0);
    pair.rest();
    assert_eq!(*told.log.borrow(), ["pause", "resume"]);
}

#[test]
fn a_burst_that_the_socket_takes_at_once_pauses_nobody() {
    let (server, client) = (Probe::new(), Probe::new());
    let mut pair = Pair::new(sim("1,buffer=1000000"), &server, &client);
    pair.until_made(&server, &client);
    let (t, told) = (client.transport(), Rc::new(Told::default()));
    t.register_producer(told.clone(), Pace::Push).unwrap();
    t.write("x");
    t.write(vec![0; 100_000]);
    assert!(t.is_full());
    pair.rest();
    assert!(told.log.borrow().is_empty());
}

#[test]
fn a_second_producer_is_an_error_and_so_is_one_after_the_end() {
    for (_, reactor) in worlds() {
        let (server, client) = (Probe::new(), Probe::new());
        let mut pair = Pair::new(reactor, &server, &client);
        pair.until_made(&server, &client);
        let (t, told) = (client.transport(), Rc::new(Told::default()));
        let register = || t.register_producer(told.clone(), Pace::Push);
        assert_eq!(register(), Ok(()));
        assert_eq!(register(), Err(ProducerError::AlreadyRegistered));
        t.unregister_producer();
        t.unregister_producer();
        assert_eq!(register(), Ok(()), "the place is free again");
        t.unregister_producer();
        t.lose_connection();
        assert_eq!(register(), Err(ProducerError::Closed));
        pair.until_lost(&server, &client);
        assert_eq!(register(), Err(ProducerError::Closed));
        assert!(told.log.borrow().is_empty(), "it is told of nothing");
    }
}

#[test]
fn the_loss_stops_the_producer_once_and_lets_go_of_it() {
    type End = fn(&Transport, &Transport);
    let ends: [End; 3] = [
        |mine, _| mine.abort_connection(),
        |_, peers| peers.abort_connection(),
        |mine, _| {
            mine.abort_connection();
            mine.lose_connection();
        },
    ];
    for end in ends {
        for (_, reactor) in worlds() {
            let (server, client) = (Probe::new(), Probe::new());
            let mut pair = Pair::new(reactor, &server, &client);
            pair.until_made(&server, &client);
            let told = Rc::new(Told::default());
            let t = client.transport();
            t.register_producer(told.clone(), Pace::Push).unwrap();
            end(&t, &server.transport());
            pair.until_lost(&server, &client);
            assert_eq!(*told.log.borrow(), ["stop"]);
            assert_eq!(Rc::strong_count(&told), 1, "nobody else holds it");
        }
    }
}

#[test]
fn dropping_the_reactor_stops_the_producer() {
    let (server, client) = (Probe::new(), Probe::new());
    let mut pair = Pair::new(sim("1"), &server, &client);
    pair.until_made(&server, &client);
    let told = Rc::new(Told::default());
    client
        .transport()
        .register_producer(told.clone(), Pace::Push)
        .unwrap();
    drop(pair);
    assert_eq!(*told.log.borrow(), ["stop"]);
    assert_eq!(Rc::strong_count(&told), 1);
}

#[test]
fn a_pull_producer_is_asked_after_each_drain_and_the_close_waits_for_it() {
    for (world, reactor) in worlds() {
        let server = Probe::new();
        let client = Probe::new().on_made(|t| {
            t.write("first ");
            let producer = Rc::new(Told {
                left: Cell::new(20),
                size: 900,
                ..Told::default()
            });
            t.register_producer(producer, Pace::Pull)?;
            t.lose_connection(); // at once, and yet nothing is missing
            Ok(())
        });
        let mut pair = Pair::new(reactor, &server, &client);
        pair.until_lost(&server, &client);
        assert_eq!(server.received(), 6 + 20 * 900, "{world}");
        assert!(matches!(client.loss(), Loss::Done));
    }
}

#[test]
fn the_close_waits_for_a_push_producer_too() {
    for (world, reactor) in worlds() {
        let (server, client) = (Probe::new(), Probe::new());
        let mut pair = Pair::new(reactor, &server, &client);
        pair.until_made(&server, &client);
        let t = client.transport();
        t.register_producer(Rc::new(Told::default()), Pace::Push)
            .unwrap();
        t.lose_connection();
        pair.rest();
        assert!(!t.is_lost(), "{world}");
        t.write("still producing");
        pair.rest();
        t.unregister_producer();
        t.write("ignored");
        pair.until_lost(&server, &client);
        assert_eq!(server.data(), b"still producing");
    }
}

#[test]
fn a_half_close_waits_for_the_producer() {
    for (_, reactor) in worlds() {
        let server = Probe::new().half_open();
        let client = Probe::new().on_made(|t| {
            let producer = Rc::new(Told {
                left: Cell::new(3),
                size: 100,
                ..Told::default()
            });
            t.register_producer(producer, Pace::Pull)?;
            t.lose_write_connection();
            Ok(())
        });
        let mut pair = Pair::new(reactor, &server, &client);
        pair.until("the end", || server.log().contains(&"peer closed".into()));
        assert_eq!(server.received(), 300);
        assert_eq!(client.lost(), 0);
    }
}

#[test]
fn a_peer_that_never_reads_fills_no_memory() {
    // A port forward: what one connection receives is written to another one, which is not read.
    struct Source(Transport);
    impl Producer for Source {
        fn resume_producing(&self, _: &Transport) -> Result<(), Failure> {
            self.0.resume_reading();
            Ok(())
        }
        fn pause_producing(&self, _: &Transport) {
            self.0.pause_reading();
        }
    }
    // Where all is cut into pieces of a few bytes, it takes too long to fill anything.
    for (world, reactor) in worlds().into_iter().filter(|w| !w.0.contains("chunk")) {
        let (deaf, out) = (silent_server(), Probe::new());
        let mut pair = Pair::new(reactor, &deaf, &out);
        pair.until_made(&deaf, &out);
        let forward = out.transport();
        let most = Rc::new(Cell::new(0));
        let (to, seen) = (forward.clone(), most.clone());
        let middle = Probe::new()
            .on_made({
                let to = forward.clone();
                move |t| Ok(to.register_producer(Rc::new(Source(t.clone())), Pace::Push)?)
            })
            .on_data(move |_, data| {
                to.write(data);
                seen.set(seen.get().max(to.waiting()));
                Ok(())
            });
        let port = transports::listen(
            &pair.handle,
            &reactor::Address::loopback(0),
            middle.factory(),
        )
        .unwrap();
        let talker = Probe::new()
            .on_made(|t| {
                t.write(vec![1; 60_000]);
                Ok(())
            })
            .on_drained(|t| t.write(vec![1; 60_000]));
        transports::connect(&pair.handle, port.address(), talker.factory());
        let mut before = 0;
        for _ in 0..100 {
            pair.rest();
            if middle.received() == before && before > 0 {
                break;
            }
            before = middle.received();
        }
        pair.rest();
        assert_eq!(middle.received(), before, "{world}: it is held back");
        assert!(forward.is_full(), "{world}");
        assert!(
            most.get() <= 64 * 1024 + 64 * 1024,
            "{world}: {}",
            most.get()
        );
        // And the talker, which is asked when it is drained, is held back by the network.
        assert!(talker.transport().waiting() <= 60_000);
        deaf.transport().resume_reading();
        pair.until("it goes on", || middle.received() > before + 100_000);
    }
}

#[test]
fn a_producer_that_fails_or_panics_costs_its_own_connection() {
    struct Bad(bool);
    impl Producer for Bad {
        fn resume_producing(&self, _: &Transport) -> Result<(), Failure> {
            assert!(!self.0, "this panic is part of the test");
            Err(Failure::new("no more to give"))
        }
        fn stop_producing(&self, _: &Transport) {
            panic!("this panic is part of the test");
        }
    }
    for panics in [true, false] {
        let (server, client) = (Probe::echo(), Probe::new());
        let mut pair = Pair::new(sim("1"), &server, &client);
        pair.until_made(&server, &client);
        let other = Probe::new();
        transports::connect(&pair.handle, pair.port.address(), other.factory());
        pair.until("the other one is there", || other.made() == 1);
        client
            .transport()
            .register_producer(Rc::new(Bad(panics)), Pace::Pull)
            .unwrap();
        pair.until("lost", || client.lost() == 1);
        assert!(matches!(client.loss(), Loss::Failed(_)));
        other.transport().write("fine");
        pair.until("echoed", || other.received() == 4);
    }
}

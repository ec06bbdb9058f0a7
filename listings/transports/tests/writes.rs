//! What is written: in order, gathered, in how many calls, and when it is said to be drained.
#[path = "help/calls.rs"]
mod calls;
mod help;

use calls::Counted;
use help::{Pair, Probe, pattern, sim, worlds};
use reactor::{Os, Reactor, Sim};
use std::{cell::Cell, rc::Rc};

#[test]
fn pieces_of_all_sizes_arrive_in_order() {
    for (world, reactor) in worlds() {
        let (server, client) = (Probe::new(), Probe::new());
        let mut pair = Pair::new(reactor, &server, &client);
        pair.until_made(&server, &client);
        let t = client.transport();
        let (mut all, mut size) = (Vec::new(), 1);
        for _ in 0..60 {
            let piece = pattern(size);
            t.write(&piece);
            all.extend(piece);
            size = size * 7 % 6_007 + 1;
            if size % 3 == 0 {
                pair.reactor.turn(Some(std::time::Duration::ZERO)).unwrap();
            }
        }
        t.write("");
        t.lose_connection();
        pair.until_lost(&server, &client);
        assert_eq!(server.received(), all.len(), "{world}");
        assert!(server.data() == all, "{world}: in another order");
    }
}

#[test]
fn small_writes_of_one_turn_are_one_call() {
    let (world, calls) = Counted::new(Sim::new(1));
    let client = Probe::new().on_made(|t| {
        for _ in 0..10 {
            t.write("Gather ye ");
        }
        t.write_sequence(["rose", "buds"]);
        assert_eq!(t.waiting(), 108);
        Ok(())
    });
    let server = Probe::new();
    let mut pair = Pair::new(Reactor::new(world), &server, &client);
    pair.until("all is there", || server.received() == 108);
    assert_eq!(*calls.writes.borrow(), [(1, 108)]);
    assert_eq!(client.transport().waiting(), 0);
}

#[test]
fn two_kibibytes_go_out_at_once_unless_something_waits() {
    let (world, calls) = Counted::new(Sim::new(1));
    let seen = calls.clone();
    let client = Probe::new().on_made(move |t| {
        t.write(vec![1; 2047]);
        assert_eq!(t.waiting(), 2047, "one byte less is gathered");
        t.write(vec![2; 2048]);
        assert_eq!(t.waiting(), 4095, "behind what waits");
        let sizes: Vec<usize> = seen.writes.borrow().iter().map(|w| w.1).collect();
        assert!(!sizes.contains(&4095), "not yet: {sizes:?}");
        Ok(())
    });
    let server = Probe::new().on_made(|t| {
        t.write(vec![3; 2048]);
        assert_eq!(t.waiting(), 0, "sent");
        t.write(vec![4; 20_000]);
        assert_eq!(t.waiting(), 0, "sent, too");
        Ok(())
    });
    let mut pair = Pair::new(Reactor::new(world), &server, &client);
    pair.until("all is there", || {
        server.received() == 4095 && client.received() == 22_048
    });
    let mut writes = calls.writes.take();
    writes.sort();
    assert_eq!(writes, [(1, 2048), (1, 4095), (1, 20_000)]);
}

#[test]
fn several_pieces_go_out_in_one_gathered_call() {
    let (world, calls) = Counted::new(Sim::with(
        1,
        reactor::Knobs {
            buffer: 1_000_000,
            ..Default::default()
        },
    ));
    let client = Probe::new().on_made(|t| {
        t.write("small");
        for _ in 0..5 {
            t.write(vec![0; 20_000]);
        }
        Ok(())
    });
    let server = Probe::new();
    let mut pair = Pair::new(Reactor::new(world), &server, &client);
    pair.until("all is there", || server.received() == 100_005);
    assert_eq!(*calls.writes.borrow(), [(6, 100_005)]);
}

#[test]
fn a_short_write_asks_no_second_time() {
    let (world, calls) = Counted::new(Sim::parse("1,buffer=3000").unwrap());
    let client = Probe::new().on_made(|t| {
        t.write(vec![0; 10_000]);
        t.write(vec![0; 10_000]);
        Ok(())
    });
    let server = Probe::new();
    let mut pair = Pair::new(Reactor::new(world), &server, &client);
    pair.until("all is there", || server.received() == 20_000);
    let given: Vec<usize> = calls.writes.borrow().iter().map(|w| w.1).collect();
    assert_eq!(given[..3], [10_000, 17_000, 14_000]);
    assert_eq!(given.len(), 7, "one call for each time that there is room");
}

#[test]
fn a_short_read_asks_no_second_time() {
    let (world, calls) = Counted::new(Os::new().unwrap());
    let (server, client) = (Probe::echo(), Probe::new());
    let mut pair = Pair::new(Reactor::new(world), &server, &client);
    pair.until_made(&server, &client);
    pair.rest();
    for round in 1..=20 {
        let (reads, writes) = (calls.reads.get(), calls.writes.borrow().len());
        client.transport().write("ping");
        pair.until("pong", || client.received() == 4 * round);
        assert_eq!(calls.reads.get() - reads, 2, "one on each side");
        assert_eq!(calls.writes.borrow().len() - writes, 2);
    }
}

#[test]
fn drained_is_told_once_for_all_that_was_written_in_a_turn() {
    for (_, reactor) in worlds() {
        let count = Rc::new(Cell::new(0));
        let counted = count.clone();
        let client = Probe::new()
            .on_made(|t| {
                for _ in 0..10 {
                    t.write("Gather ye ");
                }
                Ok(())
            })
            .on_drained(move |t| {
                assert_eq!(t.waiting(), 0);
                counted.set(counted.get() + 1);
            });
        let server = Probe::new();
        let mut pair = Pair::new(reactor, &server, &client);
        pair.until("all is there", || server.received() == 100);
        pair.rest();
        assert_eq!(count.get(), 1);
        client.transport().write(vec![0; 5_000]); // sent at once, in part or whole
        pair.until("more is there", || server.received() == 5_100);
        pair.rest();
        assert_eq!(count.get(), 2);
        client.transport().lose_write_connection();
        pair.rest();
        assert_eq!(count.get(), 2, "nothing was written");
    }
}

#[test]
fn a_protocol_can_write_its_next_piece_when_the_last_is_drained() {
    for (world, reactor) in worlds() {
        let left = Rc::new(Cell::new(50));
        let most = Rc::new(Cell::new(0));
        let seen = most.clone();
        let client = Probe::new()
            .on_made(|t| {
                t.write([7; 1000]);
                Ok(())
            })
            .on_drained(move |t| {
                left.set(left.get() - 1);
                match left.get() {
                    0 => t.lose_connection(),
                    _ => t.write([7; 1000]),
                }
                seen.set(seen.get().max(t.waiting()));
            });
        let server = Probe::new();
        let mut pair = Pair::new(reactor, &server, &client);
        pair.until_lost(&server, &client);
        assert_eq!(server.received(), 50_000, "{world}");
        assert_eq!(most.get(), 1000, "never more than one piece waits");
    }
}

#[test]
fn a_connection_that_writes_in_drained_leaves_the_others_their_turn() {
    // One client sends for ever; the other one's echo still comes.
    let endless = Probe::new()
        .on_made(|t| {
            t.write([0; 3000]);
            Ok(())
        })
        .on_drained(|t| t.write([0; 3000]));
    let (server, client) = (Probe::echo(), Probe::new());
    let mut pair = Pair::new(sim("1"), &server, &client);
    pair.until_made(&server, &client);
    let sink = transports::listen(
        &pair.handle,
        &reactor::Address::loopback(0),
        Probe::new().factory(),
    )
    .unwrap();
    transports::connect(&pair.handle, sink.address(), endless.factory());
    pair.until("endless is connected", || endless.made() == 1);
    client.transport().write("still there?");
    pair.until("echoed", || client.received() == 12);
}

//! How a connection ends: close, half-close, abort; twice, in the wrong order, and after the loss.
mod help;

use deferreds::Failure;
use help::{Pair, Probe, Side, os, pattern, sim, worlds};
use reactor::Address;
use std::{cell::Cell, io, rc::Rc};
use transports::{Factory, Loss, Protocol, Transport, connect, listen};

fn kind(loss: &Loss) -> Option<io::ErrorKind> {
    match loss {
        Loss::Failed(failure) => failure.check::<io::Error>().map(io::Error::kind),
        _ => None,
    }
}

#[test]
fn lose_connection_flushes_three_megabytes_and_then_closes() {
    for (world, reactor) in worlds() {
        let size = if world.contains("chunk") {
            30_000
        } else {
            3_000_000
        };
        let server = Probe::new().on_made(move |t| {
            t.write(pattern(size));
            t.lose_connection();
            assert!(!t.is_lost());
            Ok(())
        });
        let client = Probe::new();
        let mut pair = Pair::new(reactor, &server, &client);
        pair.until_lost(&server, &client);
        assert_eq!(client.data(), pattern(size), "{world}");
        assert!(client.largest() <= 64 * 1024);
        assert_eq!(client.log(), ["made", "data", "peer closed", "lost: done"]);
        assert_eq!(server.log(), ["made", "lost: done"]);
    }
}

#[test]
fn asked_to_close_twice_it_closes_once() {
    for (_, reactor) in worlds() {
        let (server, client) = (Probe::new(), Probe::new());
        let mut pair = Pair::new(reactor, &server, &client);
        pair.until_made(&server, &client);
        let t = client.transport();
        t.lose_connection();
        t.lose_connection();
        pair.until_lost(&server, &client);
        t.lose_connection();
        t.abort_connection();
        pair.rest();
        assert_eq!(client.log(), ["made", "lost: done"]);
        assert_eq!((client.dropped(), server.dropped()), (1, 1));
    }
}

#[test]
fn what_is_written_after_lose_connection_is_ignored() {
    for (_, reactor) in worlds() {
        let server = Probe::new().on_made(|t| {
            t.write("kept");
            t.lose_connection();
            t.write("ignored");
            t.write(vec![b'x'; 100_000]);
            Ok(())
        });
        let client = Probe::new();
        let mut pair = Pair::new(reactor, &server, &client);
        pair.until_lost(&server, &client);
        assert_eq!(client.data(), b"kept");
    }
}

#[test]
fn no_data_is_received_after_lose_connection() {
    let server = Probe::new().on_made(|t| {
        t.write("one");
        Ok(())
    });
    let client = Probe::new().on_data(|t, _| {
        t.lose_connection();
        Ok(())
    });
    let mut pair = Pair::new(sim("1,chunk=1"), &server, &client);
    pair.until_lost(&server, &client);
    assert_eq!(client.data(), b"o");
}

#[test]
fn after_the_loss_every_method_does_nothing() {
    for (_, reactor) in worlds() {
        let (server, client) = (Probe::new(), Probe::new());
        let mut pair = Pair::new(reactor, &server, &client);
        pair.until_made(&server, &client);
        let t = client.transport();
        t.lose_connection();
        pair.until_lost(&server, &client);
        let peer = pair.port.address().clone();
        t.write("late");
        t.write(vec![0; 100_000]);
        t.lose_write_connection();
        t.lose_connection();
        t.abort_connection();
        t.pause_reading();
        t.resume_reading();
        t.unregister_producer();
        t.set_protocol(Box::new(Side(client.clone())), b"late");
        assert_eq!(t.waiting(), 0);
        assert_eq!(*t.peer(), peer, "the peer is still known");
        assert_eq!(t.host().unwrap_err().kind(), io::ErrorKind::NotConnected);
        pair.rest();
        assert_eq!(client.log(), ["made", "lost: done"]);
        assert_eq!(client.dropped(), 2, "the late protocol is dropped, too");
    }
}

#[test]
fn what_is_written_in_connection_lost_is_ignored() {
    for (_, reactor) in worlds() {
        let client = Probe::new().on_lost(|t, _| {
            t.write("last words");
            t.lose_connection();
            t.set_protocol(
                Box::new(Side(Probe::new().on_made(|_| panic!("made")))),
                b"x",
            );
        });
        let server = Probe::new();
        let mut pair = Pair::new(reactor, &server, &client);
        pair.until_made(&server, &client);
        server.transport().lose_connection();
        pair.until_lost(&server, &client);
        pair.rest();
        assert_eq!(server.received(), 0);
    }
}

#[test]
fn abort_throws_away_comes_later_and_the_peer_sees_a_reset() {
    for (world, reactor) in worlds() {
        let server = Probe::new().on_made(|t| {
            t.pause_reading();
            Ok(())
        });
        let client = Probe::new().on_made(|t| {
            t.write(vec![0; 10_000_000]);
            t.abort_connection();
            t.abort_connection();
            t.lose_connection();
            assert!(!t.is_lost(), "not inside the call");
            Ok(())
        });
        let mut pair = Pair::new(reactor, &server, &client);
        pair.until("the client is lost", || {
            client.lost() > 0 && server.made() > 0
        });
        assert_eq!(client.log(), ["made", "lost: aborted"], "{world}");
        server.transport().resume_reading();
        pair.until("the server is lost", || server.lost() > 0);
        let loss = server.loss();
        assert_eq!(kind(&loss), Some(io::ErrorKind::ConnectionReset), "{world}");
        assert!(server.received() < 10_000_000);
    }
}

#[test]
fn a_half_close_is_told_and_data_still_flows_back() {
    for (world, reactor) in worlds() {
        // The server answers only when the client has said all.
        let server = Probe::new().on_peer_closed(|t| {
            t.write(pattern(20_000));
            t.lose_connection();
        });
        let client = Probe::new().on_made(|t| {
            t.write("question");
            t.lose_write_connection();
            t.lose_write_connection();
            t.write("ignored");
            Ok(())
        });
        let mut pair = Pair::new(reactor, &server, &client);
        pair.until_lost(&server, &client);
        assert_eq!(server.data(), b"question", "{world}");
        assert_eq!(client.data(), pattern(20_000), "{world}");
        assert_eq!(client.log(), ["made", "data", "peer closed", "lost: done"]);
        assert_eq!(server.log(), ["made", "data", "peer closed", "lost: done"]);
    }
}

#[test]
fn both_sides_half_close_and_the_connection_is_done() {
    for (_, reactor) in worlds() {
        let server = Probe::new().half_open();
        let client = Probe::new().half_open();
        let mut pair = Pair::new(reactor, &server, &client);
        pair.until_made(&server, &client);
        client.transport().write("one way");
        client.transport().lose_write_connection();
        pair.until("the server was told", || {
            server.log().contains(&"peer closed".into())
        });
        pair.rest();
        assert_eq!(server.lost() + client.lost(), 0, "half open");
        server.transport().write("and back");
        server.transport().lose_write_connection();
        pair.until_lost(&server, &client);
        assert_eq!(client.data(), b"and back");
        assert!(matches!(
            (server.loss(), client.loss()),
            (Loss::Done, Loss::Done)
        ));
    }
}

#[test]
fn a_plain_protocol_answers_a_half_close_with_a_full_loss_after_its_flush() {
    for (_, reactor) in worlds() {
        let server = Probe::echo();
        let client = Probe::new().half_open().on_made(|t| {
            t.write(pattern(5_000));
            t.lose_write_connection();
            Ok(())
        });
        let mut pair = Pair::new(reactor, &server, &client);
        pair.until_lost(&server, &client);
        assert_eq!(client.data(), pattern(5_000));
        assert!(matches!(client.loss(), Loss::Done));
    }
}

#[test]
fn data_and_the_end_in_one_wake_are_both_told() {
    for (_, reactor) in worlds() {
        let server = Probe::new().on_made(|t| {
            t.write("last");
            t.lose_connection();
            Ok(())
        });
        let client = Probe::new();
        let mut pair = Pair::new(reactor, &server, &client);
        pair.until_lost(&server, &client);
        assert_eq!(client.data(), b"last");
        assert_eq!(client.log(), ["made", "data", "peer closed", "lost: done"]);
    }
}

#[test]
fn unread_bytes_at_the_close_do_not_become_a_reset() {
    // The client talks on while the server has closed: what arrived must not cost the client the
    // answer.
    for (world, reactor) in [("sim", sim("1")), ("os", os())] {
        let server = Probe::new().on_data(|t, _| {
            t.pause_reading();
            Ok(())
        });
        let client = Probe::new().on_made(|t| {
            t.write("question");
            Ok(())
        });
        let mut pair = Pair::new(reactor, &server, &client);
        pair.until("asked", || server.received() > 0);
        client.transport().write("and another one");
        pair.rest();
        server.transport().write("answer");
        server.transport().lose_connection();
        pair.until_lost(&server, &client);
        assert_eq!(client.data(), b"answer", "{world}");
        assert!(matches!(client.loss(), Loss::Done), "{world}");
    }
}

#[test]
fn a_reset_in_the_middle_is_a_failure_on_both_sides() {
    let reactor = sim("1,reset=1@5000");
    let server = Probe::new();
    let client = Probe::new().on_made(|t| {
        t.write(pattern(20_000));
        Ok(())
    });
    let mut pair = Pair::new(reactor, &server, &client);
    pair.until_lost(&server, &client);
    assert_eq!(server.data(), &pattern(20_000)[..5_000]);
    for loss in [server.loss(), client.loss()] {
        assert!(matches!(loss, Loss::Failed(_)), "{loss:?}");
    }
}

#[test]
fn what_was_written_before_a_failure_is_sent_and_after_an_abort_it_is_not() {
    for aborts_first in [false, true] {
        for (world, reactor) in worlds() {
            let server = Probe::new().on_data(move |t, _| {
                t.write("an answer");
                if aborts_first {
                    t.abort_connection();
                }
                t.write(if aborts_first {
                    " that is too late"
                } else {
                    ""
                });
                Err(Failure::new("the second question was none"))
            });
            let client = Probe::new().on_made(|t| {
                t.write("two questions");
                Ok(())
            });
            let mut pair = Pair::new(reactor, &server, &client);
            pair.until_lost(&server, &client);
            let answer: &[u8] = if aborts_first { b"" } else { b"an answer" };
            assert_eq!(client.data(), answer, "{world}");
            let loss = client.loss();
            assert!(
                matches!(loss, Loss::Failed(_)),
                "{world}: a reset, {loss:?}"
            );
            let loss = server.loss().to_string();
            assert_eq!(loss, "the second question was none", "{world}");
        }
    }
}

#[test]
fn dropping_the_reactor_tells_every_protocol_once() {
    for (_, reactor) in worlds() {
        // It keeps its own transport, which would be a cycle.
        let (server, client) = (Probe::new(), Probe::new());
        let mut pair = Pair::new(reactor, &server, &client);
        pair.until_made(&server, &client);
        client.transport().write("never sent");
        drop(pair);
        assert_eq!(client.log(), ["made", "lost: aborted"]);
        assert_eq!(server.log(), ["made", "lost: aborted"]);
        assert_eq!((client.dropped(), server.dropped()), (1, 1));
        client.transport().write("nobody is there");
        client.transport().abort_connection();
    }
}

#[test]
fn a_factory_that_builds_nothing_refuses_the_connection() {
    for (_, reactor) in worlds() {
        let (server, client) = (Probe::new().refusing(), Probe::new());
        let mut pair = Pair::new(reactor, &server, &client);
        pair.until("the client is lost", || client.lost() > 0);
        assert_eq!(client.log(), ["made", "peer closed", "lost: done"]);
    }
    for (_, reactor) in worlds() {
        let (server, client) = (Probe::new(), Probe::new().refusing());
        let mut pair = Pair::new(reactor, &server, &client);
        pair.until("the server is lost", || server.lost() > 0);
        assert!(!client.has_failed());
    }
}

#[test]
fn the_end_while_reading_is_paused_comes_after_the_data() {
    for (world, reactor) in worlds() {
        let client = Probe::new().on_made(|t| {
            t.pause_reading();
            Ok(())
        });
        let server = Probe::new().on_made(|t| {
            t.write(pattern(500));
            t.lose_connection();
            Ok(())
        });
        let mut pair = Pair::new(reactor, &server, &client);
        pair.until("made", || client.made() > 0);
        pair.rest();
        assert_eq!(client.log(), ["made"], "{world}");
        client.transport().resume_reading();
        client.transport().resume_reading();
        pair.until_lost(&server, &client);
        assert_eq!(client.data(), pattern(500));
    }
}

#[test]
fn a_protocol_hands_over_to_the_next_with_the_rest() {
    struct Greeting(Probe);
    impl Protocol for Greeting {
        fn data_received(&mut self, t: &Transport, data: &[u8]) -> Result<(), Failure> {
            let end = data.iter().position(|b| *b == b'\n').unwrap();
            t.set_protocol(Box::new(Side(self.0.clone())), &data[end + 1..]);
            assert_eq!(self.0.received(), 0, "not inside the call");
            Ok(())
        }
    }
    struct Greetings(Probe);
    impl Factory for Greetings {
        fn build_protocol(&self, _: &Address) -> Option<Box<dyn Protocol>> {
            Some(Box::new(Greeting(self.0.clone())))
        }
    }
    let mut reactor = os();
    let handle = reactor.handle();
    let (next, client) = (Probe::new(), Probe::new());
    let port = listen(
        &handle,
        &Address::loopback(0),
        Rc::new(Greetings(next.clone())),
    )
    .unwrap();
    connect(&handle, port.address(), client.factory());
    help::until(&mut reactor, "made", || client.made() > 0);
    client.transport().write("hello\nthe rest");
    help::until(&mut reactor, "the rest is there", || next.received() == 8);
    client.transport().write(", and more");
    help::until(&mut reactor, "more is there", || next.received() == 18);
    assert_eq!(next.data(), b"the rest, and more");
    assert_eq!(next.log(), ["data"], "no second connection_made");
}

#[test]
fn stop_listening_keeps_what_is_connected_and_twice_is_once() {
    for (_, reactor) in worlds() {
        let (server, client) = (Probe::echo(), Probe::new());
        let mut pair = Pair::new(reactor, &server, &client);
        pair.until_made(&server, &client);
        pair.port.stop_listening();
        pair.port.stop_listening();
        assert!(!pair.port.is_listening());
        client.transport().write("still there");
        pair.until("echoed", || client.received() == 11);
        let late = Probe::new();
        let connector = connect(&pair.handle, pair.port.address(), late.factory());
        pair.until("refused", || late.has_failed());
        assert!(!connector.is_connecting());
    }
}

#[test]
fn a_port_that_is_closed_can_be_opened_again_while_a_connection_lives() {
    let (server, client) = (Probe::echo(), Probe::new());
    let mut pair = Pair::new(os(), &server, &client);
    pair.until_made(&server, &client);
    let at = pair.port.address().clone();
    let second = listen(&pair.handle, &at, server.factory());
    assert_eq!(second.unwrap_err().kind(), io::ErrorKind::AddrInUse);
    pair.port.stop_listening();
    server.transport().lose_connection(); // the server closes first: its side waits in TIME_WAIT
    pair.until_lost(&server, &client);
    let again = listen(&pair.handle, &at, server.factory()).expect("TIME_WAIT must not hinder");
    assert_eq!(*again.address(), at);
}

#[test]
fn which_address_is_whose() {
    for (_, reactor) in worlds() {
        let (server, client) = (Probe::new(), Probe::new());
        let mut pair = Pair::new(reactor, &server, &client);
        pair.until_made(&server, &client);
        let (s, c) = (server.transport(), client.transport());
        assert_eq!(c.peer(), pair.port.address());
        assert_eq!(s.host().unwrap(), *pair.port.address());
        assert_eq!(*s.peer(), c.host().unwrap());
    }
}

#[test]
fn closing_counts_descriptors() {
    let closed = Rc::new(Cell::new(0));
    let (server, client) = (Probe::echo(), Probe::new());
    let mut pair = Pair::new(sim("1,descriptors=3"), &server, &client);
    pair.until_made(&server, &client);
    client.transport().lose_connection();
    pair.until_lost(&server, &client);
    for _ in 0..50 {
        let next = Probe::new().on_made(|t| {
            t.lose_connection();
            Ok(())
        });
        connect(&pair.handle, pair.port.address(), next.factory());
        let before = server.lost();
        pair.until("it came and went", || {
            next.lost() == 1 && server.lost() > before
        });
        closed.set(closed.get() + 1);
    }
    assert_eq!(closed.get(), 50);
}

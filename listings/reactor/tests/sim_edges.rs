//! The edges of the simulated world: the end of time, full backlogs, odd knobs. Nothing there may
//! go on for ever.
use reactor::{Address, Id, Knobs, Reactor, Ready, Sim, Time, World, is_stalled};
use std::{
    io::{ErrorKind, IoSlice},
    time::Duration,
};

fn sim(knobs: &str) -> Sim {
    Sim::with(1, Knobs::parse(knobs).unwrap())
}

/// Waits until nothing will ever happen again; returns what was told, and when.
fn until_it_stalls(world: &mut Sim) -> Vec<(Time, Ready)> {
    let mut told = Vec::new();
    for _ in 0..10_000 {
        let mut ready = Vec::new();
        match world.wait(None, &mut ready) {
            Ok(()) => told.extend(ready.into_iter().map(|ready| (world.now(), ready))),
            Err(error) => {
                assert!(is_stalled(&error), "{error}");
                return told;
            }
        }
    }
    panic!("something goes on for ever");
}

/// A connection: client and server.
fn pair(world: &mut Sim) -> (Id, Id) {
    let listener = world.listen(&Address::loopback(0), 128).unwrap();
    let client = world
        .connect(&world.local_address(listener).unwrap())
        .unwrap();
    until_it_stalls(world);
    let (server, _) = world.accept(listener).unwrap();
    until_it_stalls(world); // what a new stream is told at once is old news now
    (client, server)
}

#[test]
fn whoever_finds_the_queue_full_gives_up_in_the_end() {
    let mut world = Sim::new(1);
    let listener = world.listen(&Address::loopback(0), 128).unwrap();
    let at = world.local_address(listener).unwrap();
    let clients = [(); 130].map(|()| world.connect(&at).unwrap());
    // None is accepted. The queue holds 128 and, as on Linux, one more; the last one asks again,
    // twice as late each time.
    until_it_stalls(&mut world);
    let error = world.finish_connect(clients[129]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    assert!(world.finish_connect(clients[128]).is_ok());
}

#[test]
fn whoever_finds_the_queue_full_comes_in_when_there_is_room() {
    let mut world = Sim::new(1);
    let listener = world.listen(&Address::loopback(0), 128).unwrap();
    let at = world.local_address(listener).unwrap();
    let clients = [(); 130].map(|()| world.connect(&at).unwrap());
    world.wait(None, &mut Vec::new()).unwrap();
    world.accept(listener).unwrap();
    until_it_stalls(&mut world);
    assert!(world.finish_connect(clients[129]).is_ok());
}

#[test]
fn the_end_of_time_is_never_waited_for() {
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    h.call_later(Duration::MAX, |_| unreachable!());
    assert!(is_stalled(&reactor.turn(Some(Duration::MAX)).unwrap_err()));
    assert_eq!(h.now(), Time::ZERO);
}

#[test]
fn nothing_arrives_in_either_of_two_partitions_that_follow_each_other() {
    let mut world = sim("latency=10ms,partition=1s-2s,partition=2s-3s");
    let (client, server) = pair(&mut world);
    world
        .wait(Some(Time::from_secs(1)), &mut Vec::new())
        .unwrap();
    world.write(client, &[IoSlice::new(b"Tyger")]).unwrap();
    let told = until_it_stalls(&mut world);
    let (when, _) = told.iter().find(|(_, ready)| ready.id == server).unwrap();
    assert_eq!(*when, Time::from_millis(3_010));
}

#[test]
fn nor_the_news_that_there_is_room() {
    let mut world = sim("latency=10ms,buffer=5,partition=1s-2s");
    let (client, server) = pair(&mut world);
    assert_eq!(world.write(client, &[IoSlice::new(b"Tyger!")]).unwrap(), 5);
    until_it_stalls(&mut world);
    world
        .wait(Some(Time::from_secs(1)), &mut Vec::new())
        .unwrap();
    assert_eq!(world.read(server, &mut [0; 9]).unwrap(), 5);
    let told = until_it_stalls(&mut world);
    let (when, _) = told.iter().find(|(_, ready)| ready.id == client).unwrap();
    assert_eq!(*when, Time::from_millis(2_010));
}

#[test]
fn port_0_is_one_that_nobody_has() {
    let mut world = Sim::new(1);
    let first = world.listen(&Address::loopback(0), 128).unwrap();
    let port = world.local_address(first).unwrap().port().unwrap();
    world.listen(&Address::loopback(port + 1), 128).unwrap();
    let next = world.listen(&Address::loopback(0), 128).unwrap();
    assert_eq!(
        world.local_address(next).unwrap(),
        Address::loopback(port + 2)
    );
}

#[test]
fn what_cannot_be_done_yet_would_block() {
    let mut world = Sim::new(1);
    let listener = world.listen(&Address::loopback(0), 128).unwrap();
    let at = world.local_address(listener).unwrap();
    let client = world.connect(&at).unwrap();
    let kinds = [
        world.finish_connect(client).unwrap_err().kind(),
        world.read(client, &mut [0; 8]).unwrap_err().kind(),
        world
            .write(client, &[IoSlice::new(b"O")])
            .unwrap_err()
            .kind(),
        world.accept(listener).unwrap_err().kind(),
    ];
    assert_eq!(kinds, [ErrorKind::WouldBlock; 4]);
}

#[test]
fn chunks_that_no_parser_would_let_through_still_arrive() {
    for chunk in [(0, 0), (9, 3)] {
        let mut world = Sim::with(
            1,
            Knobs {
                chunk: Some(chunk),
                ..Knobs::default()
            },
        );
        let (client, server) = pair(&mut world);
        world.write(client, &[IoSlice::new(b"O rose")]).unwrap();
        until_it_stalls(&mut world);
        assert_eq!(world.read(server, &mut [0; 64]).unwrap(), 6, "{chunk:?}");
    }
}

#[test]
fn latency_until_the_end_of_time_is_a_network_in_which_nothing_arrives() {
    let mut world = sim("latency=18446744073s,jitter=18446744073s,loss=0.5,chunk=1");
    let listener = world.listen(&Address::loopback(0), 128).unwrap();
    let at = world.local_address(listener).unwrap();
    let client = world.connect(&at).unwrap();
    world
        .wait(Some(Time::from_secs(1_000_000)), &mut Vec::new())
        .unwrap();
    assert!(until_it_stalls(&mut world).is_empty());
    let error = world.finish_connect(client).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
}

#[test]
fn both_sides_may_close_one_half_each_and_then_it_is_over() {
    let mut world = Sim::new(1);
    let (client, server) = pair(&mut world);
    for id in [client, server] {
        world.shutdown(id).unwrap();
        world.shutdown(id).unwrap(); // twice says no more than once
        let error = world.write(id, &[IoSlice::new(b"O")]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BrokenPipe);
    }
    until_it_stalls(&mut world);
    for id in [client, server] {
        assert_eq!(world.read(id, &mut [0; 8]).unwrap(), 0);
        world.close(id, false);
    }
    assert!(until_it_stalls(&mut world).is_empty(), "nobody is left");
}

#[test]
fn whoever_writes_to_a_peer_that_is_gone_is_told_once_and_then_it_is_the_end() {
    let mut world = Sim::new(1);
    let (client, server) = pair(&mut world);
    world.close(client, false);
    until_it_stalls(&mut world);
    // The peer is gone: what is written to it comes back as a reset.
    assert_eq!(world.write(server, &[IoSlice::new(b"O")]).unwrap(), 1);
    until_it_stalls(&mut world);
    // That is no news for a reader, who has heard the end.
    assert_eq!(world.read(server, &mut [0; 8]).unwrap(), 0);
    let error = world.write(server, &[IoSlice::new(b"O")]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BrokenPipe);
    let error = world.shutdown(server).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotConnected);
}

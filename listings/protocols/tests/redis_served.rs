//! A small Redis on our reactor: timers, half an end, a client that goes away while it waits, a
//! thread of its own.
mod ends;

use ends::{End, World, nothing};
use protocols::{RedisBounds, RedisServer, RedisThread};
use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

fn served(world: &World) -> (RedisServer, reactor::Address) {
    let server = RedisServer::new(RedisBounds::default());
    let at = world.listen(server.factory());
    (server, at)
}

#[test]
fn a_key_ends_by_a_timer_of_its_own_and_the_next_one_takes_its_place() {
    let mut world = World::new("1");
    let (server, at) = served(&world);
    let client = world.connect(&at, |transport| {
        transport.write("SET a 1 PX 500\r\nSET b 1 PX 300\r\nSET c 1 PX 400\r\nDEL c\r\n");
    });
    world.pass(100);
    let all = server.memory();
    world.pass(250);
    let less = server.memory();
    assert!(0 < less && less < all, "b has ended");
    world.pass(250);
    assert_eq!(server.memory(), 0);
    assert!(!world.has_timer(), "and no timer is left");
    assert_eq!(client.text(), "+OK\r\n+OK\r\n+OK\r\n:1\r\n");
}

#[test]
fn blpop_waits_for_a_push_or_for_its_time_and_lets_others_go_on() {
    let mut world = World::new("1");
    let (_server, at) = served(&world);
    let waits = world.connect(&at, |transport| {
        transport.write("BLPOP l 1\r\nBLPOP l 0\r\n")
    });
    world.pass(900);
    assert_eq!(waits.text(), "");
    world.pass(200);
    assert_eq!(waits.text(), "*-1\r\n");
    let pushes = world.connect(&at, |transport| transport.write("LPUSH l a\r\nPING\r\n"));
    world.pass(100);
    assert_eq!(pushes.text(), ":1\r\n+PONG\r\n");
    assert_eq!(waits.text(), "*-1\r\n*2\r\n$1\r\nl\r\n$1\r\na\r\n");
}

#[test]
fn a_client_that_ended_or_broke_while_it_waits_takes_nothing() {
    let ends: [fn(&End); 3] = [
        |end| end.transport().lose_connection(),
        |end| end.transport().abort_connection(),
        |end| end.transport().lose_write_connection(),
    ];
    for end in ends {
        let mut world = World::new("1");
        let (server, at) = served(&world);
        let waits = world.connect(&at, |transport| transport.write("BLPOP l 0\r\n"));
        world.pass(100);
        end(&waits);
        world.pass(100);
        assert_eq!(server.clients(), 0);
        let pushes = world.connect(&at, |transport| transport.write("LPUSH l a\r\nLLEN l\r\n"));
        world.pass(100);
        assert_eq!(pushes.text(), ":1\r\n:1\r\n");
    }
}

#[test]
fn quit_sends_all_answers_first() {
    let mut world = World::new("1,chunk=1");
    let (server, at) = served(&world);
    let client = world.connect(&at, |transport| transport.write("PING\r\nQUIT\r\n"));
    world.pass(10_000);
    assert_eq!(client.text(), "+PONG\r\n+OK\r\n");
    assert!(client.0.borrow().ended);
    client.transport().abort_connection();
    world.pass(100);
    assert_eq!(server.clients(), 0);
}

#[test]
fn a_client_that_reads_nothing_costs_little_and_hears_all_when_it_reads() {
    let mut world = World::new("1,buffer=10000");
    let (_server, at) = served(&world);
    let client = world.connect(&at, nothing);
    world.pass(10);
    client
        .transport()
        .write(format!("SET k {}\r\n", "v".repeat(10_000)));
    world.pass(100);
    client.transport().pause_reading();
    client.transport().write("GET k\r\n".repeat(500));
    world.pass(1_000);
    let before = client.received();
    client.transport().resume_reading();
    for _ in 0..100 {
        world.pass(1_000);
    }
    assert!(before < 50_000, "{before} had come");
    assert_eq!(client.text().matches("$10000\r\n").count(), 500);
}

#[test]
fn one_more_than_the_connections_is_closed_and_the_reactor_takes_all_with_it() {
    let mut world = World::new("1");
    let server = RedisServer::new(RedisBounds {
        connections: 2,
        ..RedisBounds::default()
    });
    let at = world.listen(server.factory());
    let clients: Vec<End> = (0..3).map(|_| world.connect(&at, nothing)).collect();
    world.pass(100);
    assert_eq!(server.clients(), 2);
    assert_eq!(
        clients
            .iter()
            .filter(|client| client.0.borrow().ended)
            .count(),
        1
    );
    drop(world);
    assert_eq!(server.clients(), 0);
}

/// Everything the server sends to these bytes, until it closes.
fn talk(server: &RedisThread, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(server.address().to_string()).expect("it listens");
    stream
        .set_read_timeout(Some(Duration::from_secs(60)))
        .expect("a time");
    stream.write_all(bytes).expect("it reads");
    let mut said = String::new();
    stream
        .read_to_string(&mut said)
        .expect("it answers and closes");
    said
}

#[test]
fn in_a_thread_with_real_sockets_and_ten_thousand_commands_in_one_piece() {
    let server = RedisThread::start(RedisBounds::default()).expect("a server");
    assert!(server.url().starts_with("redis://127.0.0.1:"));
    let mut commands = b"INCR n\r\n".repeat(10_000);
    commands.extend_from_slice(b"QUIT\r\n");
    let said = talk(&server, &commands);
    assert!(said.ends_with(":10000\r\n+OK\r\n"));
    assert_eq!(
        talk(&server, b"GET n\r\nQUIT\r\n"),
        "$5\r\n10000\r\n+OK\r\n"
    );
    let address = server.address().to_string();
    drop(server);
    assert!(TcpStream::connect(address).is_err(), "it has ended");
}

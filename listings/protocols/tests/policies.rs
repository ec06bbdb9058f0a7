//! Timeouts, and limits of connections: exactly, one more, twice, after the loss.
mod ends;

use ends::{End, World, nothing};
use protocols::{Limits, TimeOut};
use reactor::Address;
use std::{
    cell::Cell,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    rc::Rc,
    time::Duration,
};
use transports::{Factory, Protocol, Transport};

const PATIENCE: Duration = Duration::from_secs(10);

/// A server that waits ten seconds for each piece, and a client.
fn impatient(world: &mut World, begins: fn(&Transport)) -> (End, End) {
    let server = End::new(begins);
    let built = server.clone();
    let factory = Rc::new(move |_: &Address| TimeOut::new(PATIENCE, built.clone()));
    let at = world.listen(factory);
    let client = world.connect(&at, nothing);
    world.pass(10);
    (server, client)
}

#[test]
fn a_silent_peer_loses_its_connection_and_the_reason_says_so() {
    let mut world = World::new("1");
    let (server, client) = impatient(&mut world, nothing);
    world.pass(9_900);
    assert_eq!(server.lost(), "", "a moment before");
    world.pass(200);
    assert_eq!(server.lost(), "the peer was silent for 10s");
    assert_ne!(client.lost(), "closed in good order");
    assert!(!world.has_timer());
}

#[test]
fn each_piece_begins_the_time_again() {
    let mut world = World::new("1");
    let (server, client) = impatient(&mut world, nothing);
    for _ in 0..5 {
        world.pass(9_000);
        client.transport().write("x");
        world.pass(10);
    }
    world.pass(9_900);
    assert_eq!((server.received(), server.lost().as_str()), (5, ""));
    world.pass(200);
    assert_eq!(server.lost(), "the peer was silent for 10s");
}

#[test]
fn what_this_side_writes_is_no_sign_of_life() {
    let mut world = World::new("1");
    let (server, client) = impatient(&mut world, nothing);
    for _ in 0..5 {
        world.pass(2_100);
        server.transport().write("x");
    }
    world.pass(100);
    assert_eq!(
        (client.received(), server.lost().as_str()),
        (4, "the peer was silent for 10s")
    );
}

#[test]
fn the_timer_is_taken_back_however_it_ends() {
    type Ends = fn(&End, &End);
    let ends: [(&str, Ends); 5] = [
        ("closed in good order", |server, _| {
            server.transport().lose_connection()
        }),
        ("given up by this side", |server, _| {
            server.transport().abort_connection();
            server.transport().abort_connection();
        }),
        ("connection reset", |_, client| {
            client.transport().abort_connection()
        }),
        ("as asked", |_, client| client.transport().write("fail")),
        ("", |server, _| {
            let next = Box::new(End::new(nothing));
            server.transport().set_protocol(next, &[]);
        }),
    ];
    for (why, end) in ends {
        let mut world = World::new("1");
        let (server, client) = impatient(&mut world, nothing);
        assert!(world.has_timer());
        end(&server, &client);
        world.pass(1_000);
        assert_eq!(server.lost(), why);
        assert!(!world.has_timer(), "{why}");
        world.pass(20_000);
        assert_eq!(server.lost(), why, "and nothing comes after it");
    }
}

#[test]
fn a_peer_that_reads_nothing_cannot_keep_a_connection_that_closes() {
    let mut world = World::new("1,buffer=1000");
    let (server, client) = impatient(&mut world, nothing);
    client.transport().pause_reading();
    world.pass(10);
    server.transport().write(vec![0; 100_000]);
    server.transport().lose_connection();
    world.pass(9_900);
    assert_eq!(server.lost(), "");
    world.pass(200);
    assert_eq!(server.lost(), "the peer was silent for 10s");
}

/// Counts the protocols it builds.
fn counting(built: &Rc<Cell<usize>>) -> Rc<dyn Factory> {
    let built = Rc::clone(built);
    Rc::new(move |_: &Address| {
        built.set(built.get() + 1);
        End::new(nothing)
    })
}

#[test]
fn exactly_the_limit_and_one_more_and_a_place_that_is_free_again() {
    for (total, by_peer) in [(3, 99), (99, 3)] {
        let mut world = World::new("1");
        let (limits, built) = (Limits::new(total, by_peer), Rc::default());
        let at = world.listen(limits.around(counting(&built)));
        let clients: Vec<End> = (0..4).map(|_| world.connect(&at, nothing)).collect();
        world.pass(1_000);
        assert_eq!((built.get(), limits.total(), limits.peers()), (3, 3, 1));
        let ended = clients.iter().filter(|c| c.0.borrow().ended).count();
        assert_eq!(ended, 1, "the one that is too many is closed at once");
        let inside = clients.iter().find(|c| !c.0.borrow().ended).unwrap();
        inside.transport().abort_connection();
        world.pass(1_000);
        assert_eq!(limits.total(), 2);
        let [next, late] = [(); 2].map(|()| {
            let client = world.connect(&at, nothing);
            world.pass(1_000);
            client
        });
        assert!(!next.0.borrow().ended && late.0.borrow().ended);
        assert_eq!((built.get(), limits.total()), (4, 3));
        drop(world);
        assert_eq!((limits.total(), limits.peers()), (0, 0), "nothing is kept");
    }
}

#[test]
fn a_place_comes_back_after_a_failure() {
    let mut world = World::new("1");
    let limits = Limits::new(1, 1);
    let at = world.listen(limits.around(counting(&Rc::default())));
    for _ in 0..5 {
        let client = world.connect(&at, nothing);
        world.pass(100);
        assert_eq!(limits.total(), 1);
        client.transport().write("fail");
        world.pass(100);
        assert_eq!((limits.total(), limits.peers()), (0, 0));
    }
}

fn from(ip: impl Into<std::net::IpAddr>) -> Address {
    Address::Inet(SocketAddr::new(ip.into(), 4080))
}

#[test]
fn what_counts_as_one_peer() {
    let limits = Limits::new(99, 1);
    let factory = limits.around(counting(&Rc::default()));
    let mut places: Vec<Box<dyn Protocol>> = Vec::new();
    let mut takes = |peer: &Address| {
        let place = factory.build_protocol(peer);
        let taken = place.is_some();
        places.extend(place);
        taken
    };
    let v4 = Ipv4Addr::new(192, 0, 2, 1);
    assert!(takes(&from(v4)));
    assert!(!takes(&from(v4)));
    assert!(!takes(&from(v4.to_ipv6_mapped())), "the same machine");
    assert!(takes(&from(Ipv4Addr::new(192, 0, 2, 2))));
    let v6 = |text: &str| from(text.parse::<Ipv6Addr>().unwrap());
    assert!(takes(&v6("2001:db8:0:1::1")));
    assert!(!takes(&v6("2001:db8:0:1:ffff::2")), "the same 64 bits");
    assert!(takes(&v6("2001:db8:0:2::1")));
    let unix = Address::Unix(std::path::PathBuf::new());
    assert!(takes(&unix) && takes(&unix), "only in total");
    assert_eq!((limits.total(), limits.peers()), (6, 4));
    drop(places);
    assert_eq!((limits.total(), limits.peers()), (0, 0));
}

#[test]
fn two_ports_share_a_limit_and_a_refusal_or_a_panic_takes_no_place() {
    struct Refuses;
    impl Factory for Refuses {
        fn build_protocol(&self, peer: &Address) -> Option<Box<dyn Protocol>> {
            assert!(peer.port() != Some(1), "as asked");
            None
        }
    }
    let limits = Limits::new(1, 1);
    let one = limits.around(counting(&Rc::default()));
    let two = limits.clone().around(Rc::new(Refuses));
    assert!(two.build_protocol(&Address::loopback(9)).is_none());
    assert_eq!(limits.total(), 0);
    let panics = std::panic::AssertUnwindSafe(|| two.build_protocol(&Address::loopback(1)));
    assert!(std::panic::catch_unwind(panics).is_err());
    assert_eq!((limits.total(), limits.peers()), (0, 0));
    let place = one.build_protocol(&Address::loopback(9));
    assert!(place.is_some());
    let two = limits.around(counting(&Rc::default()));
    assert!(two.build_protocol(&Address::loopback(9)).is_none());
    let none = Limits::new(0, 1).around(counting(&Rc::default()));
    assert!(none.build_protocol(&Address::loopback(9)).is_none());
}

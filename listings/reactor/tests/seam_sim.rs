//! What a simulated world does that a program could not go on without: a busy program does not stop
//! its clock, a burst comes in, addresses differ, jobs run outside of any borrow, datagrams and
//! standard input are there.
use reactor::{
    Address, Datagrams, Handle, Id, Knobs, LoopingCall, Names, Os, Reactor, Readiness, Ready, Sim,
    Source, StandardIo, StandardStream, World,
};
use std::{
    cell::{Cell, RefCell},
    collections::BTreeSet,
    io::{ErrorKind, IoSlice},
    net::IpAddr,
    rc::Rc,
    sync::mpsc,
    time::Duration,
};

fn sim(knobs: &str) -> Sim {
    Sim::with(1, Knobs::parse(knobs).unwrap())
}

fn again(h: &Handle) {
    h.call_soon(again);
}

/// Whether a timer of a millisecond fires within so many turns.
fn fires(knobs: &str, turns: u32, busy: impl FnOnce(&Handle)) -> bool {
    let mut reactor = Reactor::new(sim(knobs));
    let h = reactor.handle();
    busy(&h);
    let fired = Rc::new(Cell::new(false));
    let sets = Rc::clone(&fired);
    h.call_later(Duration::from_millis(1), move |_| sets.set(true));
    for _ in 0..turns {
        if fired.get() {
            break;
        }
        reactor.turn(None).unwrap();
    }
    fired.get()
}

#[test]
fn a_program_that_is_always_busy_does_not_stop_the_clock() {
    assert!(fires("", 10_000, again), "a call that queues itself");
    assert!(
        fires("", 10_000, |h| {
            LoopingCall::start(h, Duration::ZERO, |_, _| ());
        }),
        "a loop without a pause"
    );
    assert!(
        fires("", 10_000, |h| drop(h.cooperate(std::iter::repeat(())))),
        "a cooperative task without an end"
    );
    // The knob says what such a turn costs: nothing at all, or a great deal.
    assert!(!fires("busy=0ns", 100_000, again));
    assert!(fires("busy=1ms", 1_002, again));
    assert!(
        !fires("busy=1ms", 1_000, again),
        "a short burst takes no time"
    );
}

/// Accepts all, and counts.
struct Accepts {
    from: RefCell<BTreeSet<Address>>,
    count: Cell<usize>,
}

impl Source for Accepts {
    fn ready(self: Rc<Self>, h: &Handle, listener: Id, _: Readiness) {
        loop {
            match h.accept(listener) {
                Ok((id, peer)) => {
                    self.count.set(self.count.get() + 1);
                    self.from.borrow_mut().insert(peer);
                    h.close(id, false);
                }
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::WouldBlock);
                    return;
                }
            }
        }
    }
}

#[test]
fn a_burst_of_ten_thousand_comes_in_within_seconds_and_from_as_many_addresses() {
    for knobs in ["", "backlog=5"] {
        let mut reactor = Reactor::new(sim(knobs));
        let h = reactor.handle();
        let listener = h.listen(&Address::loopback(0)).unwrap();
        let accepts = Rc::new(Accepts {
            from: RefCell::default(),
            count: Cell::new(0),
        });
        h.register(listener, accepts.clone());
        let to = h.local_address(listener).unwrap();
        for _ in 0..10_000 {
            h.connect(&to).unwrap();
        }
        while reactor.turn(None).is_ok() {}
        assert_eq!(accepts.count.get(), 10_000, "{knobs}");
        assert_eq!(accepts.from.borrow().len(), 10_000, "{knobs}");
        assert!(
            h.now().as_millis() < 5_000,
            "{knobs}: {} ms",
            h.now().as_millis()
        );
    }
}

#[test]
fn no_two_open_connections_come_from_one_address_and_when_all_are_taken_it_says_so() {
    let mut world = Sim::new(1);
    let listener = world.listen(&Address::loopback(0), 5).unwrap();
    let to = world.local_address(listener).unwrap();
    let mut from = BTreeSet::new();
    let mut last = None;
    let error = loop {
        match world.connect(&to) {
            Ok(id) => {
                assert!(from.insert(world.local_address(id).unwrap()), "it repeats");
                last = Some(id);
            }
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind(), ErrorKind::AddrNotAvailable);
    assert!(from.len() > 40_000, "{}", from.len());
    world.close(last.unwrap(), false);
    assert!(world.connect(&to).is_ok(), "one is free again");
}

#[test]
fn a_thousand_connects_at_once_come_in_in_both_worlds() {
    let worlds: [(&str, Box<dyn World>); 2] = [
        ("os", Box::new(Os::new().unwrap())),
        ("sim", Box::new(Sim::new(1))),
    ];
    for (name, world) in worlds {
        let mut reactor = Reactor::on(world);
        let h = reactor.handle();
        let listener = h.listen(&Address::loopback(0)).unwrap();
        let to = h.local_address(listener).unwrap();
        // As many as the backlog takes without a second request: the real world would need a
        // second.
        let clients: Vec<_> = (0..1_000).map(|_| h.connect(&to).unwrap()).collect();
        let accepts = Rc::new(Accepts {
            from: RefCell::default(),
            count: Cell::new(0),
        });
        h.register(listener, accepts.clone());
        let waits = |client: &Id| match h.finish_connect(*client) {
            Ok(()) => false,
            Err(error) if error.kind() == ErrorKind::WouldBlock => true,
            Err(error) => panic!("{name}: {error}"),
        };
        while accepts.count.get() < clients.len() || clients.iter().any(waits) {
            reactor.turn(Some(Duration::from_secs(10))).unwrap();
        }
    }
}

#[test]
fn jobs_and_lookups_run_while_nothing_is_borrowed() {
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    thread_local!(static HANDLE: RefCell<Option<Handle>> = const { RefCell::new(None) });
    HANDLE.set(Some(h.clone()));
    let (tell, told) = mpsc::channel();
    h.offload(
        move || {
            // A job of a simulated world runs in the reactor's own thread, so it can look.
            HANDLE.with_borrow(|h| h.as_ref().unwrap().assert_nothing_borrowed());
            tell.send(()).unwrap();
        },
        |h, ()| h.stop().unwrap(),
    );
    reactor.run().unwrap();
    assert!(told.try_recv().is_ok());
    HANDLE.set(None);
}

#[test]
fn names_are_those_that_the_program_knows() {
    let mut world = Sim::new(1);
    let (a, b): (IpAddr, IpAddr) = ("10.0.0.1".parse().unwrap(), "::2".parse().unwrap());
    world.name("Poems.Example", &[b, a]);
    let (tell, told) = mpsc::channel();
    for name in ["poems.example", "localhost", "10.9.8.7", "nobody.example"] {
        let tell = tell.clone();
        let found = Box::new(move |found: std::io::Result<Vec<IpAddr>>| {
            tell.send(found.map_err(|error| error.kind())).unwrap();
        });
        world.look_up(name, found);
    }
    while world.wait(None, &mut Vec::new()).is_ok() {
        while let Some(job) = world.job() {
            job();
        }
    }
    let told: Vec<_> = told.try_iter().collect();
    let here = |ip: [u8; 4]| Ok(vec![IpAddr::from(ip)]);
    let expected = [
        Ok(vec![b, a]),
        here([127, 0, 0, 1]),
        here([10, 9, 8, 7]),
        Err(ErrorKind::NotFound),
    ];
    assert_eq!(told, expected);
    assert_eq!(world.now().as_millis(), 2, "there and back");
}

fn run(world: &mut Sim) -> Vec<Ready> {
    let mut all = Vec::new();
    while world.wait(None, &mut all).is_ok() {}
    all
}

#[test]
fn datagrams_arrive_whole_or_not_at_all() {
    let mut world = Sim::new(1);
    let [a, b] = [0; 2].map(|port| world.bind(&Address::loopback(port), false).unwrap());
    let [at_a, at_b] = [a, b].map(|id| world.local_address(id).unwrap());
    world.send(a, b"first", Some(&at_b)).unwrap();
    world.send(a, b"", Some(&at_b)).unwrap();
    let mut buffer = [0; 3];
    assert_eq!(
        world.receive(b, &mut buffer).unwrap_err().kind(),
        ErrorKind::WouldBlock
    );
    run(&mut world);
    assert_eq!(world.receive(b, &mut buffer).unwrap(), (3, at_a.clone()));
    assert_eq!(world.receive(b, &mut buffer).unwrap(), (0, at_a));
    let long = world.send(a, &[0; 70_000], Some(&at_b)).unwrap_err();
    assert_eq!(long.kind(), ErrorKind::InvalidInput);
    assert_eq!(
        world.send(a, b"x", None).unwrap_err().kind(),
        ErrorKind::NotConnected
    );

    let mut lossy = sim("loss=0.5");
    let [a, b] = [0; 2].map(|port| lossy.bind(&Address::loopback(port), false).unwrap());
    let to = lossy.local_address(b).unwrap();
    for at in 0..100_u8 {
        lossy.send(a, &[at], Some(&to)).unwrap();
    }
    run(&mut lossy);
    let mut came = Vec::new();
    while let Ok((1, _)) = lossy.receive(b, &mut buffer) {
        came.push(buffer[0]);
    }
    assert!((20..80).contains(&came.len()), "{} of 100", came.len());
}

#[test]
fn a_refused_datagram_is_told_to_whoever_has_one_peer() {
    let mut world = Sim::new(1);
    let [a, b] = [0; 2].map(|port| world.bind(&Address::loopback(port), false).unwrap());
    let at_b = world.local_address(b).unwrap();
    world.close(b, false);
    run(&mut world);
    world.send(a, b"anybody?", Some(&at_b)).unwrap();
    assert!(run(&mut world).is_empty(), "to many peers nothing is told");
    world.set_peer(a, &at_b).unwrap();
    world.send(a, b"anybody?", None).unwrap();
    let told = run(&mut world);
    assert!(told[0].what.error && !told[0].what.read_closed, "{told:?}");
    let refused = world.receive(a, &mut [0; 9]).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
    assert_eq!(
        world.receive(a, &mut [0; 9]).unwrap_err().kind(),
        ErrorKind::WouldBlock
    );
}

#[test]
fn standard_input_is_what_is_typed() {
    let mut world = Sim::new(1);
    world.type_in(Duration::from_secs(2), "quit\n");
    world.type_in(Duration::from_secs(3), "");
    let input = StandardIo::open(&mut world, StandardStream::Input).unwrap();
    let twice = StandardIo::open(&mut world, StandardStream::Input).unwrap_err();
    assert_eq!(twice.kind(), ErrorKind::ResourceBusy);
    let mut buffer = [0; 9];
    let early = world.read(input, &mut buffer).unwrap_err();
    assert_eq!(early.kind(), ErrorKind::WouldBlock);
    world.wait(None, &mut Vec::new()).unwrap();
    assert_eq!(world.now().as_millis(), 2_000);
    assert_eq!(world.read(input, &mut buffer).unwrap(), 5);
    let mut told = Vec::new();
    world.wait(None, &mut told).unwrap();
    assert!(told[0].what.read_closed);
    assert_eq!(world.read(input, &mut buffer).unwrap(), 0);
    assert!(world.write(input, &[IoSlice::new(b"x")]).is_err());
}

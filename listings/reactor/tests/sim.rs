//! The simulated world: its knobs, its faults, and that a seed decides everything.
use reactor::{
    Address, Handle, Id, Knobs, Reactor, Readiness, Sim, Source, Time, World, is_stalled,
};
use std::{
    cell::{Cell, RefCell},
    fmt::Write,
    io::{ErrorKind, IoSlice},
    rc::Rc,
    time::Duration,
};

fn sim(seed: u64, knobs: &str) -> Sim {
    Sim::with(seed, Knobs::parse(knobs).unwrap())
}

/// Writes down every event and byte of a connection, and when.
struct Witness {
    id: Id,
    log: RefCell<String>,
}

impl Source for Witness {
    fn ready(self: Rc<Self>, h: &Handle, _: Id, what: Readiness) {
        let now = h.now().as_nanos();
        let mut log = self.log.borrow_mut();
        writeln!(log, "{now} {what}").unwrap();
        let mut buffer = [0; 64];
        loop {
            match h.read(self.id, &mut buffer) {
                Ok(count) => writeln!(log, "{now} {count} bytes").unwrap(),
                Err(error) => {
                    writeln!(log, "{now} {:?}", error.kind()).unwrap();
                    if error.kind() == ErrorKind::WouldBlock {
                        return;
                    }
                }
            }
            if log.ends_with(" 0 bytes\n") || !log.ends_with("bytes\n") {
                h.close(self.id, false);
                return h.stop().unwrap();
            }
        }
    }
}

/// How many bytes the slow server sends.
const WHOLE: usize = 353;

/// Accepts the one client of a slow server.
struct Slow(Id);

impl Source for Slow {
    fn ready(self: Rc<Self>, h: &Handle, _: Id, _: Readiness) {
        let Ok((id, _)) = h.accept(self.0) else {
            return;
        };
        let sender = Sender {
            id,
            left: Cell::new(WHOLE),
            pausing: Cell::new(false),
        };
        h.register(id, Rc::new(sender));
    }
}

/// Sends a hundred bytes at a time, with a pause of 5 ms after each.
struct Sender {
    id: Id,
    left: Cell<usize>,
    pausing: Cell<bool>,
}

impl Sender {
    fn send(self: &Rc<Self>, h: &Handle) {
        let left = self.left.get();
        if self.pausing.get() {
            return;
        }
        if left == 0 {
            return h.close(self.id, false);
        }
        match h.write(self.id, &[b'.'; 100][..left.min(100)]) {
            Ok(count) => {
                self.left.set(left - count);
                self.pausing.set(true);
                let sender = Rc::clone(self);
                h.call_later(Duration::from_millis(5), move |h| {
                    sender.pausing.set(false);
                    sender.send(h);
                });
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(_) => h.close(self.id, false),
        }
    }
}

impl Source for Sender {
    fn ready(self: Rc<Self>, h: &Handle, _: Id, what: Readiness) {
        if what.write {
            self.send(h);
        }
    }
}

/// One download from the slow server, as its client sees it.
fn fetch(seed: u64, knobs: &str) -> String {
    let mut reactor = Reactor::new(sim(seed, knobs));
    let h = reactor.handle();
    let server = h.listen(&Address::loopback(0)).unwrap();
    h.register(server, Rc::new(Slow(server)));
    let at = h.local_address(server).unwrap();
    let id = h.connect(&at).unwrap();
    let witness = Rc::new(Witness {
        id,
        log: RefCell::default(),
    });
    h.register(id, witness.clone());
    let end = reactor.run();
    let stalled = end.is_err_and(|error| error.is_stalled());
    format!("{}stalled: {stalled}\n", witness.log.borrow())
}

/// How many bytes a log tells of.
fn bytes(log: &str) -> usize {
    log.lines()
        .filter(|line| line.ends_with("bytes"))
        .map(|line| line.split(' ').nth(1).unwrap().parse::<usize>().unwrap())
        .sum()
}

#[test]
fn a_seed_decides_everything() {
    let knobs = "jitter=7ms,loss=0.1,chunk=1-50";
    assert_eq!(fetch(1, knobs), fetch(1, knobs));
    assert_ne!(fetch(1, knobs), fetch(2, knobs));
    assert_eq!(
        fetch(1, ""),
        fetch(2, ""),
        "without chance, the seed changes nothing"
    );
}

#[test]
fn random_numbers_repeat_with_the_seed_and_differ_from_the_networks() {
    let numbers = |seed| {
        let reactor = Reactor::new(Sim::new(seed));
        [(); 4].map(|()| reactor.handle().random())
    };
    assert_eq!(numbers(5), numbers(5));
    assert_ne!(numbers(5), numbers(6));
}

#[test]
fn latency_is_the_time_of_one_direction() {
    let log = fetch(1, "latency=30ms");
    // Asked at 0, accepted at 30 ms, and what was sent then is there at 60 ms.
    assert!(log.starts_with("60000000 read+write\n"), "{log}");
}

#[test]
fn a_chunk_is_the_most_that_arrives_at_once() {
    for line in fetch(1, "chunk=40")
        .lines()
        .filter(|line| line.ends_with("bytes"))
    {
        let count: usize = line.split(' ').nth(1).unwrap().parse().unwrap();
        assert!(count <= 40, "{line}");
    }
}

#[test]
fn what_happens_to_a_socket_in_one_instant_is_one_event() {
    let mut world = Sim::new(1);
    let listener = world.listen(&Address::loopback(0), 128).unwrap();
    let client = world
        .connect(&world.local_address(listener).unwrap())
        .unwrap();
    let mut ready = Vec::new();
    world.wait(None, &mut ready).unwrap();
    let (server, _) = world.accept(listener).unwrap();
    for text in ["one", "two", "three"] {
        world
            .write(server, &[IoSlice::new(text.as_bytes())])
            .unwrap();
    }
    world.shutdown(server).unwrap();
    ready.clear();
    while ready.iter().all(|ready| ready.id != client) {
        world.wait(None, &mut ready).unwrap();
    }
    let what: Vec<_> = ready.iter().filter(|ready| ready.id == client).collect();
    assert_eq!(what.len(), 1);
    assert_eq!(what[0].what.to_string(), "read+write+closed");
}

#[test]
fn a_lost_segment_is_late_and_what_follows_waits_for_it() {
    let mut late = 0;
    for seed in 0..30 {
        let log = fetch(seed, "loss=0.1");
        let times: Vec<u64> = log
            .lines()
            .filter_map(|line| line.split(' ').next()?.parse().ok())
            .collect();
        assert!(times.is_sorted());
        assert_eq!(bytes(&log), WHOLE, "seed {seed} lost bytes");
        late += u32::from(times.last() > Some(&200_000_000));
    }
    assert!(late > 5, "only {late} of 30 runs were late");
}

#[test]
fn a_refused_connection_is_the_one_that_the_knob_names() {
    let mut world = sim(1, "refuse=2");
    let listener = world.listen(&Address::loopback(0), 128).unwrap();
    let at = world.local_address(listener).unwrap();
    let clients = [(); 3].map(|()| world.connect(&at).unwrap());
    let until = Time::from_secs(1);
    while world.now() < until {
        world.wait(Some(until), &mut Vec::new()).unwrap();
    }
    let kinds = clients.map(|id| world.finish_connect(id).map_err(|error| error.kind()));
    assert_eq!(kinds, [Ok(()), Err(ErrorKind::ConnectionRefused), Ok(())]);
}

#[test]
fn a_reset_comes_after_so_many_bytes() {
    let log = fetch(1, "reset=1@150");
    assert_eq!(bytes(&log), 150);
    assert!(log.contains("ConnectionReset"), "{log}");
}

#[test]
fn a_partition_delays_until_it_heals_or_for_ever() {
    let healed = fetch(1, "partition=10ms-5s");
    assert!(healed.contains("\n5001000000 "), "{healed}");
    assert!(healed.ends_with("stalled: false\n"));
    assert_eq!(bytes(&healed), WHOLE, "{healed}");
    assert!(fetch(1, "partition=10ms").ends_with("stalled: true\n"));
}

#[test]
fn when_descriptors_run_out_one_is_turned_away_and_the_listener_is_told_again() {
    let mut world = sim(1, "descriptors=3");
    let listener = world.listen(&Address::loopback(0), 128).unwrap();
    let at = world.local_address(listener).unwrap();
    let clients = [(); 2].map(|()| world.connect(&at).unwrap());
    assert_eq!(world.connect(&at).unwrap_err().raw_os_error(), Some(24));
    world.wait(None, &mut Vec::new()).unwrap();
    assert_eq!(world.accept(listener).unwrap_err().raw_os_error(), Some(24));
    world.close(clients[1], false);
    let mut ready = Vec::new();
    while !ready
        .iter()
        .any(|ready: &reactor::Ready| ready.id == listener)
    {
        world.wait(None, &mut ready).unwrap();
    }
    assert!(world.now().as_millis() >= 100, "after a pause");
    assert!(world.accept(listener).is_ok());
    let nobody = world.accept(listener).unwrap_err();
    assert_eq!(nobody.kind(), ErrorKind::WouldBlock);
    assert_eq!(world.read(clients[0], &mut [0; 9]).unwrap(), 0);
}

#[test]
fn with_nothing_to_wait_for_it_stalls_instead_of_waiting() {
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    h.listen(&Address::loopback(0)).unwrap(); // no client will ever connect
    let error = reactor.turn(None).unwrap_err();
    assert!(is_stalled(&error), "{error}");
    assert!(reactor.run().unwrap_err().is_stalled());
    // With a limit it waits that long, and with a timer until then.
    reactor.turn(Some(Duration::from_secs(1))).unwrap();
    h.call_later(Duration::from_secs(1), |h| h.stop().unwrap());
    reactor.run().unwrap();
}

#[test]
fn a_year_takes_no_time() {
    let mut reactor = Reactor::new(Sim::new(1));
    reactor
        .handle()
        .call_later(Duration::from_secs(365 * 86_400), |h| h.stop().unwrap());
    reactor.run().unwrap();
    assert_eq!(reactor.handle().now(), Time::from_secs(365 * 86_400));
}

#[test]
fn a_listener_on_all_addresses_hears_whoever_knows_its_port() {
    let mut world = Sim::new(1);
    let everywhere = Address::Inet(([0, 0, 0, 0], 4080).into());
    let listener = world.listen(&everywhere, 128).unwrap();
    let client = world.connect(&Address::loopback(4080)).unwrap();
    world.wait(None, &mut Vec::new()).unwrap();
    assert!(world.accept(listener).is_ok());
    world.wait(None, &mut Vec::new()).unwrap();
    world.wait(None, &mut Vec::new()).unwrap();
    assert!(world.finish_connect(client).is_ok());
}

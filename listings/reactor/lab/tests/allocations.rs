//! A turn of ready sources and looping calls allocates nothing: counted, after a few turns to warm
//! up.
use reactor::{Address, Handle, Id, LoopingCall, Os, Phases, Reactor, Readiness, Ready, Source};
use std::{cell::Cell, rc::Rc, time::Duration};

/// Reads a little, writes a little, and asks for the end of the turn and for another one.
struct Busy {
    peer: Id,
    turns: Rc<Cell<u64>>,
}

impl Source for Busy {
    fn ready(self: Rc<Self>, h: &Handle, id: Id, what: Readiness) {
        self.turns.set(self.turns.get() + 1);
        let mut buffer = [0; 64];
        let _ = h.read(id, &mut buffer);
        // A peer must send what the next turn reads.
        let _ = h.write(self.peer, b"Tyger Tyger, burning bright");
        h.again(Ready { id, what });
        h.at_end(self);
    }
}

impl Phases for Busy {
    fn turn_ends(self: Rc<Self>, _: &Handle) {
        self.turns.set(self.turns.get() + 1);
    }
}

/// Both ends of a connection.
fn pair(h: &Handle, reactor: &mut Reactor) -> (Id, Id) {
    let listener = h.listen(&Address::loopback(0)).unwrap();
    let client = h.connect(&h.local_address(listener).unwrap()).unwrap();
    loop {
        if let Ok((server, _)) = h.accept(listener) {
            return (client, server);
        }
        reactor.turn(Some(Duration::from_millis(10))).unwrap();
    }
}

#[test]
fn a_turn_of_ready_sources_and_rearmed_loops_allocates_nothing() {
    let mut reactor = Reactor::new(Os::new().unwrap());
    let h = reactor.handle();
    let turns = Rc::new(Cell::new(0));
    for _ in 0..20 {
        let (id, peer) = pair(&h, &mut reactor);
        let source = Rc::new(Busy {
            peer,
            turns: Rc::clone(&turns),
        });
        h.register(id, source);
        h.again(Ready {
            id,
            what: Readiness::READ,
        });
        let turns = Rc::clone(&turns);
        LoopingCall::start(&h, Duration::ZERO, move |_, _| turns.set(turns.get() + 1));
    }
    for _ in 0..100 {
        reactor.turn(Some(Duration::ZERO)).unwrap();
    }
    turns.set(0);
    let counted = allocation_counter::measure(|| {
        for _ in 0..1_000 {
            reactor.turn(Some(Duration::ZERO)).unwrap();
        }
    });
    assert!(
        (60_000..120_000).contains(&turns.get()),
        " {} callbacks ran",
        turns.get()
    );
    assert_eq!(
        counted.count_total,
        0,
        "allocations in {} callbacks",
        turns.get()
    );
}

#[test]
fn a_delayed_call_is_one_allocation_and_a_cancel_none() {
    let reactor = Reactor::new(Os::new().unwrap());
    let h = reactor.handle();
    let calls: Vec<_> = (0..200)
        .map(|n| h.call_later(Duration::from_millis(n), |_| ()))
        .collect();
    drop(calls); // the heap has room now
    let captured = [1_u64; 8];
    let mut call = None;
    let made = allocation_counter::measure(|| {
        call = Some(h.call_later(Duration::from_secs(1), move |_| {
            assert_eq!(captured, [1; 8])
        }));
    });
    assert_eq!(made.count_total, 1);
    let cancelled = allocation_counter::measure(|| call.as_ref().unwrap().cancel().unwrap());
    assert_eq!(cancelled.count_total, 0);
}

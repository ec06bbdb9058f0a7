//! Looping calls: the grid, skipped beats, holds, and every way to end.
use reactor::{
    Address, Handle, Id, Job, LoopingCall, Reactor, Ready, Sim, SocketOption, Time, World,
};
use std::{
    cell::{Cell, RefCell},
    io::{self, IoSlice},
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
    task::Waker,
    time::Duration,
};

const SECOND: Duration = Duration::from_secs(1);

/// When each beat came, in milliseconds, and what it counted.
type Beats = Rc<RefCell<Vec<(u64, u64)>>>;

fn beat(beats: &Beats) -> impl FnMut(&Handle, &LoopingCall) + use<> {
    let beats = Rc::clone(beats);
    move |h, looping| {
        beats
            .borrow_mut()
            .push((h.now().as_millis(), looping.count()))
    }
}

fn run_for(reactor: &mut Reactor, time: Duration) {
    reactor.handle().call_later(time, |h| h.stop().unwrap());
    reactor.run().unwrap();
}

#[test]
fn beats_lie_on_the_grid_from_now_or_from_the_first_interval() {
    let mut reactor = Reactor::new(Sim::new(1));
    let (now, later) = (Beats::default(), Beats::default());
    LoopingCall::start(&reactor.handle(), SECOND, beat(&now));
    LoopingCall::start_later(&reactor.handle(), SECOND, beat(&later));
    run_for(&mut reactor, Duration::from_millis(2_500));
    assert_eq!(*now.borrow(), [(0, 1), (1000, 1), (2000, 1)]);
    assert_eq!(*later.borrow(), [(1000, 1), (2000, 1)]);
}

#[test]
fn stopped_from_inside_or_outside_it_frees_its_callback_and_says_done() {
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let alive = Rc::new(());
    let done = Rc::new(Cell::new(0));
    let (a, b) = (Rc::clone(&alive), Rc::clone(&alive));
    let inside = LoopingCall::start(&h, SECOND, move |_, looping| {
        let _ = &a;
        looping.stop();
        looping.stop(); // twice does nothing
        assert!(!looping.running());
    });
    let outside = LoopingCall::start_later(&h, SECOND, move |_, _| drop(Rc::clone(&b)));
    for looping in [&inside, &outside] {
        let done = Rc::clone(&done);
        looping.when_done(move |_| done.set(done.get() + 1));
    }
    assert!(inside.running());
    outside.stop();
    run_for(&mut reactor, 3 * SECOND);
    assert_eq!((Rc::strong_count(&alive), done.get()), (1, 2));
}

#[test]
fn when_done_after_the_end_is_called_soon() {
    let mut reactor = Reactor::new(Sim::new(1));
    let looping = LoopingCall::start(&reactor.handle(), SECOND, |_, _| ());
    looping.stop();
    looping.when_done(|h| h.stop().unwrap());
    reactor.run().unwrap();
    assert_eq!(reactor.handle().now(), Time::ZERO);
}

#[test]
fn a_beat_that_is_held_up_waits_and_the_missed_ones_are_counted() {
    let mut reactor = Reactor::new(Sim::new(1));
    let beats = Beats::default();
    let mut note = beat(&beats);
    let first = Cell::new(true);
    LoopingCall::start(&reactor.handle(), SECOND, move |h, looping| {
        note(h, looping);
        if first.replace(false) {
            let (a, b) = (looping.hold(), looping.hold());
            h.call_later(Duration::from_millis(1_200), move |_| drop(a));
            h.call_later(Duration::from_millis(2_700), move |_| drop(b));
        }
    });
    run_for(&mut reactor, Duration::from_millis(4_500));
    assert_eq!(*beats.borrow(), [(0, 1), (3000, 3), (4000, 1)]);
}

#[test]
fn stopping_while_a_beat_is_held_up_ends_it() {
    let mut reactor = Reactor::new(Sim::new(1));
    let beats = Beats::default();
    let mut note = beat(&beats);
    let looping = LoopingCall::start(&reactor.handle(), SECOND, move |h, looping| {
        note(h, looping);
        let hold = looping.hold();
        h.call_later(3 * SECOND, move |_| drop(hold));
    });
    reactor
        .handle()
        .call_later(2 * SECOND, move |_| looping.stop());
    run_for(&mut reactor, 9 * SECOND);
    assert_eq!(*beats.borrow(), [(0, 1)]);
}

#[test]
fn reset_begins_a_new_grid() {
    let mut reactor = Reactor::new(Sim::new(1));
    let beats = Beats::default();
    let looping = LoopingCall::start(&reactor.handle(), SECOND, beat(&beats));
    reactor
        .handle()
        .call_later(Duration::from_millis(1_300), move |_| looping.reset());
    run_for(&mut reactor, Duration::from_millis(3_500));
    assert_eq!(*beats.borrow(), [(0, 1), (1000, 1), (2300, 1), (3300, 1)]);
}

#[test]
fn an_interval_of_zero_is_a_beat_in_every_turn() {
    let mut reactor = Reactor::new(Sim::new(1));
    let beats = Beats::default();
    LoopingCall::start(&reactor.handle(), Duration::ZERO, beat(&beats));
    for _ in 0..5 {
        reactor.turn(Some(Duration::ZERO)).unwrap();
    }
    assert_eq!(*beats.borrow(), [(0, 1); 5]);
}

#[test]
fn a_panic_ends_it_and_says_done() {
    let mut reactor = Reactor::new(Sim::new(1));
    let looping = LoopingCall::start(&reactor.handle(), SECOND, |_, _| panic!("on purpose"));
    looping.when_done(|h| h.stop().unwrap());
    assert!(catch_unwind(AssertUnwindSafe(|| reactor.run())).is_err());
    assert!(!looping.running());
    reactor.run().unwrap();
}

/// A world in which time goes on while code runs, and each wait is over at once.
struct Manual(Rc<Cell<Time>>, Sim);

impl World for Manual {
    fn now(&self) -> Time {
        self.0.get()
    }
    fn wait(&mut self, _: Option<Time>, _: &mut Vec<Ready>) -> io::Result<()> {
        Ok(())
    }
    fn waker(&self) -> Waker {
        self.1.waker()
    }
    fn random(&mut self) -> u64 {
        self.1.random()
    }
    fn offload(&mut self, _: Job) {}
    fn listen(&mut self, at: &Address, backlog: u32) -> io::Result<Id> {
        self.1.listen(at, backlog)
    }
    fn accept(&mut self, id: Id) -> io::Result<(Id, Address)> {
        self.1.accept(id)
    }
    fn connect(&mut self, to: &Address) -> io::Result<Id> {
        self.1.connect(to)
    }
    fn finish_connect(&mut self, id: Id) -> io::Result<()> {
        self.1.finish_connect(id)
    }
    fn read(&mut self, id: Id, buffer: &mut [u8]) -> io::Result<usize> {
        self.1.read(id, buffer)
    }
    fn write(&mut self, id: Id, buffers: &[IoSlice<'_>]) -> io::Result<usize> {
        self.1.write(id, buffers)
    }
    fn shutdown(&mut self, id: Id) -> io::Result<()> {
        self.1.shutdown(id)
    }
    fn close(&mut self, id: Id, reset: bool) {
        self.1.close(id, reset);
    }
    fn local_address(&self, id: Id) -> io::Result<Address> {
        self.1.local_address(id)
    }
    fn peer_address(&mut self, id: Id) -> io::Result<Address> {
        self.1.peer_address(id)
    }
    fn set(&mut self, id: Id, option: SocketOption) -> io::Result<()> {
        self.1.set(id, option)
    }
}

#[test]
fn a_late_beat_is_one_beat_that_counts_for_all_and_the_grid_stays() {
    let time = Rc::new(Cell::new(Time::ZERO));
    let mut reactor = Reactor::new(Manual(Rc::clone(&time), Sim::new(1)));
    let beats = Beats::default();
    LoopingCall::start(&reactor.handle(), SECOND, beat(&beats));
    for millis in [0, 999, 1_000, 3_700, 3_900, 4_000] {
        time.set(Time::from_millis(millis));
        reactor.turn(None).unwrap();
    }
    assert_eq!(*beats.borrow(), [(0, 1), (1000, 1), (3700, 2), (4000, 1)]);
}

#[test]
fn its_end_is_told_in_the_turn_in_which_it_came_also_in_the_last_one() {
    for stops_in in ["call", "timer", "before", "during", "after", "end"] {
        let mut reactor = Reactor::new(Sim::new(1));
        let h = reactor.handle();
        let done = Rc::new(Cell::new(0));
        let (looping, other) = (
            LoopingCall::start_later(&h, SECOND, |_, _| ()),
            LoopingCall::start_later(&h, SECOND, |_, _| ()),
        );
        // The end of the one is the end of the other, which is told as well.
        let (chained, told) = (other.clone(), Rc::clone(&done));
        looping.when_done(move |h| {
            h.assert_nothing_borrowed();
            told.set(told.get() + 1);
            chained.stop();
        });
        let told = Rc::clone(&done);
        other.when_done(move |_| told.set(told.get() + 1));
        let stop = move |_: &Handle| looping.stop();
        struct AtEnd<F>(RefCell<Option<F>>);
        impl<F: FnOnce(&Handle)> reactor::Phases for AtEnd<F> {
            fn turn_ends(self: Rc<Self>, h: &Handle) {
                let stop = self.0.take();
                stop.unwrap()(h);
            }
        }
        match stops_in {
            "call" => h.call_soon(stop),
            "timer" => drop(h.call_later(Duration::ZERO, stop)),
            "before" => h.before_shutdown(move |h, _| stop(h)),
            "during" => h.during_shutdown(stop),
            "after" => h.after_shutdown(stop),
            _ => h.during_shutdown(move |h| h.at_end(Rc::new(AtEnd(RefCell::new(Some(stop)))))),
        }
        h.call_soon(|h| h.stop().unwrap());
        reactor.run().unwrap();
        assert_eq!(done.get(), 2, "stopped in {stops_in}");
    }
}

#[test]
fn an_end_that_ends_the_next_for_ever_does_not_keep_a_reactor_from_stopping() {
    fn again(h: &Handle, told: &Rc<Cell<u32>>) {
        told.set(told.get() + 1);
        let (looping, told) = (LoopingCall::start(h, SECOND, |_, _| ()), Rc::clone(told));
        looping.when_done(move |h| again(h, &told));
        looping.stop();
    }
    let mut reactor = Reactor::new(Sim::new(1));
    let told = Rc::new(Cell::new(0));
    let seen = Rc::clone(&told);
    let h = reactor.handle();
    h.during_shutdown(move |h| again(h, &seen));
    h.call_soon(|h| h.stop().unwrap());
    reactor.run().unwrap();
    assert!(told.get() > 1);
}

#[test]
fn a_reset_while_a_beat_is_held_up_begins_the_grid_and_the_count_anew() {
    let mut reactor = Reactor::new(Sim::new(1));
    let beats = Beats::default();
    let mut note = beat(&beats);
    let first = Cell::new(true);
    let looping = LoopingCall::start(&reactor.handle(), SECOND, move |h, looping| {
        note(h, looping);
        if first.replace(false) {
            let hold = looping.hold();
            h.call_later(Duration::from_millis(3_700), move |_| drop(hold));
        }
    });
    // The grid is now 1.3 s, 2.3 s, 3.3 s, 4.3 s: the beat at 1 s is forgotten, those at 2.3 s and
    // 3.3 s are missed.
    reactor
        .handle()
        .call_later(Duration::from_millis(1_300), move |_| looping.reset());
    run_for(&mut reactor, Duration::from_millis(5_500));
    assert_eq!(*beats.borrow(), [(0, 1), (4300, 3), (5300, 1)]);
}

#[test]
fn a_reset_in_a_beat_makes_the_next_come_one_interval_later() {
    let time = Rc::new(Cell::new(Time::ZERO));
    let mut reactor = Reactor::new(Manual(Rc::clone(&time), Sim::new(1)));
    let beats = Beats::default();
    let (mut note, clock) = (beat(&beats), Rc::clone(&time));
    LoopingCall::start(&reactor.handle(), SECOND, move |h, looping| {
        note(h, looping);
        // The beat takes 0.4 s.
        clock.set(clock.get() + Duration::from_millis(400));
        looping.reset();
    });
    for millis in [0, 1_000, 1_400, 2_000, 2_800] {
        time.set(time.get().max(Time::from_millis(millis)));
        reactor.turn(None).unwrap();
    }
    assert_eq!(*beats.borrow(), [(0, 1), (1400, 1), (2800, 1)]);
}

#[test]
fn the_first_beat_comes_in_the_next_turn_and_start_returns_before_it() {
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let beats = Beats::default();
    let seen = Rc::clone(&beats);
    h.call_soon(move |h| {
        let looping = LoopingCall::start(h, SECOND, beat(&seen));
        assert!(seen.borrow().is_empty() && looping.running());
    });
    reactor.turn(Some(Duration::ZERO)).unwrap();
    assert_eq!(*beats.borrow(), [], "not in the turn that started it");
    reactor.turn(Some(Duration::ZERO)).unwrap();
    assert_eq!(*beats.borrow(), [(0, 1)]);
}

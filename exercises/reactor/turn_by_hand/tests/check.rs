//! Order, later turns, borrows, panics and naps of a turn.
use std::{
    cell::{Cell, RefCell},
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
};
use turn_by_hand::{Handle, Id, Source};

type Log = Rc<RefCell<Vec<&'static str>>>;

fn note(log: &Log, word: &'static str) -> impl FnOnce(&Handle) + use<> {
    let log = Rc::clone(log);
    move |_: &Handle| log.borrow_mut().push(word)
}

/// A turn, with a panic in words.
fn turn(h: &Handle, now: u64, news: &[Id]) -> Option<u64> {
    catch_unwind(AssertUnwindSafe(|| h.turn(now, news))).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or(panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        let text = text.unwrap_or_default();
        if text.contains("already") {
            panic!("something of the reactor was borrowed while a callback ran: {text}");
        }
        panic!("{text}");
    })
}

struct Notes(Log, &'static str);

impl Source for Notes {
    fn ready(self: Rc<Self>, _: &Handle, _: Id) {
        self.0.borrow_mut().push(self.1);
    }
}

#[test]
fn calls_come_before_timers_and_timers_before_sources() {
    let (h, log) = (Handle::default(), Log::default());
    let source = h.register(Rc::new(Notes(log.clone(), "source")));
    let silent = h.register(Rc::new(Notes(log.clone(), "silent source")));
    h.call_later(2, note(&log, "second timer"));
    h.call_later(1, note(&log, "first timer"));
    h.call_later(2, note(&log, "third timer"));
    h.call_later(3, note(&log, "a timer for later"));
    h.call_soon(note(&log, "call"));
    h.call_soon(note(&log, "next call"));
    turn(&h, 2, &[source]);
    assert_eq!(
        *log.borrow(),
        [
            "call",
            "next call",
            "first timer",
            "second timer",
            "third timer",
            "source"
        ],
        "this ran in the turn, in this order"
    );
    log.take();
    turn(&h, 3, &[silent, source]);
    assert_eq!(
        *log.borrow(),
        ["a timer for later", "silent source", "source"],
        "this ran in the second turn, in this order"
    );
}

#[test]
fn what_a_call_queues_waits_for_the_next_turn() {
    fn again(h: &Handle, ran: Rc<Cell<u32>>) {
        ran.set(ran.get() + 1);
        if ran.get() < 100 {
            h.call_soon(|h| again(h, ran));
        }
    }
    let (h, ran) = (Handle::default(), Rc::new(Cell::new(0)));
    let count = ran.clone();
    h.call_soon(|h| again(h, count));
    for turns in 1..4 {
        turn(&h, 0, &[]);
        assert_eq!(
            ran.get(),
            turns,
            "a call that was queued by a call ran in the same turn, or not at all"
        );
    }
}

#[test]
fn a_timer_that_is_set_in_a_turn_waits_for_a_later_one() {
    fn again(h: &Handle, ran: Rc<Cell<u32>>) {
        ran.set(ran.get() + 1);
        if ran.get() < 100 {
            h.call_later(0, |h| again(h, ran));
        }
    }
    let (h, ran) = (Handle::default(), Rc::new(Cell::new(0)));
    let (count, first) = (ran.clone(), Rc::new(Cell::new(false)));
    h.call_later(5, |h| again(h, count));
    assert_eq!(turn(&h, 4, &[]), Some(1), "the first timer is due in 1 ms");
    for turns in 1..4 {
        turn(&h, 5, &[]);
        assert!(
            ran.get() <= turns,
            "a timer of 0 ms that sets itself again ran more than once in one turn"
        );
        assert_eq!(ran.get(), turns, "a timer that is due did not run");
    }
    let seen = first.clone();
    h.call_soon(move |h| h.call_later(0, move |_| seen.set(true)));
    turn(&h, 5, &[]);
    assert!(
        !first.get(),
        "a timer that was set by a call of this turn ran in it"
    );
    turn(&h, 5, &[]);
    assert!(first.get(), "a timer that is due did not run");
}

#[test]
fn a_callback_may_use_the_handle_for_anything() {
    struct Busy;
    impl Source for Busy {
        fn ready(self: Rc<Self>, h: &Handle, id: Id) {
            h.forget(id);
            let other = h.register(Rc::new(Busy));
            h.forget(other);
            h.call_soon(|_| {});
            h.call_later(1, |_| {});
        }
    }
    let h = Handle::default();
    let busy = h.register(Rc::new(Busy));
    let all = move |h: &Handle| {
        let id = h.register(Rc::new(Busy));
        h.forget(id);
        h.call_soon(|_| {});
        h.call_later(0, |_| {});
    };
    h.call_soon(all);
    h.call_later(1, all);
    turn(&h, 1, &[busy]);
    turn(&h, 2, &[busy]);
}

#[test]
fn a_panic_loses_one_call_and_no_other() {
    let (h, log) = (Handle::default(), Log::default());
    h.call_soon(|_| panic!("made for this test"));
    h.call_soon(note(&log, "call"));
    h.call_later(0, |_| panic!("made for this test"));
    h.call_later(0, note(&log, "timer"));
    for _ in 0..2 {
        let ended = catch_unwind(AssertUnwindSafe(|| h.turn(0, &[])));
        assert!(ended.is_err(), "the panic of a callback was swallowed");
    }
    turn(&h, 0, &[]);
    assert_eq!(
        *log.borrow(),
        ["call", "timer"],
        "a call or a timer panicked, and the call behind it was lost"
    );
}

#[test]
fn a_source_that_is_forgotten_is_not_told() {
    struct Forgets(Rc<Cell<Id>>, Log);
    impl Source for Forgets {
        fn ready(self: Rc<Self>, h: &Handle, _: Id) {
            h.forget(self.0.get());
            self.1.borrow_mut().push("first");
        }
    }
    let (h, log) = (Handle::default(), Log::default());
    let victim = Rc::new(Cell::new(0));
    let first = h.register(Rc::new(Forgets(victim.clone(), log.clone())));
    victim.set(h.register(Rc::new(Notes(log.clone(), "victim"))));
    turn(&h, 0, &[first, victim.get(), 4711]);
    assert_eq!(
        *log.borrow(),
        ["first"],
        "a source was told after it was forgotten"
    );
}

#[test]
fn the_loop_sleeps_as_long_as_it_may() {
    let h = Handle::default();
    assert_eq!(
        turn(&h, 0, &[]),
        None,
        "with nothing to do, it may sleep for ever"
    );
    h.call_later(30, |_| {});
    assert_eq!(
        turn(&h, 10, &[]),
        Some(20),
        "a timer is due at 30, and it is 10"
    );
    h.call_soon(|h| h.call_soon(|_| {}));
    assert_eq!(
        turn(&h, 11, &[]),
        Some(0),
        "a call is queued, and the loop would sleep over it"
    );
    h.call_soon(|h| h.call_later(0, |_| {}));
    assert_eq!(
        turn(&h, 12, &[]),
        Some(0),
        "a timer is due, and the loop would sleep over it"
    );
}

//! Listeners before, after and inside the firing.
use fire_for_all::Notice;
use std::{
    cell::RefCell,
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
};

type Log = Rc<RefCell<Vec<String>>>;

fn note(log: &Log, name: &'static str) -> impl FnOnce(u32) + use<> {
    let log = log.clone();
    move |value| log.borrow_mut().push(format!("{name} {value}"))
}

fn in_words(run: impl FnOnce()) {
    if catch_unwind(AssertUnwindSafe(run)).is_err() {
        panic!("something of the notice was borrowed while a listener ran");
    }
}

#[test]
fn all_that_wait_are_called_in_order_before_fire_returns() {
    let (announcer, notice) = Notice::new();
    let log = Log::default();
    notice.on_value(note(&log, "a"));
    notice.clone().on_value(note(&log, "b"));
    assert!(
        log.borrow().is_empty(),
        "a listener ran before the value came"
    );
    announcer.fire(1);
    assert_eq!(
        *log.borrow(),
        ["a 1", "b 1"],
        "these were called, in this order"
    );
}

#[test]
fn a_late_listener_is_called_at_once_and_the_others_not_again() {
    let (announcer, notice) = Notice::new();
    let log = Log::default();
    notice.on_value(note(&log, "early"));
    announcer.fire(2);
    notice.on_value(note(&log, "late"));
    assert!(
        log.borrow().contains(&"late 2".to_owned()),
        "a listener that came after the value was not called"
    );
    notice.on_value(note(&log, "later"));
    assert_eq!(
        *log.borrow(),
        ["early 2", "late 2", "later 2"],
        "a listener was called more than once, or not in order"
    );
}

#[test]
fn a_listener_that_a_listener_adds_waits_for_its_turn() {
    let (announcer, notice) = Notice::new();
    let log = Log::default();
    let (again, inner) = (notice.clone(), log.clone());
    notice.on_value(move |value| {
        inner.borrow_mut().push(format!("first {value}"));
        let (deeper, innermost) = (again.clone(), inner.clone());
        again.on_value(move |value| {
            innermost.borrow_mut().push(format!("added {value}"));
            deeper.on_value(note(&innermost, "added by the added"));
        });
        inner.borrow_mut().push("first is done".to_owned());
    });
    notice.on_value(note(&log, "second"));
    in_words(|| announcer.fire(3));
    let log = log.take();
    let at = |text: &str| log.iter().position(|line| line == text);
    assert!(
        at("added 3").is_some(),
        "a listener that was added by a listener was never called: {log:?}"
    );
    assert!(
        at("first is done") < at("added 3"),
        "a listener that was added ran inside the one that added it: before one that had waited longer"
    );
    assert!(
        at("second 3") < at("added 3"),
        "a listener that was added ran before one that had waited longer"
    );
    assert_eq!(
        log,
        [
            "first 3",
            "first is done",
            "second 3",
            "added 3",
            "added by the added 3"
        ],
        "these were called, in this order"
    );
}

#[test]
fn a_late_listener_may_add_one_too() {
    let (announcer, notice) = Notice::new();
    let log = Log::default();
    announcer.fire(4);
    let (again, inner) = (notice.clone(), log.clone());
    in_words(|| {
        notice.on_value(move |value| {
            again.on_value(note(&inner, "added"));
            inner.borrow_mut().push(format!("late {value}"));
        });
    });
    assert_eq!(
        *log.borrow(),
        ["late 4", "added 4"],
        "a listener that a late one adds is called after it, before one that had waited longer is passed by"
    );
}

#[test]
fn a_listener_may_begin_another_notice() {
    let (first, one) = Notice::new();
    let (second, two) = Notice::new();
    let log = Log::default();
    two.on_value(note(&log, "two"));
    one.on_value(move |value| second.fire(value + 1));
    one.on_value(note(&log, "one"));
    in_words(|| first.fire(5));
    assert_eq!(
        *log.borrow(),
        ["two 6", "one 5"],
        "these were called, in this order"
    );
}

#[test]
fn a_value_that_never_comes_frees_those_that_wait() {
    let (announcer, notice) = Notice::<u32>::new();
    let kept = Rc::new(());
    let inside = kept.clone();
    notice.on_value(move |_| drop(inside));
    drop((announcer, notice));
    assert_eq!(Rc::strong_count(&kept), 1, "a listener outlives both ends");
}

//! Makes turn after turn in the simulated world, and counts the items that each of them takes.
use fair_turns::for_each_in_slices;
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};
use untwisted::reactor::{Reactor, Sim};

/// What one run did.
struct Run {
    /// Items worked on before the call returned.
    at_once: usize,
    /// How many items each turn took.
    turns: Vec<usize>,
    items: Vec<usize>,
    /// How often `done` was called, and how many items there were then.
    done: Vec<usize>,
    /// Virtual time that passed, in milliseconds.
    took: u64,
}

fn run(items: usize, slice: usize) -> Run {
    let mut reactor = Reactor::new(Sim::new(1));
    let handle = reactor.handle();
    let worked: Rc<RefCell<Vec<usize>>> = Rc::default();
    let done: Rc<RefCell<Vec<usize>>> = Rc::default();
    let finished_at = Rc::new(Cell::new(0));

    let (log, seen) = (Rc::clone(&worked), Rc::clone(&worked));
    let (said_done, when) = (Rc::clone(&done), Rc::clone(&finished_at));
    for_each_in_slices(
        &handle,
        (0..items).collect(),
        slice,
        move |item| log.borrow_mut().push(item),
        move |reactor| {
            said_done.borrow_mut().push(seen.borrow().len());
            when.set(reactor.now().as_millis());
        },
    );
    let at_once = worked.borrow().len() + done.borrow().len();
    let mut turns = Vec::new();
    for _ in 0..items + 5 {
        let before = worked.borrow().len();
        reactor
            .turn(Some(Duration::from_millis(1)))
            .expect("a turn with something to do");
        turns.push(worked.borrow().len() - before);
    }
    Run {
        at_once,
        turns,
        items: worked.take(),
        done: done.take(),
        took: finished_at.get(),
    }
}

#[test]
fn no_turn_takes_more_than_a_slice() {
    let run = run(10, 3);
    assert_eq!(
        run.at_once, 0,
        "nothing may be called before `for_each_in_slices` has returned"
    );
    let most = run.turns.iter().copied().max().unwrap_or(0);
    assert!(
        most <= 3,
        "{most} items were worked on in one turn; at most 3 were allowed"
    );
    assert_eq!(
        run.items.len(),
        10,
        "{} items were never worked on",
        10 - run.items.len()
    );
    assert_eq!(
        run.items,
        (0..10).collect::<Vec<_>>(),
        "in order, and each once"
    );
}

#[test]
fn no_time_is_lost() {
    let run = run(10, 3);
    assert_eq!(
        run.took, 0,
        "no time is lost with timers: the next slice follows in the next turn"
    );
    let busy = run.turns.iter().filter(|items| **items > 0).count();
    assert_eq!(
        busy, 4,
        "10 items in slices of 3 take four turns, not {busy}: {:?}",
        run.turns
    );
    let from = run.turns.iter().position(|items| *items > 0);
    let from = from.unwrap_or(0);
    assert_eq!(
        run.turns[from..from + 4],
        [3, 3, 3, 1],
        "(items in each turn) the next slice follows in the very next turn"
    );
}

#[test]
fn done_comes_once_and_last() {
    for (items, slice) in [(10, 3), (9, 3), (1, 5)] {
        let run = run(items, slice);
        assert_eq!(
            run.done,
            [items],
            "with {items} items `done` is called once, when all were worked on (here: after how many)"
        );
    }
}

#[test]
fn no_items_are_done_as_well() {
    let run = run(0, 3);
    assert_eq!(
        run.done,
        [0],
        "with no items there is nothing to do, and `done` says so"
    );
}

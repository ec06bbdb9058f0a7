//! Uses the board from inside everything that it calls and drops.
use borrowed_call::Board;
use std::{
    cell::{Cell, RefCell},
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
};

/// Runs a part of a test; a borrow that panics is told in words.
fn inside(method: &str, what: &str, run: impl FnOnce()) {
    if catch_unwind(AssertUnwindSafe(run)).is_err() {
        panic!("in `{method}`, the board is still borrowed while {what}");
    }
}

/// Uses everything of the board.
fn meddle(board: &Board) {
    board.put_up("other", |_| {});
    board.call("other");
    board.take_down("other");
    board.ask_for(|_| {});
}

/// Uses the board when it is dropped.
struct Meddles(Rc<Board>);

impl Drop for Meddles {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            meddle(&self.0);
        }
    }
}

#[test]
fn a_reader_may_use_the_board() {
    let board = Board::default();
    let called = Rc::new(Cell::new(0));
    let count = called.clone();
    board.put_up("ada", move |board| {
        count.set(count.get() + 1);
        meddle(board);
        board.take_down("ada");
        board.put_up("ada", |_| {});
    });
    inside("call", "a reader runs", || board.call("ada"));
    board.call("nobody");
    assert_eq!(called.get(), 1, "the reader was not called, or not once");
}

#[test]
fn a_reader_stays_until_it_is_taken_down() {
    let board = Board::default();
    let called = Rc::new(Cell::new(0));
    let count = called.clone();
    board.put_up("ada", move |_| count.set(count.get() + 1));
    board.call("ada");
    board.call("ada");
    assert_eq!(called.get(), 2, "a reader that was called is gone");
    board.take_down("ada");
    board.call("ada");
    assert_eq!(called.get(), 2, "a reader that was taken down was called");
}

#[test]
fn a_reader_that_is_replaced_may_use_the_board_when_it_is_dropped() {
    let board = Rc::new(Board::default());
    let meddles = Meddles(board.clone());
    board.put_up("ada", move |_| {
        let _ = &meddles;
    });
    inside("put_up", "the reader before is dropped", || {
        board.put_up("ada", |_| {})
    });
}

#[test]
fn a_reader_that_is_taken_down_may_use_the_board_when_it_is_dropped() {
    let board = Rc::new(Board::default());
    let meddles = Meddles(board.clone());
    board.put_up("ada", move |_| {
        let _ = &meddles;
    });
    inside("take_down", "the reader is dropped", || {
        board.take_down("ada")
    });
    let called = Rc::new(Cell::new(false));
    let seen = called.clone();
    board.put_up("ada", move |_| seen.set(true));
    board.call("ada");
    assert!(called.get(), "the board no longer works");
}

#[test]
fn a_reader_that_takes_itself_down_is_dropped_after_it_ran() {
    let board = Rc::new(Board::default());
    let meddles = Meddles(board.clone());
    board.put_up("ada", move |board| {
        let _ = &meddles;
        board.take_down("ada");
    });
    inside("call", "a reader runs", || board.call("ada"));
    let called = Rc::new(Cell::new(0));
    for name in ["ada", "grace"] {
        let count = called.clone();
        board.put_up(name, move |_| count.set(count.get() + 1));
    }
    let count = called.clone();
    board.put_up("all", move |board| {
        board.call("ada");
        board.call("grace");
        count.set(count.get() + 10);
    });
    inside("call", "a reader runs", || board.call("all"));
    assert_eq!(
        called.get(),
        12,
        "a reader was not called from inside another"
    );
}

#[test]
fn an_errand_may_use_the_board_and_a_new_one_waits() {
    let board = Board::default();
    let log = Rc::new(RefCell::new(Vec::new()));
    let (first, second, third) = (log.clone(), log.clone(), log.clone());
    board.ask_for(move |board| {
        first.borrow_mut().push("first");
        meddle(board);
        board.ask_for(move |_| third.borrow_mut().push("new"));
    });
    board.ask_for(move |_| second.borrow_mut().push("second"));
    inside("run_errands", "an errand runs", || board.run_errands());
    assert_eq!(
        *log.borrow(),
        ["first", "second"],
        "errands run in order, and what an errand asks for waits for the next time"
    );
    board.run_errands();
    assert_eq!(
        *log.borrow(),
        ["first", "second", "new"],
        "the new one was lost"
    );
}

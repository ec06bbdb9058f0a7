//! Lets jobs report a letter at each call, and a capital when they are dropped.
use by_turns::{Job, by_turns};
use std::{cell::RefCell, rc::Rc};

type Log = Rc<RefCell<String>>;

/// A job of so many steps. It reports `letter` in each.
fn job(letter: char, steps: u32, log: &Log) -> Job {
    let log = Rc::clone(log);
    let mut left = steps;
    Box::new(move || {
        assert!(
            left > 0,
            "job {letter} had said that it is done, and it was called again"
        );
        left -= 1;
        log.borrow_mut().push(letter);
        left > 0
    })
}

/// The letters that jobs of so many steps report, and what `by_turns` returns.
fn run(jobs: &[(char, u32)]) -> (String, usize) {
    let log = Log::default();
    let jobs = jobs
        .iter()
        .map(|(letter, steps)| job(*letter, *steps, &log));
    let calls: usize = by_turns(jobs.collect());
    (log.take(), calls)
}

#[test]
fn they_take_turns() {
    let (letters, _) = run(&[('a', 3), ('b', 3)]);
    assert_eq!(
        letters, "ababab",
        "two jobs of three steps: each call does one step, then it is the turn of the next"
    );
}

#[test]
fn a_job_that_is_done_leaves() {
    let (letters, _) = run(&[('a', 1), ('b', 3), ('c', 2)]);
    assert_eq!(
        letters, "abcbcb",
        "a has one step, b three, c two: when a has left, b is next, and no job is skipped"
    );
}

#[test]
fn it_is_dropped_at_once() {
    struct Dropped(char, Log);
    impl Drop for Dropped {
        fn drop(&mut self) {
            self.1.borrow_mut().push(self.0);
        }
    }
    let log = Log::default();
    let jobs = [('a', 'A', 1), ('b', 'B', 2)].map(|(letter, dropped, steps)| -> Job {
        let dropped = Dropped(dropped, Rc::clone(&log));
        let mut step = job(letter, steps, &log);
        Box::new(move || {
            let _owns = &dropped;
            step()
        })
    });
    let _: usize = by_turns(Vec::from(jobs));
    assert_eq!(
        *log.borrow(),
        "aAbbB",
        "a capital is the drop of a job: one that is done is dropped before the next one is called"
    );
}

#[test]
fn every_call_counts() {
    let (_, calls) = run(&[('a', 3), ('b', 2)]);
    assert_eq!(
        calls, 5,
        "a job of three steps and one of two: every call counts, not every round"
    );
    let (_, calls) = run(&[]);
    assert_eq!(calls, 0, "without jobs there is nothing to call");
}

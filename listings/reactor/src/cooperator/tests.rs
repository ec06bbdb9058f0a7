//! What a step costs: counted in looks at tasks and at places in the line, not in time.
use super::*;
use crate::{Reactor, Sim};
use std::iter::repeat;

thread_local!(static LOOKS: Cell<u64> = const { Cell::new(0) });

/// A task or a sequence number was looked at.
pub(super) fn looked() {
    LOOKS.set(LOOKS.get() + 1);
}

/// Returns how many looks 1,000 steps take, and 1,000 pauses and resumes, among so many tasks.
fn looks_among(tasks: usize) -> [u64; 2] {
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let all: Vec<_> = (0..tasks).map(|_| h.cooperate(repeat(()))).collect();
    for task in all.iter().step_by(3) {
        task.pause().unwrap(); // they cost nothing
    }
    LOOKS.set(0);
    for _ in 0..10 {
        reactor.turn(Some(Duration::ZERO)).unwrap();
    }
    let steps = LOOKS.take();
    for task in all.iter().skip(1).step_by(3).cycle().take(1_000) {
        task.pause().unwrap();
        task.resume().unwrap();
    }
    [steps, LOOKS.take()]
}

#[test]
fn a_step_among_a_thousand_times_as_many_tasks_takes_a_few_looks_more() {
    let (few, many) = (looks_among(30), looks_among(30_000));
    for (few, many) in few.iter().zip(many) {
        // At each level of the tree there are eleven keys at most, and there are three levels more.
        assert!(many < few + 1_000 * 4 * 11 * 4, "{few} looks, and {many}");
    }
}

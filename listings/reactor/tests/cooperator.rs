//! Cooperative tasks: in turns, paused, stopped, and never longer than a slice.
use reactor::{Ended, Reactor, Sim, TaskError};
use std::{
    cell::{Cell, RefCell},
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
    time::Duration,
};

type Log = Rc<RefCell<Vec<char>>>;

fn steps(log: &Log, name: char, count: usize) -> impl Iterator<Item = ()> + use<> {
    let log = Rc::clone(log);
    (0..count).map(move |_| log.borrow_mut().push(name))
}

fn turn(reactor: &mut Reactor) {
    reactor.turn(Some(Duration::ZERO)).unwrap();
}

#[test]
fn tasks_step_in_turns() {
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let log = Log::default();
    for (name, count) in [('a', 3), ('b', 1), ('c', 2)] {
        h.cooperate(steps(&log, name, count));
    }
    turn(&mut reactor);
    assert_eq!(log.borrow().iter().collect::<String>(), "abcaca");
}

#[test]
fn a_slice_is_a_hundred_steps_and_timers_get_their_share_in_between() {
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let log = Log::default();
    h.cooperate(steps(&log, 'a', 250));
    turn(&mut reactor);
    assert_eq!(log.borrow().len(), 100);
    let seen = Rc::clone(&log);
    h.call_later(Duration::ZERO, move |_| seen.borrow_mut().push('!'));
    turn(&mut reactor);
    turn(&mut reactor);
    turn(&mut reactor);
    assert_eq!(log.borrow().len(), 251);
    assert_eq!(
        log.borrow()[200],
        '!',
        "a timer that was due waits for one slice"
    );
}

#[test]
fn a_paused_task_waits_for_as_many_resumes() {
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let log = Log::default();
    let task = h.cooperate(steps(&log, 'a', 2));
    task.pause().unwrap();
    task.pause().unwrap();
    h.cooperate(steps(&log, 'b', 1));
    turn(&mut reactor);
    task.resume().unwrap();
    turn(&mut reactor);
    assert_eq!(*log.borrow(), ['b']);
    assert_eq!(
        reactor.next_deadline(),
        None,
        "a paused task costs no turns"
    );
    task.resume().unwrap();
    assert_eq!(task.resume(), Err(TaskError::NotPaused));
    turn(&mut reactor);
    assert_eq!(*log.borrow(), ['b', 'a', 'a']);
}

#[test]
fn every_end_is_told_once_and_then_it_can_only_be_asked() {
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let ends: Rc<RefCell<Vec<Ended>>> = Rc::default();
    let finished = h.cooperate(steps(&Log::default(), 'a', 1));
    let stopped = h.cooperate(steps(&Log::default(), 'b', 1));
    for task in [&finished, &stopped] {
        let ends = Rc::clone(&ends);
        task.when_done(move |_, how| ends.borrow_mut().push(how));
    }
    stopped.stop().unwrap();
    turn(&mut reactor);
    turn(&mut reactor);
    assert_eq!(*ends.borrow(), [Ended::Stopped, Ended::Finished]);
    assert_eq!(stopped.stop(), Err(TaskError::Ended(Ended::Stopped)));
    assert_eq!(finished.pause(), Err(TaskError::Ended(Ended::Finished)));
    let late = Rc::clone(&ends);
    finished.when_done(move |_, how| late.borrow_mut().push(how));
    turn(&mut reactor);
    assert_eq!(ends.borrow().len(), 3);
}

#[test]
fn a_task_may_stop_itself_and_start_others() {
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let log = Log::default();
    let own = Rc::new(RefCell::new(None::<reactor::CooperativeTask>));
    let (me, seen, hh) = (Rc::clone(&own), Rc::clone(&log), h.clone());
    let task = h.cooperate(std::iter::from_fn(move || {
        me.borrow().as_ref().unwrap().stop().unwrap();
        hh.cooperate(steps(&seen, 'n', 2));
        Some(())
    }));
    *own.borrow_mut() = Some(task);
    turn(&mut reactor);
    assert_eq!(*log.borrow(), ['n', 'n']);
}

#[test]
fn a_panic_in_a_step_ends_that_task_and_not_the_others() {
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let log = Log::default();
    let broken = h.cooperate(std::iter::repeat_with(|| panic!("on purpose")));
    h.cooperate(steps(&log, 'a', 2));
    let how = Rc::new(Cell::new(None));
    let told = Rc::clone(&how);
    broken.when_done(move |_, end| told.set(Some(end)));
    assert!(catch_unwind(AssertUnwindSafe(|| turn(&mut reactor))).is_err());
    turn(&mut reactor);
    turn(&mut reactor);
    assert_eq!(*log.borrow(), ['a', 'a']);
    assert_eq!(how.get(), Some(Ended::Stopped));
}

#[test]
fn a_task_that_a_step_adds_comes_after_those_that_wait_and_before_its_own() {
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let log = Log::default();
    let (seen, hh) = (Rc::clone(&log), h.clone());
    let mut left = 2;
    h.cooperate(std::iter::from_fn(move || {
        left -= 1;
        seen.borrow_mut().push('a');
        if left == 1 {
            hh.cooperate(steps(&seen, 'c', 2));
        }
        (left > 0).then_some(())
    }));
    h.cooperate(steps(&log, 'b', 2));
    turn(&mut reactor);
    assert_eq!(log.borrow().iter().collect::<String>(), "abcabc"); // as in Twisted
}

#[test]
fn a_task_that_is_resumed_goes_to_the_back() {
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let log = Log::default();
    let [a, ..] = ['a', 'b', 'c'].map(|name| h.cooperate(steps(&log, name, 2)));
    for _ in 0..3 {
        a.pause().unwrap();
        a.resume().unwrap();
    }
    turn(&mut reactor);
    assert_eq!(log.borrow().iter().collect::<String>(), "bcabca"); // as in Twisted
}

#[test]
fn a_task_may_pause_and_resume_itself_and_others_in_a_step() {
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let log = Log::default();
    let own = Rc::new(RefCell::new(None::<reactor::CooperativeTask>));
    let (me, seen) = (Rc::clone(&own), Rc::clone(&log));
    let mut left = 3;
    let task = h.cooperate(std::iter::from_fn(move || {
        left -= 1;
        seen.borrow_mut().push('a');
        let me = me.borrow();
        let me = me.as_ref().unwrap();
        me.pause().unwrap();
        if left > 0 {
            me.resume().unwrap();
        }
        Some(())
    }));
    *own.borrow_mut() = Some(task);
    turn(&mut reactor);
    assert_eq!(*log.borrow(), ['a', 'a', 'a']);
    assert_eq!(reactor.next_deadline(), None, "it is paused");
    own.take().unwrap().stop().unwrap();
    turn(&mut reactor);
}

#[test]
fn its_end_is_told_in_the_last_turn_too() {
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let how = Rc::new(Cell::new(None));
    let told = Rc::clone(&how);
    let task = h.cooperate(std::iter::repeat(()));
    task.when_done(move |_, end| told.set(Some(end)));
    h.after_shutdown(move |_| task.stop().unwrap());
    h.call_soon(|h| h.stop().unwrap());
    reactor.run().unwrap();
    assert_eq!(how.get(), Some(Ended::Stopped));
}

//! Stops the reactor in the middle of work, in virtual time, and looks at what was finished and when.
use last_words::Workshop;
use std::{cell::RefCell, rc::Rc, time::Duration};
use untwisted::reactor::{Reactor, Sim};

/// Begins jobs of so many seconds, stops at `stop`; returns those done, and the ms it stopped at.
fn run(jobs: &[u64], stop: u64) -> (Vec<u64>, u64) {
    let mut reactor = Reactor::new(Sim::new(1));
    let handle = reactor.handle();
    let workshop = Workshop::open(&handle);
    let done: Rc<RefCell<Vec<u64>>> = Rc::default();
    for &takes in jobs {
        let done = Rc::clone(&done);
        workshop.begin(&handle, Duration::from_secs(takes), move |_| {
            done.borrow_mut().push(takes)
        });
    }
    handle.call_later(Duration::from_secs(stop), |reactor| {
        reactor.stop().expect("it runs")
    });
    if let Err(error) = reactor.run() {
        assert!(error.is_stalled(), "{error}");
        panic!("the reactor never stopped: a Hold is still kept, and no job will let it go");
    }
    (done.take(), handle.now().as_millis())
}

#[test]
fn an_idle_workshop_stops_at_once() {
    let (_, at) = run(&[], 3);
    assert_eq!(
        at, 3_000,
        "(ms) told to stop at 3 s: no job was under way, but the shutdown took longer than it had to"
    );
}

#[test]
fn jobs_that_are_done_do_not_count() {
    let (done, at) = run(&[1, 2], 3);
    assert_eq!(
        done,
        [1, 2],
        "(seconds) both jobs were done before the stop"
    );
    assert_eq!(
        at, 3_000,
        "(ms) both jobs were done before the stop, but the shutdown took longer than it had to"
    );
}

#[test]
fn jobs_under_way_are_finished() {
    let (done, at) = run(&[2, 5], 1);
    assert!(
        done.contains(&2),
        "told to stop at 1 s: the job of 2 s was cut off"
    );
    assert!(
        done.contains(&5),
        "told to stop at 1 s: the job of 5 s was cut off"
    );
    assert_eq!(
        at, 5_000,
        "(ms) the last job was done at 5 s; the shutdown took longer than it had to"
    );
}

//! Does jobs that succeed, fail, spawn others and never end, counts drops, and reads the virtual clock.
use all_or_nothing::{Job, all_or_nothing};
use std::{
    cell::{Cell, RefCell},
    future::{Future, poll_fn},
    rc::Rc,
    time::Duration,
};
use untwisted::{
    coroutines::{Either, block_on, select, sleep, spawn, timeout},
    deferreds::{Cancelled, Failure},
    reactor::{Handle, Reactor, Sim},
};

/// What the jobs of one test have in common.
#[derive(Clone)]
struct World {
    handle: Handle,
    /// How many jobs have begun and are not dropped.
    alive: Rc<Cell<usize>>,
    /// How many have been polled and have not ended, and how many that were at most.
    under_way: Rc<Cell<(usize, usize)>>,
    begun: Rc<RefCell<Vec<&'static str>>>,
    ended: Rc<RefCell<Vec<&'static str>>>,
}

struct Alive(Rc<Cell<usize>>);

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

impl World {
    fn new(reactor: &Reactor) -> World {
        World {
            handle: reactor.handle(),
            alive: Rc::default(),
            under_way: Rc::default(),
            begun: Rc::default(),
            ended: Rc::default(),
        }
    }

    fn alive(&self) -> Alive {
        self.alive.set(self.alive.get() + 1);
        Alive(Rc::clone(&self.alive))
    }

    fn seconds(&self) -> u64 {
        self.handle.now().as_millis() / 1000
    }

    /// Works so long, and returns its name, or fails with it.
    fn job(&self, name: &'static str, seconds: u64, good: bool) -> Job<&'static str> {
        let world = self.clone();
        let alive = self.alive();
        Box::pin(async move {
            let _alive = alive;
            world.begun.borrow_mut().push(name);
            let (now, most) = world.under_way.get();
            world.under_way.set((now + 1, most.max(now + 1)));
            sleep(&world.handle, Duration::from_secs(seconds)).await;
            world.ended.borrow_mut().push(name);
            let (now, most) = world.under_way.get();
            world.under_way.set((now - 1, most));
            if good {
                Ok(name)
            } else {
                Err(Failure::new(name))
            }
        })
    }

    /// A job that has spawned another and awaits it.
    fn parent(&self, name: &'static str, seconds: u64) -> Job<&'static str> {
        let (world, alive, child) = (self.clone(), self.alive(), self.job(name, seconds, true));
        Box::pin(async move {
            let _alive = alive;
            spawn(&world.handle, child).await
        })
    }
}

/// Runs it for a day at most; what it gave, and when.
fn run<T: 'static>(
    reactor: &mut Reactor,
    future: impl Future<Output = Result<T, Failure>>,
) -> (Result<T, Failure>, u64) {
    let handle = reactor.handle();
    let day = Duration::from_secs(86_400);
    let result = block_on(reactor, async { Ok(timeout(&handle, day, future).await) });
    let seconds = handle.now().as_millis() / 1000;
    match result {
        Ok(Ok(result)) => (result, seconds),
        _ => panic!("a day has passed in virtual time, and `all_or_nothing` waits on"),
    }
}

#[test]
fn all() {
    let mut reactor = Reactor::new(Sim::new(1));
    let world = World::new(&reactor);
    let jobs = vec![
        world.job("one", 3, true),
        world.job("two", 1, true),
        world.parent("three", 2),
    ];
    let (values, seconds) = run(&mut reactor, all_or_nothing(&world.handle, 30, jobs));
    assert_eq!(
        values.expect("all succeed"),
        ["one", "two", "three"],
        "the values come in the order of the jobs"
    );
    assert_eq!(
        seconds, 3,
        "(seconds) jobs of 3 s, 1 s and 2 s at the same time take 3 s"
    );
    let (values, _) = run(
        &mut reactor,
        all_or_nothing(&world.handle, 30, Vec::<Job<u8>>::new()),
    );
    assert!(
        values.expect("no jobs, no failure").is_empty(),
        "without jobs there are no values"
    );
}

#[test]
fn nothing() {
    let mut reactor = Reactor::new(Sim::new(1));
    let world = World::new(&reactor);
    let jobs = vec![
        world.job("slow", 3_600, true),
        world.parent("with a child", 1_800),
        world.job("fails", 5, false),
        world.job("fails later", 9, false),
        world.job("quick", 1, true),
    ];
    let (values, seconds) = run(&mut reactor, all_or_nothing(&world.handle, 30, jobs));
    let left = world.alive.get();
    let failure = values.expect_err("one of the jobs fails");
    assert_eq!(
        seconds, 5,
        "(seconds) a job failed after 5 s, and it was not noticed then: other jobs were waited for"
    );
    assert_eq!(
        left, 0,
        "(jobs that are not dropped) the failure was given, and other jobs are still there: they go on behind its back. Dropping the Deferred of a task does not cancel it"
    );
    assert!(
        failure.check::<Cancelled>().is_none(),
        "the first failure is that of the job that failed after 5 s; you report {failure:?}, of a job that failed because it was cancelled"
    );
    assert_eq!(
        failure.to_string(),
        "fails",
        "the failure is the first one in time"
    );
    drop(failure);
    // Two hours more, in which nothing may happen.
    let h = world.handle.clone();
    let (more, _) = run(&mut reactor, async move {
        sleep(&h, Duration::from_secs(7_200)).await;
        Ok(())
    });
    more.expect("time passes");
    assert_eq!(
        *world.ended.borrow(),
        ["quick", "fails"],
        "these jobs have come to their end; no other may"
    );
}

#[test]
fn in_any_order() {
    for failing in 0..4 {
        let mut reactor = Reactor::new(Sim::new(1));
        let world = World::new(&reactor);
        let jobs = (0..4)
            .map(|n| world.job("a job", 10 + (n + 4 - failing) % 4, n != failing))
            .collect();
        let (values, seconds) = run(&mut reactor, all_or_nothing(&world.handle, 30, jobs));
        let failure = values.expect_err("one of the jobs fails");
        assert_eq!(
            (failure.to_string().as_str(), seconds, world.alive.get()),
            ("a job", 10, 0),
            "(failure, seconds, jobs that are not dropped) job {failing} of 4 fails first, after 10 s; its failure is given at once, no other one, and then no job is left"
        );
    }
}

#[test]
fn no_more_than_the_limit() {
    let mut reactor = Reactor::new(Sim::new(1));
    let world = World::new(&reactor);
    let jobs = vec![
        world.job("long", 6, true),
        world.job("one", 1, true),
        world.job("two", 2, true),
        world.job("three", 1, true),
        world.job("four", 2, true),
    ];
    let (values, seconds) = run(&mut reactor, all_or_nothing(&world.handle, 2, jobs));
    let names = ["long", "one", "two", "three", "four"];
    assert_eq!(
        values.expect("all succeed"),
        names,
        "the values come in the order of the jobs"
    );
    let (_, most) = world.under_way.get();
    assert_eq!(
        most, 2,
        "(most) {most} jobs were under way at once, and the limit is 2"
    );
    assert_eq!(
        *world.begun.borrow(),
        names,
        "(begun) the jobs begin in their order"
    );
    assert_eq!(
        seconds, 6,
        "(seconds) beside one of 6 s there is room for 1, 2, 1 and 2 s, one after the other: another one begins when one has succeeded"
    );
    let (values, seconds) = run(
        &mut reactor,
        all_or_nothing(
            &world.handle,
            1,
            vec![world.job("a", 1, true), world.job("b", 1, true)],
        ),
    );
    assert_eq!(values.expect("both succeed"), ["a", "b"], "one at a time");
    assert_eq!(
        seconds, 8,
        "(seconds) with a limit of 1, two jobs of 1 s take 2 s"
    );
}

#[test]
fn what_has_not_begun_does_not_begin() {
    let mut reactor = Reactor::new(Sim::new(1));
    let world = World::new(&reactor);
    let jobs = vec![
        world.job("slow", 50, true),
        world.job("fails", 5, false),
        world.job("waits", 1, true),
        world.job("waits, too", 1, true),
    ];
    let (values, seconds) = run(&mut reactor, all_or_nothing(&world.handle, 2, jobs));
    let left = world.alive.get();
    assert!(
        values.is_err(),
        "one of the jobs fails, and there are values"
    );
    assert_eq!(
        (left, seconds),
        (0, 5),
        "(jobs that are not dropped, seconds) two had begun and two had not when one failed after 5 s: all are dropped"
    );
    assert_eq!(
        *world.begun.borrow(),
        ["slow", "fails"],
        "(begun) two at a time, and after a failure none begins"
    );
}

#[test]
fn given_up() {
    let mut reactor = Reactor::new(Sim::new(1));
    let world = World::new(&reactor);
    let jobs = vec![world.job("one", 50, true), world.parent("two", 60)];
    let result = block_on(&mut reactor, async {
        let all = all_or_nothing(&world.handle, 30, jobs);
        let first = select(all, sleep(&world.handle, Duration::from_secs(20))).await;
        Ok((matches!(first, Either::Left(_)), world.alive.get()))
    });
    let (early, left) = result.expect("20 s pass");
    assert!(
        !early,
        "it was ready after 20 s, and its jobs take 50 s and 60 s"
    );
    assert_eq!(
        (left, world.seconds()),
        (0, 20),
        "(jobs that are not dropped, seconds) `all_or_nothing` was dropped after 20 s, and its jobs are still there: they go on behind its back"
    );
}

#[test]
fn tasks_of_their_own() {
    let mut reactor = Reactor::new(Sim::new(1));
    let world = World::new(&reactor);
    let polls = Rc::new(Cell::new(0));
    let counted = {
        let (polls, mut nap) = (
            Rc::clone(&polls),
            Box::pin(sleep(&world.handle, Duration::from_secs(30))),
        );
        poll_fn(move |context| {
            polls.set(polls.get() + 1);
            nap.as_mut().poll(context).map(|()| Ok("counted"))
        })
    };
    let mut jobs: Vec<Job<&str>> = vec![Box::pin(counted)];
    jobs.extend((1..=20).map(|n| world.job("other", n, true)));
    let (values, _) = run(&mut reactor, all_or_nothing(&world.handle, 30, jobs));
    assert_eq!(
        values.expect("all succeed").len(),
        21,
        "(values) one for each job"
    );
    assert_eq!(
        polls.get(),
        2,
        "(polls) a job that sleeps once is polled twice, at its beginning and when it is woken; 20 others were woken meanwhile, which is not its affair: each job must be a task of its own"
    );
}

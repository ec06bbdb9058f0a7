//! Polls an alarm and its clones by hand, in virtual time, with wakers that count and with one that polls back.
use std::{
    future::Future,
    io,
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Wake, Waker},
    time::Duration,
};
use two_alarms::{Alarm, alarm};
use untwisted::{
    coroutines::{block_on, sleep, spawn, timeout},
    reactor::{Handle, Reactor, Sim},
};

#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl Count {
    fn calls(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

fn tenths(n: u64) -> Duration {
    Duration::from_millis(100 * n)
}

/// Lets virtual time pass.
fn pass(reactor: &mut Reactor, handle: &Handle, time: Duration) {
    block_on(reactor, async {
        sleep(handle, time).await;
        Ok(())
    })
    .expect("time passes");
}

#[test]
fn it_rings_on_time() {
    let mut reactor = Reactor::new(Sim::new(1));
    let handle = reactor.handle();
    block_on(&mut reactor, async {
        alarm(&handle, tenths(3)).await;
        Ok(())
    })
    .expect("an alarm that is awaited must ring; does it call the waker?");
    assert_eq!(handle.now().as_millis(), 300, "it must ring after 0.3 s");
}

#[test]
fn it_rings_unheard() {
    let mut reactor = Reactor::new(Sim::new(1));
    let handle = reactor.handle();
    let mut alarm = pin!(alarm(&handle, tenths(1)));
    pass(&mut reactor, &handle, tenths(2));
    let said = alarm.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    assert!(
        said.is_ready(),
        "it was first polled 0.2 s later: an alarm of 0.1 s must set no further timer, and be ready at once"
    );
}

#[test]
fn the_last_one_is_called() {
    let mut reactor = Reactor::new(Sim::new(1));
    let handle = reactor.handle();
    let [first, last] = [(); 2].map(|()| Arc::new(Count::default()));
    let mut alarm = pin!(alarm(&handle, tenths(1)));
    for count in [&first, &last] {
        let waker = Waker::from(Arc::clone(count));
        let said = alarm.as_mut().poll(&mut Context::from_waker(&waker));
        assert!(said.is_pending(), "it must be pending before its time");
    }
    pass(&mut reactor, &handle, tenths(3));
    assert_eq!(
        (first.calls(), last.calls()),
        (0, 1),
        "polled by a first waker and then by another: (calls of the first, calls of the last) is wrong, only the last one waits"
    );
}

#[test]
fn dropped_it_leaves_nothing() {
    let mut reactor = Reactor::new(Sim::new(1));
    let handle = reactor.handle();
    pass(&mut reactor, &handle, tenths(1));
    {
        let mut alarm = pin!(alarm(&handle, tenths(36_000)));
        for _ in 0..3 {
            let said = alarm.as_mut().poll(&mut Context::from_waker(Waker::noop()));
            assert!(said.is_pending(), "it must be pending before its time");
        }
    }
    reactor
        .turn(Some(Duration::ZERO))
        .expect("a turn without a wait");
    assert_eq!(
        reactor.next_deadline(),
        None,
        "the alarm was dropped, but its timer is still set"
    );
}

/// So many clones of one alarm of 0.1 s, each polled with a waker of its own.
fn polled(handle: &Handle, number: usize) -> Vec<(Pin<Box<Alarm>>, Arc<Count>)> {
    let first = alarm(handle, tenths(1));
    let mut clones: Vec<_> = (1..number).map(|_| first.clone()).collect();
    clones.push(first);
    clones
        .into_iter()
        .map(|clone| {
            let (mut clone, count) = (Box::pin(clone), Arc::new(Count::default()));
            let waker = Waker::from(Arc::clone(&count));
            let said = clone.as_mut().poll(&mut Context::from_waker(&waker));
            assert!(said.is_pending(), "a clone must be pending before its time");
            (clone, count)
        })
        .collect()
}

fn calls(clones: &[(Pin<Box<Alarm>>, Arc<Count>)]) -> Vec<usize> {
    clones.iter().map(|(_, count)| count.calls()).collect()
}

#[test]
fn all_who_wait_are_called() {
    let mut reactor = Reactor::new(Sim::new(1));
    let handle = reactor.handle();
    let mut clones = polled(&handle, 3);
    // The second one goes to another task.
    let other = Arc::new(Count::default());
    let waker = Waker::from(Arc::clone(&other));
    let said = clones[1].0.as_mut().poll(&mut Context::from_waker(&waker));
    assert!(said.is_pending(), "a clone must be pending before its time");
    pass(&mut reactor, &handle, tenths(3));
    assert_eq!(
        (calls(&clones), other.calls()),
        (vec![1, 0, 1], 1),
        "(calls of three wakers, of the one to which the second clone went) each of the tasks that wait is called once, with the waker of its clone's last poll"
    );
    let late = clones[0].0.clone();
    let all = clones.into_iter().map(|clone| clone.0).chain([late]);
    for mut clone in all {
        let said = clone.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert!(
            said.is_ready(),
            "it has rung: all clones are ready, also one that was made later"
        );
    }
}

#[test]
fn a_clone_that_is_dropped_takes_its_waker_along() {
    let mut reactor = Reactor::new(Sim::new(1));
    let handle = reactor.handle();
    for gone in 0..2 {
        let mut clones = polled(&handle, 2);
        let (alarm, dropped) = clones.remove(gone);
        drop(alarm);
        pass(&mut reactor, &handle, tenths(3));
        assert_eq!(
            calls(&clones),
            [1],
            "(calls of the waker of the other) one of two clones was dropped, number {gone}: the other one rings all the same"
        );
        assert_eq!(
            dropped.calls(),
            0,
            "(calls) clone {gone} of two was dropped, and its waker was called"
        );
    }
}

#[test]
fn clones_set_no_timer_and_leave_none() {
    let mut reactor = Reactor::new(Sim::new(1));
    let handle = reactor.handle();
    pass(&mut reactor, &handle, tenths(1));
    let clones = polled(&handle, 3);
    let mut deadlines = 0;
    for (clone, _) in clones {
        let turn = reactor.turn(Some(Duration::ZERO));
        turn.expect("a turn without a wait");
        deadlines += usize::from(reactor.next_deadline().is_some());
        drop(clone);
    }
    let turn = reactor.turn(Some(Duration::ZERO));
    turn.expect("a turn without a wait");
    assert_eq!(
        deadlines, 3,
        "one of two clones was dropped, or two of three, and the timer is gone with it"
    );
    assert_eq!(
        reactor.next_deadline(),
        None,
        "all three clones were dropped, but its timer is still set"
    );
}

#[test]
fn a_waker_may_poll_back() {
    let mut reactor = Reactor::new(Sim::new(1));
    let handle = reactor.handle();
    let shown = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        poll_back(&mut reactor, &handle)
    }));
    assert!(
        matches!(shown, Ok(Ok(true))),
        "a waker may poll, clone and drop the alarm at once, so nothing may be borrowed while it is called: {}",
        match shown {
            Err(_) => "there was a panic",
            Ok(_) => "it was not ready",
        }
    );
}

/// A waker must be `Send`, and the alarm is not. So the alarm stands in a thread-local, where the waker finds it.
fn poll_back(reactor: &mut Reactor, handle: &Handle) -> io::Result<bool> {
    use std::cell::RefCell;
    type Boxed = Pin<Box<Alarm>>;
    thread_local! {
        static ALARM: RefCell<Option<Boxed>> = const { RefCell::new(None) };
        static READY: RefCell<bool> = const { RefCell::new(false) };
    }
    struct PollBack;
    impl Wake for PollBack {
        fn wake(self: Arc<Self>) {
            ALARM.with_borrow_mut(|alarm| {
                let alarm = alarm.as_mut().expect("it is there");
                let said = alarm.as_mut().poll(&mut Context::from_waker(Waker::noop()));
                READY.replace(said.is_ready());
                drop(alarm.clone());
            });
        }
    }
    let mut boxed: Boxed = Box::pin(alarm(handle, tenths(1)));
    let waker = Waker::from(Arc::new(PollBack));
    let said = boxed.as_mut().poll(&mut Context::from_waker(&waker));
    assert!(said.is_pending(), "it must be pending before its time");
    ALARM.replace(Some(boxed));
    pass(reactor, handle, tenths(2));
    let ready = READY.take();
    drop(ALARM.take());
    Ok(ready)
}

#[test]
fn it_can_move_from_one_task_to_another() {
    let mut reactor = Reactor::new(Sim::new(1));
    let handle = reactor.handle();
    let h = handle.clone();
    let result = block_on(&mut reactor, async {
        let mut nap = Box::pin(alarm(&handle, tenths(5)));
        // The first task waits for it a while, and passes it on.
        let _ = timeout(&handle, tenths(1), nap.as_mut()).await;
        let second = spawn(&handle, async move {
            nap.await;
            Ok(h.now().as_millis())
        });
        second.await
    });
    assert!(
        matches!(result, Ok(500)),
        "begun in one task and awaited to its end in another, it must ring after 0.5 s: {result:?}; only the last one waits"
    );
}

//! What the pocket's tasks promise, each with a test.
mod limit;
use limit::run;
use pocket::deferred::{Deferred, Failure};
use pocket::reactor::{Handle, Reactor};
use pocket::task::{Tasks, sleep};
use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};
use std::time::Duration;

const MS: Duration = Duration::from_millis(1);
const HOUR: Duration = Duration::from_secs(3600);

#[test]
fn tasks_sleep_side_by_side_and_await_deferreds() {
    let mut reactor = Reactor::new().unwrap();
    let h = reactor.handle();
    let tasks = Tasks::new(&h).unwrap();
    let said = Rc::new(RefCell::new(Vec::new()));
    let nap = |name: &'static str, time: Duration| {
        let (h, said) = (h.clone(), said.clone());
        tasks.spawn(async move {
            sleep(&h, time).await;
            said.borrow_mut().push(name);
            Ok(name.len())
        })
    };
    let (slow, fast, other) = (nap("slow", HOUR), nap("fast", MS), nap("other", MS));
    let end = tasks.spawn(async move {
        let sum = fast.await? + other.await?;
        Err::<(), Failure>(format!("{sum} in all").into())
    });
    let (log, stop) = (said.clone(), h.clone());
    end.on_result(move |result| {
        assert_eq!(result.unwrap_err().to_string(), "9 in all");
        log.borrow_mut().push("end");
        stop.stop();
    });
    assert!(said.borrow().is_empty(), "spawn ran something at once");
    run(&mut reactor);
    assert_eq!(*said.borrow(), ["fast", "other", "end"]);
    slow.on_result(drop);
}

#[test]
fn the_time_of_a_sleep_counts_from_the_call() {
    let mut reactor = Reactor::new().unwrap();
    let h = reactor.handle();
    let tasks = Tasks::new(&h).unwrap();
    let (mut nap, mut polls) = (Box::pin(sleep(&h, Duration::ZERO)), 0);
    in_turns(&h, 5, move |h| {
        let stop = h.clone();
        let task = tasks.spawn(poll_fn(move |context| {
            polls += 1;
            nap.as_mut().poll(context).map(|()| Ok(polls))
        }));
        task.on_result(move |polls| {
            assert_eq!(polls.unwrap(), 1, "it was over before it was polled");
            stop.stop();
        });
    });
    run(&mut reactor);
}

#[test]
fn a_sleep_is_never_too_short() {
    let mut reactor = Reactor::new().unwrap();
    let h = reactor.handle();
    let before = std::time::Instant::now();
    let nap = sleep(&h, 20 * MS);
    let end = Tasks::new(&h).unwrap().spawn(async move {
        nap.await;
        Ok(before.elapsed())
    });
    end.on_result(move |took| {
        assert!(took.unwrap() >= 20 * MS, "it woke too early");
        h.stop();
    });
    run(&mut reactor);
}

/// A future that is ready at its second poll, and leaves its waker.
fn second_poll(wakers: Rc<RefCell<Vec<Waker>>>, polls: Rc<Cell<u32>>) -> impl Future<Output = ()> {
    poll_fn(move |context| {
        polls.set(polls.get() + 1);
        wakers.borrow_mut().push(context.waker().clone());
        if polls.get() > 1 { Poll::Ready(()) } else { Poll::Pending }
    })
}

fn in_turns(h: &Handle, turns: usize, call: impl FnOnce(&Handle) + 'static) {
    match turns {
        0 => call(h),
        _ => h.call_soon(move |h| in_turns(h, turns - 1, call)),
    }
}

#[test]
fn a_task_is_polled_once_when_it_begins_and_then_only_when_it_is_woken() {
    let mut reactor = Reactor::new().unwrap();
    let h = reactor.handle();
    let (wakers, polls) = (Rc::new(RefCell::new(Vec::new())), Rc::new(Cell::new(0)));
    let future = second_poll(wakers.clone(), polls.clone());
    let end = Tasks::new(&h).unwrap().spawn(async {
        future.await;
        Ok(())
    });
    let (seen, late) = (polls.clone(), wakers.clone());
    in_turns(&h, 20, move |_| {
        assert_eq!(seen.get(), 1, "20 turns, and it was not woken");
        wakers.borrow()[0].wake_by_ref();
    });
    end.on_result(move |_| {
        late.borrow()[0].wake_by_ref(); // too late: it has ended
        in_turns(&h, 20, |h| h.stop());
    });
    run(&mut reactor);
    assert_eq!(polls.get(), 2);
}

#[test]
fn a_thread_may_wake_a_task() {
    let mut reactor = Reactor::new().unwrap();
    let h = reactor.handle();
    let mut polls = 0;
    let done = Tasks::new(&h).unwrap().spawn(poll_fn(move |context| {
        polls += 1;
        if polls > 1 {
            return Poll::Ready(Ok(polls));
        }
        let waker = context.waker().clone();
        std::thread::spawn(move || waker.wake());
        Poll::Pending
    }));
    done.on_result(move |polls| {
        assert_eq!(polls.unwrap(), 2);
        h.stop();
    });
    run(&mut reactor);
}

#[test]
fn a_task_that_wakes_itself_while_it_is_polled_is_polled_again_and_others_have_their_turn() {
    let mut reactor = Reactor::new().unwrap();
    let h = reactor.handle();
    let tasks = Tasks::new(&h).unwrap();
    let said = Rc::new(RefCell::new(String::new()));
    let both = ['a', 'b'].map(|name| {
        let (said, mut left) = (said.clone(), 3);
        tasks.spawn(poll_fn(move |context| {
            said.borrow_mut().push(name);
            left -= 1;
            context.waker().wake_by_ref();
            if left == 0 { Poll::Ready(Ok(())) } else { Poll::Pending }
        }))
    });
    let [a, b] = both;
    tasks
        .spawn(async move {
            a.await?;
            b.await
        })
        .on_result(move |_| h.stop());
    run(&mut reactor);
    assert_eq!(*said.borrow(), "ababab");
}

#[test]
fn a_task_may_begin_another_and_drop_the_deferred_of_its_own() {
    let mut reactor = Reactor::new().unwrap();
    let h = reactor.handle();
    let tasks = Tasks::new(&h).unwrap();
    let inner = tasks.clone();
    drop(tasks.spawn(async move {
        let seven = inner.spawn(async { Ok(7) }).await?;
        assert_eq!(seven, 7);
        h.stop();
        Ok(())
    }));
    run(&mut reactor);
}

#[test]
fn a_deferred_that_has_fired_is_awaited_without_a_wake() {
    let mut reactor = Reactor::new().unwrap();
    let h = reactor.handle();
    let end = Tasks::new(&h).unwrap().spawn(async {
        let value = Deferred::succeed(1).await?;
        let failed = Deferred::<u8>::from(Err("broken".into())).await;
        assert_eq!(failed.unwrap_err().to_string(), "broken");
        Ok(value)
    });
    let turns = Rc::new(Cell::new(None));
    let (seen, stop) = (turns.clone(), h.clone());
    end.on_result(move |value| seen.set(Some(value.unwrap())));
    in_turns(&h, 2, move |_| stop.stop());
    run(&mut reactor);
    assert_eq!(turns.get(), Some(1), "it took more than one poll");
}

#[test]
fn a_task_that_waits_for_a_broken_promise_ends() {
    let mut reactor = Reactor::new().unwrap();
    let h = reactor.handle();
    let (resolver, deferred) = Deferred::<()>::new();
    let end = Tasks::new(&h).unwrap().spawn(async { deferred.await });
    h.call_later(MS, move |_| drop(resolver));
    end.on_result(move |result| {
        assert_eq!(result.unwrap_err().to_string(), "the promise was dropped");
        h.stop();
    });
    run(&mut reactor);
}

#[test]
fn the_last_of_two_wakers_is_the_one_that_is_woken() {
    // A future may move from task to task between two polls.
    let mut reactor = Reactor::new().unwrap();
    let h = reactor.handle();
    let tasks = Tasks::new(&h).unwrap();
    let (resolver, deferred) = Deferred::<u8>::new();
    let awaited = Rc::new(RefCell::new(Box::pin(deferred.into_future())));
    let other = awaited.clone();
    drop(tasks.spawn::<(), _>(poll_fn(move |context| {
        let _ = awaited.borrow_mut().as_mut().poll(context);
        Poll::Pending // for ever
    })));
    let end = tasks.spawn(poll_fn(move |context| other.borrow_mut().as_mut().poll(context)));
    h.call_later(MS, move |_| resolver.callback(5));
    end.on_result(move |value| {
        assert_eq!(value.unwrap(), 5);
        h.stop();
    });
    run(&mut reactor);
}

#[test]
fn the_end_of_a_run_drops_the_tasks() {
    let mut reactor = Reactor::new().unwrap();
    let h = reactor.handle();
    let kept = Rc::new(());
    let weak = Rc::downgrade(&kept);
    let far = sleep(&h, HOUR);
    let end = Tasks::new(&h).unwrap().spawn(async move {
        far.await;
        drop(kept);
        Ok(())
    });
    in_turns(&h, 3, |h| h.stop());
    run(&mut reactor);
    assert!(weak.upgrade().is_none());
    let said = Rc::new(RefCell::new(String::new()));
    let log = said.clone();
    end.on_result(move |result| *log.borrow_mut() = result.unwrap_err().to_string());
    assert_eq!(*said.borrow(), "the promise was dropped");
}

/// Given up before its first poll, after it, and in a task that ends first. In a process of its
/// own: a report goes to standard error.
#[test]
fn a_sleep_that_is_given_up_is_no_unhandled_failure() {
    const CHILD: &str = "POCKET_GIVEN_UP";
    if std::env::var_os(CHILD).is_none() {
        let me = std::env::current_exe().unwrap();
        let name = "a_sleep_that_is_given_up_is_no_unhandled_failure";
        let mut child = std::process::Command::new(me);
        let output = child.args(["--exact", "--nocapture", name]).env(CHILD, "1").output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.contains("the run is over"), "{said}");
        assert!(!said.contains("unhandled"), "{said}");
        return;
    }
    let mut reactor = Reactor::new().unwrap();
    let h = reactor.handle();
    drop(sleep(&h, HOUR));
    let (first, second) = (sleep(&h, HOUR), sleep(&h, HOUR));
    let tasks = Tasks::new(&h).unwrap();
    let end = tasks.spawn(async move {
        let (mut first, _second) = (Box::pin(first), second);
        let polled = poll_fn(|context| Poll::Ready(first.as_mut().poll(context)));
        assert!(polled.await.is_pending());
        Ok(())
    });
    end.on_result(move |_| h.stop());
    run(&mut reactor);
    eprintln!("the run is over");
}

//! Wakes twice, late, in order, from inside and from another thread.
use std::{
    cell::{Cell, RefCell},
    future::poll_fn,
    rc::Rc,
    sync::mpsc,
    task::{Poll, Waker},
    thread,
    time::Duration,
};
use waker_by_hand::Tasks;

/// A task that is never ready: its waker, and how often it was polled.
#[derive(Clone, Default)]
struct Watched {
    waker: Rc<RefCell<Option<Waker>>>,
    polls: Rc<Cell<usize>>,
}

impl Watched {
    fn begin(tasks: &mut Tasks) -> Watched {
        let watched = Watched::default();
        let inside = watched.clone();
        tasks.spawn(poll_fn(move |context| {
            inside.polls.set(inside.polls.get() + 1);
            *inside.waker.borrow_mut() = Some(context.waker().clone());
            Poll::Pending
        }));
        tasks.poll_ready();
        assert_eq!(
            watched.polls.get(),
            1,
            "the first poll is owed: `spawn` wakes once"
        );
        watched
    }

    fn waker(&self) -> Waker {
        self.waker.borrow().clone().expect("it has been polled")
    }
}

/// Runs what may block for ever in a thread of its own.
fn in_time<T: Send + 'static>(what: &str, run: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || sender.send(run()));
    match receiver.recv_timeout(Duration::from_secs(4)) {
        Ok(value) => value,
        Err(_) => panic!("{what} ended in a deadlock, or in a panic"),
    }
}

#[test]
fn a_task_is_polled_when_it_is_woken_and_only_then() {
    let polls = in_time("a task that is woken again and again", || {
        let mut tasks = Tasks::default();
        let (one, other) = (Watched::begin(&mut tasks), Watched::begin(&mut tasks));
        for _ in 0..3 {
            one.waker().wake_by_ref();
            tasks.poll_ready();
            tasks.poll_ready();
        }
        (one.polls.get(), other.polls.get())
    });
    assert_eq!(polls.1, 1, "a task was polled, although nothing woke it");
    assert_eq!(
        polls.0, 4,
        "a task was woken three times after its first poll, and was not polled again each time"
    );
}

#[test]
fn several_wakes_are_one_poll() {
    let polls = in_time("a task that is woken three times", || {
        let mut tasks = Tasks::default();
        let task = Watched::begin(&mut tasks);
        let waker = task.waker();
        waker.wake_by_ref();
        let clone = waker.clone();
        waker.wake();
        clone.wake();
        (tasks.poll_ready(), tasks.poll_ready())
    });
    assert_eq!(
        polls,
        (1, 0),
        "a task was woken three times and polled so often, at first and later"
    );
}

#[test]
fn a_task_that_wakes_itself_while_it_is_polled_is_polled_the_next_time() {
    let polls = in_time("a task that wakes itself", || {
        let mut tasks = Tasks::default();
        let mut left = 3;
        tasks.spawn(poll_fn(move |context| {
            left -= 1;
            context.waker().wake_by_ref();
            match left {
                0 => Poll::Ready(()),
                _ => Poll::Pending,
            }
        }));
        let polls: Vec<usize> = (0..5).map(|_| tasks.poll_ready()).collect();
        (polls, tasks.len())
    });
    assert_eq!(
        polls.0,
        [1, 1, 1, 0, 0],
        "a task that wakes itself was not polled again, or too often"
    );
    assert_eq!(polls.1, 0, "the task is still there");
}

#[test]
fn tasks_are_polled_in_the_order_in_which_they_were_woken() {
    let order = in_time("waking five tasks", || {
        let mut tasks = Tasks::default();
        let order = Rc::new(RefCell::new(Vec::new()));
        let wakers = Rc::new(RefCell::new(Vec::new()));
        for number in 0..5 {
            let (order, wakers) = (order.clone(), wakers.clone());
            tasks.spawn(poll_fn(move |context| {
                order.borrow_mut().push(number);
                wakers.borrow_mut().push(context.waker().clone());
                Poll::Pending
            }));
        }
        tasks.poll_ready();
        let first = order.take();
        if first.len() < 5 {
            return first;
        }
        let wakers = wakers.take();
        for number in [3, 1, 4, 1, 0] {
            wakers[number].wake_by_ref();
        }
        tasks.poll_ready();
        order.take()
    });
    assert_ne!(
        order,
        [0],
        "the first poll is owed, and four of five tasks were not polled"
    );
    assert_eq!(
        order,
        [3, 1, 4, 0],
        "tasks are polled in the order in which they were woken"
    );
}

#[test]
fn a_thread_may_wake_and_a_late_wake_does_nothing() {
    let polls = in_time("a wake from a thread", || {
        let mut tasks = Tasks::default();
        let (sender, receiver) = mpsc::channel();
        let mut sender = Some(sender);
        tasks.spawn(poll_fn(move |context| match sender.take() {
            Some(sender) => {
                let _ = sender.send(context.waker().clone());
                Poll::Pending
            }
            None => Poll::Ready(()),
        }));
        tasks.poll_ready();
        let waker = receiver.recv().expect("its waker");
        let late = waker.clone();
        let _ = thread::spawn(move || waker.wake()).join();
        let polls = tasks.poll_ready();
        late.wake();
        (polls, tasks.poll_ready(), tasks.len())
    });
    assert_eq!(
        polls.0, 1,
        "a task was woken by a thread, and was not polled again"
    );
    assert_eq!(polls.1, 0, "a task that is over was polled");
    assert_eq!(polls.2, 0, "the task is still there");
}

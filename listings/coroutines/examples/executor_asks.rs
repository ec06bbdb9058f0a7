//! An executor, first step: a queue of futures, polled again and again.
use std::{
    collections::VecDeque,
    future::Future,
    pin::Pin,
    task::{Context, Poll, Waker},
    time::{Duration, Instant},
};

// ANCHOR: executor
type Task = Pin<Box<dyn Future<Output = ()>>>;

#[derive(Default)]
struct Executor {
    tasks: VecDeque<Task>,
    polls: usize,
}

impl Executor {
    fn spawn(&mut self, future: impl Future<Output = ()> + 'static) {
        self.tasks.push_back(Box::pin(future));
    }

    fn run(&mut self) {
        let mut context = Context::from_waker(Waker::noop());
        while let Some(mut task) = self.tasks.pop_front() {
            self.polls += 1;
            if task.as_mut().poll(&mut context).is_pending() {
                self.tasks.push_back(task);
            }
        }
    }
}
// ANCHOR_END: executor

// ANCHOR: nap
/// Ready when the time has come, and until then pending.
struct Nap {
    until: Instant,
}

fn nap(time: Duration) -> Nap {
    let until = Instant::now() + time;
    Nap { until }
}

impl Future for Nap {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        match Instant::now() >= self.until {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    }
}
// ANCHOR_END: nap

// ANCHOR: use
async fn greet(name: &str, tenths: u64) {
    println!("good night, {name}");
    nap(Duration::from_millis(100 * tenths)).await;
    println!("good morning, {name}");
}

fn main() {
    let mut executor = Executor::default();
    executor.spawn(greet("Ada", 2));
    executor.spawn(greet("Grace", 1));
    executor.run();
    println!("{} polls", executor.polls);
}
// ANCHOR_END: use

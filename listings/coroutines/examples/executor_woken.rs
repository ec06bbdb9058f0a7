//! An executor, second step: it polls those that were woken, and sleeps until there is one.
use std::{
    collections::HashMap,
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        mpsc::{Receiver, Sender, channel},
    },
    task::{Context, Poll, Wake, Waker},
    thread,
    time::{Duration, Instant},
};

// ANCHOR: executor
type Task = Pin<Box<dyn Future<Output = ()>>>;

/// A waker knows the number of its task, and where to send it.
struct TaskWaker {
    number: usize,
    woken: Sender<usize>,
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        let _ = self.woken.send(self.number); // nobody listens when all is over
    }
}

struct Executor {
    tasks: HashMap<usize, (Task, Waker)>,
    woken: Receiver<usize>,
    sender: Sender<usize>,
    made: usize,
    polls: usize,
}

impl Executor {
    fn new() -> Executor {
        let (sender, woken) = channel();
        let tasks = HashMap::new();
        Executor {
            tasks,
            woken,
            sender,
            made: 0,
            polls: 0,
        }
    }

    fn spawn(&mut self, future: impl Future<Output = ()> + 'static) {
        let number = self.made;
        self.made += 1;
        let woken = self.sender.clone();
        let waker = Waker::from(Arc::new(TaskWaker { number, woken }));
        waker.wake_by_ref(); // the first poll is owed
        self.tasks.insert(number, (Box::pin(future), waker));
    }

    fn run(&mut self) {
        while !self.tasks.is_empty() {
            let number = self.woken.recv().expect("we have a sender"); // here it sleeps
            let Some((task, waker)) = self.tasks.get_mut(&number) else {
                continue; // woken when it was over
            };
            self.polls += 1;
            let mut context = Context::from_waker(waker);
            if task.as_mut().poll(&mut context).is_ready() {
                self.tasks.remove(&number);
            }
        }
    }
}
// ANCHOR_END: executor

// ANCHOR: nap
/// Ready when the time has come; a thread wakes it then.
struct Nap {
    until: Instant,
}

fn nap(time: Duration) -> Nap {
    let until = Instant::now() + time;
    Nap { until }
}

impl Future for Nap {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Poll::Ready(());
        }
        let waker = context.waker().clone();
        thread::spawn(move || {
            thread::sleep(left);
            waker.wake();
        });
        Poll::Pending
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
    let mut executor = Executor::new();
    executor.spawn(greet("Ada", 2));
    executor.spawn(greet("Grace", 1));
    executor.run();
    println!("{} polls", executor.polls);
}
// ANCHOR_END: use

//! What tasks cost, beside tokio's current_thread runtime and its LocalSet: spawning, yielding, wakes across threads.
use coroutines::{block_on, spawn, yield_now};
use deferreds::Failure;
use reactor::{Handle, Os, Reactor};
use std::{
    future::{Future, poll_fn},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
    task::{Poll, Waker},
    thread,
    time::Duration,
};
use tokio::{
    runtime::{Builder, Runtime},
    task::LocalSet,
};

const TASKS: u64 = 100_000;
const YIELDS: u64 = 1_000_000;
const YIELDERS: u64 = 100;
const WAKES: u64 = 1_000_000;
const BURST: u64 = 100;
const ROUNDS: u64 = 50_000;

fn main() {
    let all = std::env::args().nth(1);
    let only = |name: &str| all.as_deref().is_none_or(|only| only == name);
    if only("spawn") {
        println!("100,000 tasks, spawned and awaited one after the other");
        compare(best(5, TASKS, [tokio_awaited, local_awaited, our_awaited]));
        println!();
    }
    if only("drop") {
        println!("100,000 tasks, spawned and left alone until all are done");
        compare(best(5, TASKS, [tokio_left, local_left, our_left]));
        println!();
    }
    if only("yield") {
        println!("1,000,000 yields of 100 tasks");
        compare(best(5, YIELDS, [tokio_yields, local_yields, our_yields]));
        println!();
    }
    if only("alone") {
        println!("1,000,000 yields of one task");
        compare(best(3, YIELDS, [tokio_alone, local_alone, our_alone]));
        println!();
    }
    if only("wakes") {
        println!(
            "1,000,000 wakes from another thread, 100 tasks at a time, each answered by a poll"
        );
        compare(best(3, WAKES, [tokio_wakes, local_wakes, our_wakes]));
        println!();
    }
    if only("ping") {
        println!("50,000 round trips between a task and a thread");
        compare(best(3, ROUNDS, [tokio_pings, local_pings, our_pings]));
    }
}

/// Nanoseconds for one of `count`, for each contestant in its best round. They take turns, so that other work on the
/// machine disturbs all of them.
fn best<const N: usize>(rounds: usize, count: u64, work: [fn(u64) -> Duration; N]) -> [f64; N] {
    let mut best = [f64::INFINITY; N];
    for _ in 0..rounds {
        for (best, work) in best.iter_mut().zip(work) {
            *best = best.min(work(count).as_nanos() as f64 / count as f64);
        }
    }
    best
}

fn compare([runtime, local, ours]: [f64; 3]) {
    row("tokio, current_thread", runtime);
    row("tokio, LocalSet", local);
    row("ours", ours);
    goal("beside current_thread", ours / runtime, 1.0);
    goal("beside LocalSet", ours / local, 1.0);
}

/// The processor time of this thread: what else runs on the machine does not count.
fn cpu() -> Duration {
    nix::time::clock_gettime(nix::time::ClockId::CLOCK_THREAD_CPUTIME_ID)
        .unwrap()
        .into()
}

/// The processor time of all threads of this process.
fn cpu_of_all() -> Duration {
    nix::time::clock_gettime(nix::time::ClockId::CLOCK_PROCESS_CPUTIME_ID)
        .unwrap()
        .into()
}

fn row(name: &str, nanos: f64) {
    println!("  {name:<44} {nanos:>6.0} ns");
}

fn goal(beside: &str, ratio: f64, most: f64) {
    let verdict = if ratio <= most { "reached" } else { "missed" };
    println!("  {beside:<44} {ratio:>6.2} times (goal: at most {most}, {verdict})");
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// Time for `work` on tokio's current_thread runtime.
fn on_tokio(work: impl Future<Output = ()>) -> Duration {
    let runtime = runtime();
    let start = cpu();
    runtime.block_on(work);
    cpu() - start
}

/// Time for `work` in a LocalSet on that.
fn on_local(work: impl Future<Output = ()>) -> Duration {
    let (runtime, local) = (runtime(), LocalSet::new());
    let start = cpu();
    local.block_on(&runtime, work);
    cpu() - start
}

/// Time for `work` on our reactor.
fn on_ours<F: Future<Output = Result<(), Failure>>>(work: impl FnOnce(Handle) -> F) -> Duration {
    let mut reactor = Reactor::new(Os::new().unwrap());
    let h = reactor.handle();
    let start = cpu();
    block_on(&mut reactor, work(h)).unwrap();
    cpu() - start
}

// ANCHOR: awaited
fn tokio_awaited(count: u64) -> Duration {
    on_tokio(async move {
        let tasks: Vec<_> = (0..count).map(|n| tokio::spawn(async move { n })).collect();
        let mut sum = 0;
        for task in tasks {
            sum += task.await.unwrap();
        }
        assert_eq!(sum, count * (count - 1) / 2);
    })
}

fn local_awaited(count: u64) -> Duration {
    on_local(async move {
        let tasks: Vec<_> = (0..count)
            .map(|n| tokio::task::spawn_local(async move { n }))
            .collect();
        let mut sum = 0;
        for task in tasks {
            sum += task.await.unwrap();
        }
        assert_eq!(sum, count * (count - 1) / 2);
    })
}

fn our_awaited(count: u64) -> Duration {
    on_ours(async move |h| {
        let tasks: Vec<_> = (0..count)
            .map(|n| spawn(&h, async move { Ok(n) }))
            .collect();
        let mut sum = 0;
        for task in tasks {
            sum += task.await?;
        }
        assert_eq!(sum, count * (count - 1) / 2);
        Ok(())
    })
}
// ANCHOR_END: awaited

/// Wakes who waits once `count` have arrived.
struct Gate {
    left: AtomicU64,
    waiting: Mutex<Option<Waker>>,
}

impl Gate {
    fn new(count: u64) -> Arc<Gate> {
        Arc::new(Gate {
            left: AtomicU64::new(count),
            waiting: Mutex::new(None),
        })
    }

    fn arrive(&self) {
        if self.left.fetch_sub(1, Ordering::AcqRel) == 1
            && let Some(waiting) = self.waiting.lock().unwrap().take()
        {
            waiting.wake();
        }
    }

    async fn all(&self) {
        poll_fn(|context| {
            *self.waiting.lock().unwrap() = Some(context.waker().clone());
            match self.left.load(Ordering::Acquire) {
                0 => Poll::Ready(()),
                _ => Poll::Pending,
            }
        })
        .await
    }
}

fn tokio_left(count: u64) -> Duration {
    on_tokio(async move {
        let gate = Gate::new(count);
        for _ in 0..count {
            let gate = gate.clone();
            drop(tokio::spawn(async move { gate.arrive() }));
        }
        gate.all().await;
    })
}

fn local_left(count: u64) -> Duration {
    on_local(async move {
        let gate = Gate::new(count);
        for _ in 0..count {
            let gate = gate.clone();
            drop(tokio::task::spawn_local(async move { gate.arrive() }));
        }
        gate.all().await;
    })
}

fn our_left(count: u64) -> Duration {
    on_ours(async move |h| {
        let gate = Gate::new(count);
        for _ in 0..count {
            let gate = gate.clone();
            drop(spawn(&h, async move {
                gate.arrive();
                Ok(())
            }));
        }
        gate.all().await;
        Ok(())
    })
}

// ANCHOR: yields
async fn tokio_yield(times: u64, gate: Arc<Gate>) {
    for _ in 0..times {
        tokio::task::yield_now().await;
    }
    gate.arrive();
}

async fn our_yield(times: u64, gate: Arc<Gate>) -> Result<(), Failure> {
    for _ in 0..times {
        yield_now().await;
    }
    gate.arrive();
    Ok(())
}
// ANCHOR_END: yields

fn tokio_yields(count: u64) -> Duration {
    on_tokio(async move {
        let gate = Gate::new(YIELDERS);
        for _ in 0..YIELDERS {
            drop(tokio::spawn(tokio_yield(count / YIELDERS, gate.clone())));
        }
        gate.all().await;
    })
}

fn local_yields(count: u64) -> Duration {
    on_local(async move {
        let gate = Gate::new(YIELDERS);
        for _ in 0..YIELDERS {
            let task = tokio_yield(count / YIELDERS, gate.clone());
            drop(tokio::task::spawn_local(task));
        }
        gate.all().await;
    })
}

fn our_yields(count: u64) -> Duration {
    on_ours(async move |h| {
        let gate = Gate::new(YIELDERS);
        for _ in 0..YIELDERS {
            drop(spawn(&h, our_yield(count / YIELDERS, gate.clone())));
        }
        gate.all().await;
        Ok(())
    })
}

fn tokio_alone(count: u64) -> Duration {
    on_tokio(async move {
        let task = tokio::spawn(tokio_yield(count, Gate::new(1)));
        task.await.unwrap();
    })
}

fn local_alone(count: u64) -> Duration {
    on_local(async move {
        let task = tokio::task::spawn_local(tokio_yield(count, Gate::new(1)));
        task.await.unwrap();
    })
}

fn our_alone(count: u64) -> Duration {
    on_ours(async move |h| spawn(&h, our_yield(count, Gate::new(1))).await)
}

/// Tasks that another thread wakes, a burst at a time, and what both sides have counted.
struct Bells {
    wakers: Mutex<Vec<Waker>>,
    polls: AtomicU64,
    ringer: thread::Thread,
}

impl Bells {
    /// One task. It counts its polls; the last one to hear a burst tells the thread.
    async fn listen(self: Arc<Self>, bursts: u64, gate: Arc<Gate>) {
        let mut left = bursts;
        let mut first = true;
        poll_fn(|context| {
            if std::mem::take(&mut first) {
                self.wakers.lock().unwrap().push(context.waker().clone());
            } else {
                left -= 1;
            }
            let polls = self.polls.fetch_add(1, Ordering::AcqRel) + 1;
            if polls.is_multiple_of(BURST) {
                self.ringer.unpark();
            }
            if left == 0 {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
        gate.arrive();
    }

    /// Parks until all have been polled so often.
    fn heard(&self, times: u64) {
        while self.polls.load(Ordering::Acquire) < times * BURST {
            thread::park();
        }
    }
}

/// Has a thread wake 100 tasks `count / 100` times, each time when all have been polled.
fn with_bells(count: u64, run: impl FnOnce(Arc<Bells>, u64) -> Duration) -> Duration {
    let bursts = count / BURST;
    let (send, receive) = mpsc::channel::<Arc<Bells>>();
    let ringer = thread::spawn(move || {
        let bells = receive.recv().unwrap();
        bells.heard(1);
        let wakers = std::mem::take(&mut *bells.wakers.lock().unwrap());
        for burst in 1..=bursts {
            wakers.iter().for_each(Waker::wake_by_ref);
            bells.heard(burst + 1);
        }
    });
    let bells = Arc::new(Bells {
        wakers: Mutex::default(),
        polls: AtomicU64::new(0),
        ringer: ringer.thread().clone(),
    });
    send.send(bells.clone()).unwrap();
    all_threads(|| {
        run(bells, bursts);
        ringer.join().unwrap();
    })
}

fn tokio_wakes(count: u64) -> Duration {
    with_bells(count, |bells, bursts| {
        on_tokio(async move {
            let gate = Gate::new(BURST);
            for _ in 0..BURST {
                drop(tokio::spawn(bells.clone().listen(bursts, gate.clone())));
            }
            gate.all().await;
        })
    })
}

fn local_wakes(count: u64) -> Duration {
    with_bells(count, |bells, bursts| {
        on_local(async move {
            let gate = Gate::new(BURST);
            for _ in 0..BURST {
                let task = bells.clone().listen(bursts, gate.clone());
                drop(tokio::task::spawn_local(task));
            }
            gate.all().await;
        })
    })
}

fn our_wakes(count: u64) -> Duration {
    with_bells(count, |bells, bursts| {
        on_ours(async move |h| {
            let gate = Gate::new(BURST);
            for _ in 0..BURST {
                let task = bells.clone().listen(bursts, gate.clone());
                drop(spawn(&h, async {
                    task.await;
                    Ok(())
                }));
            }
            gate.all().await;
            Ok(())
        })
    })
}

/// A thread that answers each number that it is sent by waking the task.
struct Ponger {
    send: mpsc::Sender<Waker>,
    rung: Arc<AtomicU64>,
}

impl Ponger {
    fn start() -> Ponger {
        let (send, receive) = mpsc::channel::<Waker>();
        let rung = Arc::<AtomicU64>::default();
        let ring = rung.clone();
        thread::spawn(move || {
            for waker in receive {
                ring.fetch_add(1, Ordering::Release);
                waker.wake();
            }
        });
        Ponger { send, rung }
    }

    async fn rounds(self, count: u64) {
        for round in 1..=count {
            let mut sent = false;
            poll_fn(|context| {
                if !std::mem::replace(&mut sent, true) {
                    self.send.send(context.waker().clone()).unwrap();
                }
                match self.rung.load(Ordering::Acquire) == round {
                    true => Poll::Ready(()),
                    false => Poll::Pending,
                }
            })
            .await;
        }
    }
}

fn all_threads(work: impl FnOnce()) -> Duration {
    let start = cpu_of_all();
    work();
    cpu_of_all() - start
}

fn tokio_pings(count: u64) -> Duration {
    all_threads(|| {
        on_tokio(async move {
            tokio::spawn(Ponger::start().rounds(count)).await.unwrap();
        });
    })
}

fn local_pings(count: u64) -> Duration {
    all_threads(|| {
        on_local(async move {
            let task = tokio::task::spawn_local(Ponger::start().rounds(count));
            task.await.unwrap();
        });
    })
}

fn our_pings(count: u64) -> Duration {
    all_threads(|| {
        on_ours(async move |h| {
            let task = spawn(&h, async move {
                Ponger::start().rounds(count).await;
                Ok(())
            });
            task.await
        });
    })
}

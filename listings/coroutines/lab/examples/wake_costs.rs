//! What a wake from another thread costs, beside tokio's current_thread runtime and its LocalSet.
use coroutines::spawn;
use coroutines_lab::measure::{
    Gate, all_threads, best, compare, on_local, on_ours, on_processors, on_tokio, own_processor,
};
use std::{
    future::poll_fn,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
    task::{Poll, Waker},
    thread,
    time::Duration,
};

const WAKES: u64 = 1_000_000;
const BURST: u64 = 100;
const ROUNDS: u64 = 50_000;

fn main() {
    for (apart, place) in [(false, "on one processor"), (true, "on two processors")] {
        if apart {
            println!();
        }
        println!("{WAKES} wakes from a thread, {BURST} tasks at a time, {place}");
        let wakes = [tokio_wakes, local_wakes, our_wakes];
        compare(on_processors(apart, || best(3, WAKES, wakes)));
        println!();
        println!("{ROUNDS} round trips between a task and a thread, {place}");
        let pings = [tokio_pings, local_pings, our_pings];
        compare(on_processors(apart, || best(3, ROUNDS, pings)));
    }
}

// ANCHOR: bells
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
        own_processor();
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

// ANCHOR_END: bells

/// A thread that answers each waker that it is sent by waking it.
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
            own_processor();
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

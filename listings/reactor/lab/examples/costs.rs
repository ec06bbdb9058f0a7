//! What the reactor costs, beside tokio, a plain heap and a bare poll: timers and an empty turn.
use reactor::{Os, Reactor, Sim};
use std::{
    cell::Cell,
    cmp::Reverse,
    collections::BinaryHeap,
    hint::black_box,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

const TIMERS: u64 = 1_000_000;
const TURNS: u64 = 1_000;

fn main() {
    println!("1,000,000 timers at random deadlines within a second, inserted and fired");
    let [heap, tokio, ours] = best(3, TIMERS, [plain_heap, tokio_sleeps, our_timers]);
    row("a heap of (time, sequence, boxed closure)", heap);
    row("tokio, a task that sleeps", tokio);
    row("ours, call_later", ours);
    goal("beside the heap", ours / heap, 2.0);
    goal("beside tokio", ours / tokio, 1.0);

    println!();
    println!("a timer that is inserted and cancelled");
    let [tokio, ours] = best(3, TIMERS, [tokio_cancels, our_cancels]);
    row("tokio, a sleep that is dropped", tokio);
    row("ours, call_later and cancel", ours);
    goal("beside tokio", ours / tokio, 1.0);

    println!();
    println!("a turn in which nothing happens");
    let [bare, ours] = best(300, TURNS, [empty_polls, empty_turns]);
    row("mio, poll with a timeout of zero", bare);
    row("ours, turn with a timeout of zero", ours);
    goal("beside mio", ours / bare, 1.6);
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

/// The processor time of this thread: what else runs on the machine does not count.
fn cpu() -> Duration {
    nix::time::clock_gettime(nix::time::ClockId::CLOCK_THREAD_CPUTIME_ID)
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

/// The same deadlines for everybody: whole milliseconds, for finer ones tokio does not tell apart.
fn deadlines(count: u64) -> impl Iterator<Item = Duration> {
    let mut x = 9_u64;
    (0..count).map(move |_| {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        Duration::from_millis(1 + x % 1000)
    })
}

// ANCHOR: ours
fn our_timers(count: u64) -> Duration {
    let mut reactor = Reactor::new(Sim::new(1));
    let handle = reactor.handle();
    let hits = Rc::new(Cell::new(0));
    let start = cpu();
    for delay in deadlines(count) {
        let hits = Rc::clone(&hits);
        handle.call_later(delay, move |_| hits.set(hits.get() + 1));
    }
    handle.call_later(Duration::from_millis(1100), |h| h.stop().unwrap());
    reactor.run().unwrap();
    assert_eq!(hits.get(), count);
    cpu() - start
}

fn our_cancels(count: u64) -> Duration {
    let reactor = Reactor::new(Sim::new(1));
    let handle = reactor.handle();
    let start = cpu();
    for delay in deadlines(count) {
        handle.call_later(delay, |_| ()).cancel().unwrap();
    }
    cpu() - start
}
// ANCHOR_END: ours

struct Entry(u64, u64, Box<dyn FnOnce()>);

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.0, self.1).cmp(&(other.0, other.1))
    }
}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.1 == other.1
    }
}

impl Eq for Entry {}

fn plain_heap(count: u64) -> Duration {
    let hits = Rc::new(Cell::new(0));
    let start = cpu();
    let mut heap = BinaryHeap::new();
    for (sequence, delay) in (0..).zip(deadlines(count)) {
        let hits = Rc::clone(&hits);
        let call = Box::new(move || hits.set(hits.get() + 1));
        heap.push(Reverse(Entry(delay.as_nanos() as u64, sequence, call)));
    }
    while let Some(Reverse(Entry(_, _, call))) = heap.pop() {
        call();
    }
    assert_eq!(hits.get(), count);
    cpu() - start
}

// ANCHOR: tokio
fn paused() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap()
}

fn tokio_sleeps(count: u64) -> Duration {
    let runtime = paused();
    let hits = Arc::new(AtomicU64::new(0));
    let start = cpu();
    runtime.block_on(async {
        for delay in deadlines(count) {
            let hits = Arc::clone(&hits);
            tokio::spawn(async move {
                tokio::time::sleep(delay).await;
                hits.fetch_add(1, Ordering::Relaxed);
            });
        }
        tokio::time::sleep(Duration::from_millis(1100)).await;
    });
    assert_eq!(hits.load(Ordering::Relaxed), count);
    cpu() - start
}

fn tokio_cancels(count: u64) -> Duration {
    let runtime = paused();
    let start = cpu();
    runtime.block_on(async {
        for delay in deadlines(count) {
            // A sleep is inserted when it is polled for the first time, and taken out when it is dropped.
            let mut sleep = Box::pin(tokio::time::sleep(delay));
            std::future::poll_fn(|context| {
                assert!(sleep.as_mut().poll(context).is_pending());
                std::task::Poll::Ready(())
            })
            .await;
        }
    });
    cpu() - start
}
// ANCHOR_END: tokio

fn empty_polls(count: u64) -> Duration {
    let mut poll = mio::Poll::new().unwrap();
    let mut events = mio::Events::with_capacity(1024);
    let start = cpu();
    for _ in 0..count {
        poll.poll(&mut events, Some(Duration::ZERO)).unwrap();
        black_box(events.is_empty());
    }
    cpu() - start
}

fn empty_turns(count: u64) -> Duration {
    let mut reactor = Reactor::new(Os::new().unwrap());
    let start = cpu();
    for _ in 0..count {
        black_box(reactor.turn(Some(Duration::ZERO)).unwrap());
    }
    cpu() - start
}

//! What a Deferred and a stage cost, beside tokio's oneshot, boxed futures, and Twisted where it is installed.
use deferreds::{Deferred, Failure};
use futures_util::{FutureExt, TryFutureExt, future, future::LocalBoxFuture};
use std::{
    hint::black_box,
    pin::pin,
    process::Command,
    task::{Context, Poll, Waker},
    time::Duration,
};
use tokio::sync::oneshot;

/// How many are made in one round, and how many rounds there are. The best round counts.
const MADE: u32 = 200_000;
const ROUNDS: usize = 15;

fn main() {
    println!("one result, made, fired and read");
    let [cheap, asked, ours] = best([oneshot_sent, oneshot_asked, one_callback]);
    row("tokio, oneshot: sent, then received", cheap);
    row("tokio, oneshot: asked, sent, received", asked);
    row("ours, Deferred: one callback, fired, read", ours);
    goal("beside the first", ours / cheap, 2.0);

    println!();
    println!("a stage in a chain of 10: built, run, dropped");
    let short = [
        one_block::<10>,
        boxed_map::<10>,
        boxed_and_then::<10>,
        callbacks::<10>,
    ];
    let [block, map, and_then, ours_short] = best(short);
    stages(block, map, and_then, ours_short);

    println!();
    println!("a stage in a chain of 1,000");
    let long = [
        one_block::<1000>,
        boxed_map::<1000>,
        boxed_and_then::<1000>,
        callbacks::<1000>,
    ];
    let [block, map, and_then, ours_long] = best(long);
    stages(block, map, and_then, ours_long);

    println!();
    println!("a stage that returns a Deferred which has fired, in a chain of 1,000");
    let [then, fired] = best([boxed_then::<1000>, returning::<1000>]);
    row("futures, boxed then", then);
    row("ours, add_callback", fired);

    println!();
    match twisted() {
        Err(why) => println!("Twisted is not compared: {why}"),
        Ok((version, [one, short, long])) => {
            println!("{version}");
            slower("one Deferred, one callback, fired, read", one, ours);
            slower("a stage in a chain of 10", short, ours_short);
            slower("a stage in a chain of 1,000", long, ours_long);
        }
    }
}

/// Nanoseconds for one, for each contestant in its best round. They take turns, so that other work on the machine
/// disturbs all of them.
fn best<const N: usize>(work: [fn(); N]) -> [f64; N] {
    let mut best = [f64::INFINITY; N];
    for _ in 0..ROUNDS {
        for (best, work) in best.iter_mut().zip(work) {
            let start = cpu();
            work();
            let took = cpu() - start;
            *best = best.min(took.as_nanos() as f64 / f64::from(MADE));
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
    println!("  {name:<44} {nanos:>6.1} ns");
}

fn goal(beside: &str, ratio: f64, most: f64) {
    let verdict = if ratio <= most { "reached" } else { "missed" };
    println!("  {beside:<44} {ratio:>6.2} times (goal: at most {most}, {verdict})");
}

fn stages(block: f64, map: f64, and_then: f64, ours: f64) {
    row("one async block that awaits in a loop", block);
    row("futures, boxed map: no failures", map);
    row("futures, boxed and_then: failures skip it", and_then);
    row("ours, add_callback", ours);
    goal("beside map", ours / map, 2.5);
}

fn slower(name: &str, theirs: f64, ours: f64) {
    let ratio = theirs / ours;
    let verdict = if ratio >= 10.0 { "reached" } else { "missed" };
    row(name, theirs);
    println!("    {ratio:.0} times as long as ours (goal: at least 10, {verdict})");
}

// ANCHOR: one
/// Asks once, as an executor would. No runtime is running: it would only add to the cost.
fn poll<F: Future>(future: F) -> Poll<F::Output> {
    pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}

fn oneshot_sent() {
    for number in 0..MADE {
        let (sender, receiver) = oneshot::channel();
        sender.send(black_box(number)).unwrap();
        assert_eq!(
            poll(receiver.map(|n| n.unwrap() + 1)),
            Poll::Ready(number + 1)
        );
    }
}

fn oneshot_asked() {
    for number in 0..MADE {
        let (sender, receiver) = oneshot::channel();
        let mut received = receiver.map(|n: Result<u32, _>| n.unwrap() + 1);
        assert!(poll(&mut received).is_pending());
        sender.send(black_box(number)).unwrap();
        assert_eq!(poll(received), Poll::Ready(number + 1));
    }
}

fn one_callback() {
    for number in 0..MADE {
        let (resolver, deferred) = Deferred::new();
        let deferred = deferred.add_callback(|n| Ok(n + 1));
        resolver.callback(black_box(number));
        assert_eq!(read(deferred), number + 1);
    }
}
// ANCHOR_END: one

fn read(deferred: Deferred<u32>) -> u32 {
    deferred.into_result().unwrap().unwrap()
}

fn ready<T>(poll: Poll<T>) -> T {
    match poll {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("it waits for nothing"),
    }
}

// ANCHOR: stages
fn one_block<const STAGES: u32>() {
    for number in 0..MADE / STAGES {
        let block = async {
            let mut n = black_box(number);
            for _ in 0..STAGES {
                n = future::ready(black_box(n) + 1).await;
            }
            n
        };
        assert_eq!(poll(block), Poll::Ready(number + STAGES));
    }
}

fn boxed_map<const STAGES: u32>() {
    for number in 0..MADE / STAGES {
        let mut chain: LocalBoxFuture<u32> = future::ready(black_box(number)).boxed_local();
        for _ in 0..STAGES {
            chain = chain.map(|n| n + 1).boxed_local();
        }
        assert_eq!(poll(chain), Poll::Ready(number + STAGES));
    }
}

fn boxed_and_then<const STAGES: u32>() {
    for number in 0..MADE / STAGES {
        let mut chain: LocalBoxFuture<Result<u32, Failure>> =
            future::ok(black_box(number)).boxed_local();
        for _ in 0..STAGES {
            chain = chain.and_then(|n| future::ok(n + 1)).boxed_local();
        }
        assert_eq!(ready(poll(chain)).unwrap(), number + STAGES);
    }
}

fn callbacks<const STAGES: u32>() {
    for number in 0..MADE / STAGES {
        let (resolver, mut chain) = Deferred::new();
        for _ in 0..STAGES {
            chain = chain.add_callback(|n| Ok(n + 1));
        }
        resolver.callback(black_box(number));
        assert_eq!(read(chain), number + STAGES);
    }
}
// ANCHOR_END: stages

fn boxed_then<const STAGES: u32>() {
    for number in 0..MADE / STAGES {
        let mut chain: LocalBoxFuture<u32> = future::ready(black_box(number)).boxed_local();
        for _ in 0..STAGES {
            chain = chain
                .then(|n| future::ready(n + 1).boxed_local())
                .boxed_local();
        }
        assert_eq!(poll(chain), Poll::Ready(number + STAGES));
    }
}

fn returning<const STAGES: u32>() {
    for number in 0..MADE / STAGES {
        let (resolver, mut chain) = Deferred::new();
        for _ in 0..STAGES {
            chain = chain.add_callback(|n| Deferred::succeed(n + 1));
        }
        resolver.callback(black_box(number));
        assert_eq!(read(chain), number + STAGES);
    }
}

// ANCHOR: twisted
/// The same three in Python: first the version, then nanoseconds, each the best of a few rounds, in processor time.
const TWISTED: &str = r#"
import platform, sys, time
try:
    import twisted
    from twisted.internet.defer import Deferred
except ImportError:
    sys.exit("python3 does not find Twisted")

def plus_one(n):
    return n + 1

def chains(stages, made):
    for number in range(made // stages):
        d = Deferred()
        for _ in range(stages):
            d.addCallback(plus_one)
        d.callback(number)
        assert d.result == number + stages

def best(stages, made=20_000, rounds=15):
    took = []
    for _ in range(rounds):
        start = time.thread_time_ns()
        chains(stages, made)
        took.append(time.thread_time_ns() - start)
    return min(took) / made

print("Twisted", twisted.__version__, "on Python", platform.python_version())
print(best(1), best(10), best(1000))
"#;
// ANCHOR_END: twisted

/// Twisted's version and its three figures.
///
/// # Errors
/// Why there are none.
fn twisted() -> Result<(String, [f64; 3]), String> {
    let output = Command::new("python3")
        .args(["-c", TWISTED])
        .output()
        .map_err(|error| format!("python3 does not run here ({error})"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned());
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let (version, figures) = text.split_once('\n').unwrap_or_default();
    let figures: Vec<f64> = figures.split_whitespace().flat_map(str::parse).collect();
    let figures = figures
        .try_into()
        .map_err(|_| format!("python3 said something else:\n{text}"))?;
    Ok((version.to_owned(), figures))
}

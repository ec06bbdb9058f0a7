//! What the measurements share: three contestants, their clocks, and how their times are printed.
use coroutines::block_on;
use deferreds::Failure;
use reactor::{Handle, Os, Reactor};
use std::{
    future::poll_fn,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::{Poll, Waker},
    time::Duration,
};
use tokio::{
    runtime::{Builder, Runtime},
    task::LocalSet,
};

/// Nanoseconds for one of `count`, for each contestant in its best run. They take turns, so that
/// other work on the machine disturbs all of them; and each runs twice in its turn, so that it also
/// finds the memory as it has left it itself.
pub fn best<const N: usize>(turns: usize, count: u64, work: [fn(u64) -> Duration; N]) -> [f64; N] {
    let mut best = [f64::INFINITY; N];
    for _ in 0..turns {
        for (best, work) in best.iter_mut().zip(work) {
            for _ in 0..2 {
                *best = best.min(work(count).as_nanos() as f64 / count as f64);
            }
        }
    }
    best
}

/// Has the program own so much memory that no contestant asks the system for new pages, and keeps
/// that so: what is given back lies below a small piece that stays in use. Whether a page is new
/// would else be a matter of luck.
pub fn own_memory() {
    let mut pieces: Vec<_> = (0..400_000).map(|_| Box::new([1_u8; 250])).collect();
    std::mem::forget(pieces.pop());
}

/// Three rows and two ratios.
pub fn compare([runtime, local, ours]: [f64; 3]) {
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

/// Whether threads that ask for it get a processor of their own.
static APART: AtomicBool = AtomicBool::new(false);

/// Does `work` with this thread on one processor, and those that it starts, too; `apart` has those
/// that call [`own_processor`] on another one. Where a thread runs would else be a matter of luck,
/// and decide about the time. Other systems than Linux choose for themselves.
pub fn on_processors<T>(apart: bool, work: impl FnOnce() -> T) -> T {
    APART.store(apart, Ordering::Relaxed);
    processors::keep_to(0, work)
}

/// This thread, which was started in [`on_processors`], runs on the second processor from now on,
/// if it is to run apart and there is one.
pub fn own_processor() {
    if APART.load(Ordering::Relaxed) {
        processors::move_to(1);
    }
}

#[cfg(target_os = "linux")]
mod processors {
    use nix::{
        sched::{CpuSet, sched_getaffinity, sched_setaffinity},
        unistd::Pid,
    };
    use std::sync::{Mutex, PoisonError};

    /// Those that this program may use, while it keeps to one of them.
    static ALL: Mutex<Option<CpuSet>> = Mutex::new(None);

    /// Does `work` on that one of the processors that this thread may use, counted from 0.
    pub(super) fn keep_to<T>(nth: usize, work: impl FnOnce() -> T) -> T {
        let all = sched_getaffinity(Pid::from_raw(0)).unwrap();
        *ALL.lock().unwrap_or_else(PoisonError::into_inner) = Some(all);
        move_to(nth);
        let done = work();
        sched_setaffinity(Pid::from_raw(0), &all).unwrap();
        done
    }

    /// This thread, to that one of them. Nowhere, if there are not so many.
    pub(super) fn move_to(nth: usize) {
        let all = *ALL.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(all) = all else { return };
        let mut allowed = (0..CpuSet::count()).filter(|at| all.is_set(*at) == Ok(true));
        if let Some(at) = allowed.nth(nth) {
            let mut one = CpuSet::new();
            one.set(at).unwrap();
            sched_setaffinity(Pid::from_raw(0), &one).unwrap();
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod processors {
    pub(super) fn keep_to<T>(_: usize, work: impl FnOnce() -> T) -> T {
        work()
    }

    pub(super) fn move_to(_: usize) {}
}

fn row(name: &str, nanos: f64) {
    println!("  {name:<44} {nanos:>6.0} ns");
}

fn goal(beside: &str, ratio: f64, most: f64) {
    // It is repeated to within a percent at best, so what is shown decides.
    let ratio = (ratio * 100.0).round() / 100.0;
    let verdict = if ratio <= most { "reached" } else { "missed" };
    println!("  {beside:<44} {ratio:>6.2} times (goal: at most {most}, {verdict})");
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// Time for `work` on tokio's current_thread runtime.
pub fn on_tokio(work: impl Future<Output = ()>) -> Duration {
    let runtime = runtime();
    let start = cpu();
    runtime.block_on(work);
    cpu() - start
}

/// Time for `work` in a LocalSet on that.
pub fn on_local(work: impl Future<Output = ()>) -> Duration {
    let (runtime, local) = (runtime(), LocalSet::new());
    let start = cpu();
    local.block_on(&runtime, work);
    cpu() - start
}

/// Time for `work` on our reactor.
pub fn on_ours<F: Future<Output = Result<(), Failure>>>(
    work: impl FnOnce(Handle) -> F,
) -> Duration {
    let mut reactor = Reactor::new(Os::new().unwrap());
    let h = reactor.handle();
    let start = cpu();
    block_on(&mut reactor, work(h)).unwrap();
    cpu() - start
}

/// Wakes the waiting task once `count` have arrived.
#[derive(Debug)]
pub struct Gate {
    left: AtomicU64,
    waiting: Mutex<Option<Waker>>,
}

impl Gate {
    /// For so many.
    pub fn new(count: u64) -> Arc<Gate> {
        Arc::new(Gate {
            left: AtomicU64::new(count),
            waiting: Mutex::new(None),
        })
    }

    /// One more.
    pub fn arrive(&self) {
        if self.left.fetch_sub(1, Ordering::AcqRel) == 1
            && let Some(waiting) = self.waiting.lock().unwrap().take()
        {
            waiting.wake();
        }
    }

    /// Waits for all.
    pub async fn all(&self) {
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

/// Time that all threads spend on `work`.
pub fn all_threads(work: impl FnOnce()) -> Duration {
    let start = cpu_of_all();
    work();
    cpu_of_all() - start
}

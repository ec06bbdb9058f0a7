//! Lets 1,000 tasks wait, then 1,000 threads, and prints what one of each costs.
use std::{
    fs,
    hint::black_box,
    io,
    sync::{Arc, Barrier},
    thread,
    time::{Duration, Instant},
};

const MANY: usize = 1000;

fn main() -> io::Result<()> {
    println!("one of {MANY}       address space   resident   kernel stack   to start");
    tasks()?;
    threads()
}

// ANCHOR: threads
fn threads() -> io::Result<()> {
    let before = Memory::now()?;
    let everybody = Arc::new(Barrier::new(MANY + 1));
    let (mut threads, mut took) = (Vec::new(), Vec::new());
    for _ in 0..MANY {
        let everybody = Arc::clone(&everybody);
        let started = Instant::now();
        threads.push(thread::spawn(move || {
            let buffer = black_box([1u8; 4096]); // what a download reads into
            everybody.wait();
            everybody.wait();
            black_box(buffer);
        }));
        took.push(started.elapsed());
    }
    everybody.wait(); // now all of them wait, and hold what they need
    Memory::now()?.print("thread", &before, took);
    everybody.wait();
    for thread in threads {
        thread.join().expect("no thread panics");
    }
    Ok(())
}
// ANCHOR_END: threads

fn tasks() -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let before = Memory::now()?;
    let everybody = Arc::new(tokio::sync::Barrier::new(MANY + 1));
    runtime.block_on(async {
        let mut took = Vec::new();
        for _ in 0..MANY {
            let everybody = Arc::clone(&everybody);
            let started = Instant::now();
            tokio::spawn(async move {
                let buffer = black_box([1u8; 4096]);
                everybody.wait().await;
                everybody.wait().await;
                black_box(buffer);
            });
            took.push(started.elapsed());
        }
        everybody.wait().await;
        Memory::now()?.print("tokio task", &before, took);
        io::Result::Ok(())
    })
}

/// KiB in use by this process, and by the kernel for all stacks of the machine.
struct Memory {
    address_space: f64,
    resident: f64,
    kernel_stacks: f64,
}

impl Memory {
    fn now() -> io::Result<Self> {
        let of = |file: &str, key: &str| {
            let text = fs::read_to_string(file)
                .map_err(|e| io::Error::other(format!("{file}: {e} (it needs Linux)")))?;
            text.lines()
                .find_map(|line| {
                    line.strip_prefix(key)?
                        .split_whitespace()
                        .next()?
                        .parse()
                        .ok()
                })
                .ok_or_else(|| io::Error::other(format!("no {key} in {file}")))
        };
        Ok(Self {
            address_space: of("/proc/self/status", "VmSize:")?,
            resident: of("/proc/self/status", "VmRSS:")?,
            kernel_stacks: of("/proc/meminfo", "KernelStack:")?,
        })
    }

    /// The difference to `before`, for one of them, and the median of how long one took to start.
    fn print(&self, what: &str, before: &Memory, mut took: Vec<Duration>) {
        took.sort();
        let each = |now: f64, before: f64| (now - before) / MANY as f64;
        println!(
            "{what:<15} {:>8.1} KiB  {:>6.1} KiB     {:>6.1} KiB  {:>6.2} µs",
            each(self.address_space, before.address_space),
            each(self.resident, before.resident),
            each(self.kernel_stacks, before.kernel_stacks),
            took[MANY / 2].as_secs_f64() * 1e6,
        );
    }
}

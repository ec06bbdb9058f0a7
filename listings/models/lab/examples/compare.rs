//! Fetches 3, 30 and 300 poems in each model and prints what it took.
//!
//! Each run is a process of its own, and the servers are another, so that none pays
//! for the others.
use models_lab::MODELS;
use nix::sys::{
    resource::{Usage, UsageWho, getrusage},
    time::TimeValLike,
};
use poetry::{Options, Pace, Poem, Server};
use std::{
    env, fs,
    io::{self, BufRead, BufReader, Read},
    net::SocketAddr,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Above this the one thread would keep you waiting for a minute.
const MOST_FOR_ONE_THREAD: usize = 30;

fn main() -> io::Result<()> {
    let args: Vec<String> = env::args().skip(1).collect();
    match args.first().map(String::as_str) {
        Some("--serve") => serve(),
        Some("--fetch") => fetch(&args[1], &args[2..]),
        _ => compare(),
    }
}

fn compare() -> io::Result<()> {
    let mut server = Command::new(env::current_exe()?)
        .arg("--serve")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut addresses = String::new();
    BufReader::new(server.stdout.take().expect("is piped")).read_line(&mut addresses)?;
    let addresses: Vec<&str> = addresses.split_whitespace().collect();

    println!("poems  model        wall s   CPU ms   threads   waits   memory KiB");
    for poems in [3, 30, 300] {
        for (name, _) in MODELS {
            if name == "one thread" && poems > MOST_FOR_ONE_THREAD {
                println!("{poems:>5}  {name:<11}  not run: it takes as long as all poems together");
                continue;
            }
            let mut run = Command::new(env::current_exe()?)
                .args(["--fetch", name])
                .args((0..poems).map(|i| addresses[i % addresses.len()]))
                .stdout(Stdio::piped())
                .spawn()?;
            let threads = most_threads(&mut run)?;
            let mut out = String::new();
            run.stdout
                .take()
                .expect("is piped")
                .read_to_string(&mut out)?;
            let [wall, cpu, waits, memory] = out
                .lines()
                .last()
                .and_then(|line| line.split(' ').collect::<Vec<_>>().try_into().ok())
                .ok_or_else(|| io::Error::other(format!("{name} failed")))?;
            println!(
                "{poems:>5}  {name:<11}  {wall:>6}   {cpu:>6}   {threads:>7}   {waits:>5}   {memory:>10}"
            );
        }
    }

    drop(server.stdin.take()); // tells it to end
    server.wait()?;
    Ok(())
}

fn serve() -> io::Result<()> {
    let poems = ["tyger", "eagle", "hope"].map(|name| Poem::named(name).expect("is there"));
    let server = Server::start(Options {
        poems: poems.to_vec(),
        pace: Pace::new(24, Duration::from_millis(10)),
        most: 1000,
        ..Options::default()
    })?;
    let addresses: Vec<String> = server.addresses().iter().map(ToString::to_string).collect();
    println!("{}", addresses.join(" "));
    io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

// ANCHOR: fetch
/// Fetches in one model and prints what this process used for it.
fn fetch(model: &str, addresses: &[String]) -> io::Result<()> {
    let (_, fetch_all) = MODELS
        .iter()
        .find(|(name, _)| *name == model)
        .expect("is a model");
    let addresses: Vec<SocketAddr> = addresses
        .iter()
        .map(|a| a.parse().expect("is one"))
        .collect();
    models::quiet();

    let usage = || getrusage(UsageWho::RUSAGE_SELF);
    let (before, started) = (usage()?, Instant::now());
    fetch_all(&addresses)?;
    let (wall, after) = (started.elapsed(), usage()?);

    let cpu = |u: &Usage| (u.user_time() + u.system_time()).num_microseconds();
    let cpu = (cpu(&after) - cpu(&before)) as f64 / 1000.0;
    let waits = |u: &Usage| u.voluntary_context_switches();
    let waits = waits(&after) - waits(&before);
    let memory = after.max_rss() / if cfg!(target_os = "macos") { 1024 } else { 1 };
    println!("{:.2} {cpu:.1} {waits} {memory}", wall.as_secs_f64());
    Ok(())
}
// ANCHOR_END: fetch

/// Waits for the end of `run`; the largest number of threads seen on the way, where /proc tells.
fn most_threads(run: &mut Child) -> io::Result<String> {
    let status = format!("/proc/{}/status", run.id());
    let mut most = 0;
    while run.try_wait()?.is_none() {
        let now = fs::read_to_string(&status).ok().and_then(|text| {
            let line = text.lines().find(|line| line.starts_with("Threads:"))?;
            line.split_whitespace().nth(1)?.parse().ok()
        });
        most = most.max(now.unwrap_or(0));
        thread::sleep(Duration::from_millis(10));
    }
    Ok(if most > 0 {
        most.to_string()
    } else {
        "?".into()
    })
}

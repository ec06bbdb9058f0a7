//! Which system calls a server makes for a round trip: raw mio, ours, tokio, counted by strace.
#[path = "costs.rs"]
#[allow(dead_code, reason = "only its servers and its load are used here")]
mod costs;

use std::{
    collections::BTreeMap,
    env,
    error::Error,
    fs,
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

/// Round trips of each server: strace is slow, and a count is a count.
const TRIPS: usize = 10_000;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = env::args().skip(1);
    if let (Some(server), Some(clients)) = (args.next(), args.next()) {
        return Ok(costs::serve(&server, clients.parse()?)?);
    }
    println!("system calls of the server for one round trip");
    println!("connections  bytes  server   waits  reads  writes  others");
    for (clients, size) in [(1, 64), (50, 64), (1, 16_384), (50, 16_384)] {
        for server in costs::SERVERS {
            let calls = count(server, clients, size)?;
            let sum = |names: &[&str]| -> f64 {
                let of = |name: &&str| calls.get(*name).copied().unwrap_or(0);
                names.iter().map(of).sum::<u64>() as f64 / TRIPS as f64
            };
            let all = calls.values().sum::<u64>() as f64 / TRIPS as f64;
            let waits = sum(&["epoll_wait", "epoll_pwait", "epoll_pwait2"]);
            let reads = sum(&["recvfrom", "read", "readv", "recvmsg"]);
            let writes = sum(&["sendto", "write", "writev", "sendmsg"]);
            println!(
                "{clients:11}  {size:5}  {server:6}  {waits:6.2} {reads:6.2} {writes:7.2} {:7.2}",
                all - waits - reads - writes
            );
        }
    }
    Ok(())
}

/// Runs a server under strace, puts it under load, and returns how often it made each call.
fn count(
    server: &str,
    clients: usize,
    size: usize,
) -> Result<BTreeMap<String, u64>, Box<dyn Error>> {
    let summary = env::temp_dir().join(format!("untwisted-calls-{}", std::process::id()));
    let mut child = Command::new("strace")
        .args(["-f", "-c", "-U", "name,calls", "-o"])
        .arg(&summary)
        .arg(env::current_exe()?)
        .args([server, &clients.to_string()])
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("strace: {error} (Debian: apt-get install strace)"))?;
    let mut said = BufReader::new(child.stdout.take().ok_or("no output")?).lines();
    let port = said
        .next()
        .ok_or("no port: may strace run here?")??
        .parse()?;
    costs::load(port, clients, size, TRIPS)?;
    for line in said {
        line?; // until the server has ended
    }
    child.wait()?;
    let text = fs::read_to_string(&summary)?;
    fs::remove_file(&summary)?;
    // `name calls`, between two lines that underline.
    let counted = text.lines().filter_map(|line| {
        let (name, calls) = line.trim().split_once(char::is_whitespace)?;
        Some((name.to_owned(), calls.trim().parse().ok()?))
    });
    Ok(counted.filter(|(name, _)| name != "total").collect())
}

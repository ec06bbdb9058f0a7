//! The process between the tool and an untrusted program: limits, start, end, and no
//! remains.
use super::{Bounds, Held, descendants};
use crate::limit::{self, Outcome};
use anyhow::{Context, Result, anyhow};
use std::{
    io::{BufRead, Write, stdin, stdout},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

/// Reads an order from standard input, runs the program, writes what became of it to standard
/// output. The end of standard input is the end of the caller, and so of the program.
///
/// # Errors
/// When the order cannot be read or the program cannot be started.
pub fn keep() -> Result<()> {
    let mut line = String::new();
    stdin().lock().read_line(&mut line)?;
    let held: Held = serde_json::from_str(&line)
        .context("`cargo book hold` is for the tool itself: there is no order on standard input")?;
    let stop = Arc::new(AtomicBool::new(false));
    let alone = Arc::clone(&stop);
    thread::spawn(move || {
        let _ = std::io::copy(&mut stdin().lock(), &mut std::io::sink());
        alone.store(true, Ordering::Relaxed);
    });
    let outcome = run(held, &stop)?;
    let mut out = stdout().lock();
    serde_json::to_writer(&mut out, &outcome)?;
    out.flush()?;
    Ok(())
}

fn run(held: Held, stop: &AtomicBool) -> Result<Outcome> {
    descendants::adopt();
    limit(&held.bounds);
    let (time, most, input) = (held.bounds.time, held.bounds.output, held.input.clone());
    let (crowd, room) = (held.crowd, held.room.clone());
    // The thread goes behind the fence, and what it starts stays there; the supervisor does not.
    let mut child = thread::spawn(move || start(&held))
        .join()
        .map_err(|_| anyhow!("starting the program failed"))??;
    if let Some(mut pipe) = child.stdin.take() {
        // A program that never reads must not keep us.
        thread::spawn(move || pipe.write_all(input.as_bytes()));
    }
    let over = AtomicBool::new(false);
    let (mut outcome, why) = thread::scope(|scope| {
        let looking = scope.spawn(|| look(crowd, room.as_ref(), stop, &over));
        let outcome = limit::watch(child, time, most, stop);
        over.store(true, Ordering::Relaxed);
        let why = looking.join().unwrap_or_default();
        outcome.map(|outcome| (outcome, why))
    })?;
    outcome.why = why;
    outcome.left = descendants::end();
    Ok(outcome)
}

/// Looks again and again, until all is `over`, whether the program has more than it may. Then it
/// says so, and asks to `stop`.
fn look(
    crowd: Option<usize>,
    room: Option<&(PathBuf, u64)>,
    stop: &AtomicBool,
    over: &AtomicBool,
) -> Option<String> {
    if crowd.is_none() && room.is_none() {
        return None;
    }
    loop {
        let many = crowd.filter(|most| descendants::number() > *most);
        let large = room.filter(|(folder, most)| size(folder) > *most);
        let why = match (many, large) {
            (Some(most), _) => format!("it had more than {most} processes at once"),
            (_, Some((_, most))) => format!("its files had more than {} MB", most >> 20),
            // Looked at after the program has ended, too: what it leaves counts.
            _ if over.load(Ordering::Relaxed) => return None,
            _ => {
                thread::sleep(Duration::from_millis(5));
                continue;
            }
        };
        stop.store(true, Ordering::Relaxed);
        return Some(why);
    }
}

/// Returns how many bytes the files in a folder have. What is a link is not followed.
fn size(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| {
            let data = entry.metadata().ok()?;
            Some(match data.is_dir() {
                true => size(&entry.path()),
                false => data.len(),
            })
        })
        .sum()
}

fn start(held: &Held) -> Result<Child> {
    if let Some(fence) = &held.fence {
        fence.enter()?;
    }
    let mut command = Command::new(&held.program);
    command.args(&held.args).current_dir(&held.folder);
    if held.cleared {
        command.env_clear();
    }
    for (key, value) in &held.env {
        match value {
            Some(value) => command.env(key, value),
            None => command.env_remove(key),
        };
    }
    command.stdin(Stdio::piped());
    limit::spawn(&mut command)
}

/// Sets the limits of this process, which its children inherit.
#[cfg(unix)]
fn limit(bounds: &Bounds) {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let set = |resource: Resource, most: u64| {
        let old = getrlimit(resource).maximum;
        let most = old.map_or(most, |old| old.min(most));
        // What a system does not know it cannot hold.
        let _ = setrlimit(
            resource,
            Rlimit {
                current: Some(most),
                maximum: Some(most),
            },
        );
    };
    set(Resource::Core, 0);
    set(Resource::Fsize, bounds.file);
    set(Resource::Data, bounds.memory);
    // Where a process can escape from its group, it ends at last by this.
    set(Resource::Cpu, bounds.time.as_secs().max(1) * 8);
}

#[cfg(not(unix))]
fn limit(_: &Bounds) {}

//! Runs a listing once, in the world it is given, and takes what it prints.
use crate::{
    cargo,
    house::House,
    limit::{self, Ended, Outcome},
    manifest::Listing,
};
use anyhow::Result;
use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

/// What is wrong with a run, and what to do.
#[derive(Clone, Debug)]
pub struct Bad {
    /// What happened.
    pub what: String,
    /// What to do.
    pub mend: String,
}

/// Where a run takes place.
#[derive(Clone, Copy, Debug)]
pub enum Place {
    /// In the simulated world of the manifest.
    Sim,
    /// On the operating system.
    Os,
}

/// Returns what `UNTWISTED_WORLD` is for a listing of class `sim`.
pub fn world(listing: &Listing) -> String {
    let knobs = listing.entry.knobs.trim().trim_matches(',');
    if knobs.is_empty() {
        format!("sim:{}", listing.entry.seed)
    } else {
        format!("sim:{},{knobs}", listing.entry.seed)
    }
}

/// Runs `program`; the trace goes to `trace`, when one is wanted. Returns what belongs into the
/// output file, without the command.
///
/// # Errors
/// When the program cannot be started. A run that hangs or ends otherwise than its class says is
/// a [`Bad`].
pub fn run(
    house: &House,
    listing: &Listing,
    program: &Path,
    place: Place,
    trace: Option<&Path>,
) -> Result<Result<String, Bad>> {
    let mut command = Command::new(program);
    cargo::clean(&mut command);
    command
        .args(&listing.entry.args)
        .env("RUST_BACKTRACE", "0")
        .env("NO_COLOR", "1")
        .env("QT_QPA_PLATFORM", "offscreen") // windows are drawn, and need not be seen
        .current_dir(&house.root);
    if let Place::Sim = place {
        command.env("UNTWISTED_WORLD", world(listing));
    }
    if let Some(trace) = trace {
        if let Some(folder) = trace.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let _ = std::fs::remove_file(trace);
        command
            .env("UNTWISTED_TRACE", trace)
            .env("UNTWISTED_LISTING", listing.path());
    }
    let limit = Duration::from_secs(listing.entry.seconds.max(1));
    let outcome = limit::run(&mut command, limit)?;
    Ok(judge(house, listing, &outcome))
}

fn judge(house: &House, listing: &Listing, outcome: &Outcome) -> Result<String, Bad> {
    let wanted = if listing.entry.panics { 101 } else { 0 };
    if outcome.ended == Ended::Code(wanted) {
        let mut text = outcome.stdout.clone();
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        if listing.entry.panics {
            text += &panic_message(house, &outcome.stderr);
        }
        return Ok(text);
    }
    let last = tail(&format!("{}{}", outcome.stdout, outcome.stderr));
    let mend = match outcome.ended {
        Ended::TooLong(_) => format!(
            "find what it waits for, or raise `seconds` of [{}] in listings.toml (now {})",
            listing.name, listing.entry.seconds
        ),
        Ended::Code(0) => "it is of class \"fails\", so it must panic".to_owned(),
        _ => format!("run it: {}", listing.command()),
    };
    Err(Bad {
        what: format!("it {}; the last it printed:\n{last}", outcome.ended),
        mend,
    })
}

/// Returns the last lines of a text, indented.
fn tail(text: &str) -> String {
    let lines: Vec<_> = text.trim_end().lines().collect();
    let first = lines.len().saturating_sub(12);
    if lines.is_empty() {
        return "    (nothing)".to_owned();
    }
    lines[first..]
        .iter()
        .map(|line| format!("    {line}"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// Returns the message of a panic, the same on each machine: no thread number, no folder of ours,
/// no advice.
fn panic_message(house: &House, stderr: &str) -> String {
    let root = format!("{}/", house.root.display());
    let mut text = String::new();
    for line in stderr.lines() {
        if line.starts_with("note: run with `RUST_BACKTRACE") || line.trim().is_empty() {
            continue;
        }
        text += &plain_paths(&without_thread_number(line), &root);
        text.push('\n');
    }
    text
}

/// `thread 'main' (4711) panicked at` without the number that newer compilers print.
fn without_thread_number(line: &str) -> String {
    let mark = "' (";
    if line.starts_with("thread '")
        && let Some(at) = line.find(mark)
        && let Some(end) = line[at..].find(") panicked")
    {
        return format!("{}'{}", &line[..at], &line[at + end + 1..]);
    }
    line.to_owned()
}

/// Takes away what comes before a path that all machines have: our root, the compiler's, Cargo's.
pub fn plain_paths(line: &str, root: &str) -> String {
    let mut line = line.replace(root, "");
    for mark in ["/lib/rustlib/src/rust/", "/registry/src/"] {
        if let Some(at) = line.find(mark) {
            let start = line[..at]
                .rfind([' ', '\'', '"', '`'])
                .map_or(0, |at| at + 1);
            let mut end = at + mark.len();
            if mark.contains("registry") {
                end += line[end..].find('/').map_or(0, |at| at + 1);
            }
            line.replace_range(start..end, "");
        }
    }
    if let Some(at) = line.find("/rustc/")
        && let Some(end) = line[at..].find("/library/")
    {
        line.replace_range(at..at + end + 1, "");
    }
    line
}

/// Returns where the trace of a listing goes before it is kept.
pub fn trace_file(house: &House, listing: &Listing) -> PathBuf {
    house
        .target
        .join("record/trace")
        .join(&listing.package)
        .join(format!("{}.ndjson", listing.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_message_is_the_same_for_everybody() {
        let house = House::at("/home/me/book");
        let message = panic_message(
            &house,
            "\nthread 'main' (42) panicked at /home/me/book/listings/a/examples/b.rs:3:5:\nboom\nnote: run with `RUST_BACKTRACE=1` environment variable to display a backtrace\n",
        );
        assert_eq!(
            message,
            "thread 'main' panicked at listings/a/examples/b.rs:3:5:\nboom\n"
        );
    }

    #[test]
    fn paths_of_the_compiler_and_of_cargo_are_cut() {
        for (long, short) in [
            (
                "at /rustc/5980abc/library/core/src/x.rs:1",
                "at library/core/src/x.rs:1",
            ),
            (
                "  --> /u/.cargo/registry/src/index.crates.io-1/mio-1.2.0/src/a.rs:1:2",
                "  --> mio-1.2.0/src/a.rs:1:2",
            ),
            (
                "  --> /u/.rustup/toolchains/stable/lib/rustlib/src/rust/library/a.rs:1:2",
                "  --> library/a.rs:1:2",
            ),
            ("  --> /b/listings/x.rs:1:2", "  --> listings/x.rs:1:2"),
        ] {
            assert_eq!(plain_paths(long, "/b/"), short);
        }
    }
}

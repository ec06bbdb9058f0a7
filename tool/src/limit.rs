//! Runs a program under a time limit; one that hangs is stopped with all it started.
use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use std::{
    io::Read,
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub enum Ended {
    /// It exited with this code.
    Code(i32),
    /// Something killed it.
    Killed,
    /// It ran longer than the limit and was stopped, with its process group.
    TooLong(Duration),
}

/// What a program left behind.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Outcome {
    /// Its standard output; bytes that are not UTF-8 are replaced.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
    /// How it ended.
    pub ended: Ended,
    /// How many processes it left running; known only of a program that is [held](crate::held).
    pub left: usize,
    /// Why its supervisor stopped it, if it did so before its time.
    pub why: Option<String>,
}

impl Outcome {
    /// Returns whether it exited with code 0.
    pub fn ok(&self) -> bool {
        self.ended == Ended::Code(0)
    }
}

impl std::fmt::Display for Ended {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Ended::Code(code) => write!(f, "ended with exit code {code}"),
            Ended::Killed => write!(f, "was killed by a signal"),
            Ended::TooLong(limit) => {
                write!(f, "ran longer than {} s and was stopped", limit.as_secs())
            }
        }
    }
}

/// No program of ours prints more; one that does has lost its way, and the rest is dropped.
pub(crate) const MOST: usize = 16 << 20;

/// How long the pipes may stay open after the program has ended (a child of it may hold them).
const GRACE: Duration = Duration::from_secs(2);

/// Runs `command` to its end, or for `limit`. It reads nothing, and its outputs are captured.
///
/// The program leads a process group of its own. When it is over, what is left of the group is
/// killed, so that a server which a listing forgot does not outlive it. A process that left the
/// group lives on: untrusted programs are [held](crate::held).
///
/// # Errors
/// When the program cannot be started.
pub fn run(command: &mut Command, limit: Duration) -> Result<Outcome> {
    command.stdin(Stdio::null());
    let child = spawn(command)?;
    watch(child, limit, MOST, &AtomicBool::new(false))
}

/// Starts a program as the leader of a process group of its own, with its outputs captured.
///
/// # Errors
/// When it cannot be started.
pub(crate) fn spawn(command: &mut Command) -> Result<Child> {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    lead_a_group(command);
    command
        .spawn()
        .with_context(|| format!("{} cannot be started", command.get_program().display()))
}

/// Watches a program of [`spawn`] until it ends, for `limit` at most, or until `stop` is set. Keeps
/// at most `most` bytes of each of its outputs.
///
/// # Errors
/// When the system cannot tell whether it runs.
pub(crate) fn watch(
    mut child: Child,
    limit: Duration,
    most: usize,
    stop: &AtomicBool,
) -> Result<Outcome> {
    let group = Group::of(&child);
    let stdout = drain(child.stdout.take(), most);
    let stderr = drain(child.stderr.take(), most);
    let deadline = Instant::now() + limit;
    let mut pause = Duration::from_millis(1);
    let ended = loop {
        if let Some(status) = child.try_wait()? {
            break status.code().map_or(Ended::Killed, Ended::Code);
        }
        if stop.load(Ordering::Relaxed) {
            break Ended::Killed;
        }
        if Instant::now() >= deadline {
            break Ended::TooLong(limit);
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(20));
    };
    group.kill(&mut child);
    let _ = child.wait();
    drop(group);
    Ok(Outcome {
        stdout: collect(&stdout, most),
        stderr: collect(&stderr, most),
        ended,
        left: 0,
        why: None,
    })
}

type Pipe = std::sync::mpsc::Receiver<Vec<u8>>;

/// Reads a pipe on a thread of its own, so that a full pipe never blocks the program. What comes
/// after `most` bytes is read and forgotten.
fn drain(pipe: Option<impl Read + Send + 'static>, most: usize) -> Pipe {
    let (sender, receiver) = std::sync::mpsc::channel();
    thread::spawn(move || {
        let Some(mut pipe) = pipe else { return };
        let mut buffer = vec![0; 1 << 16];
        let mut room = most + 1; // one more, so that a cut is noticed
        while let Ok(n) = pipe.read(&mut buffer) {
            if n == 0 {
                break;
            }
            let kept = n.min(room);
            room -= kept;
            if kept > 0 && sender.send(buffer[..kept].to_vec()).is_err() {
                break;
            }
        }
    });
    receiver
}

fn collect(pipe: &Pipe, most: usize) -> String {
    let mut all = Vec::new();
    let deadline = Instant::now() + GRACE;
    while let Ok(piece) = pipe.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
        all.extend(piece);
    }
    let cut = all.len() > most;
    all.truncate(most);
    let mut text = String::from_utf8_lossy(&all).into_owned();
    if cut {
        text += &format!("\n[it printed more than {most} bytes; the rest was dropped]\n");
    }
    text
}

#[cfg(unix)]
use group::{Group, lead_a_group};

/// Process groups of programs that run now. A terminal's Ctrl-C does not reach them, so we pass
/// it on.
#[cfg(unix)]
mod group {
    use rustix::process::{Pid, Signal, kill_process_group};
    use std::{
        collections::BTreeSet,
        os::unix::process::CommandExt,
        process::{Child, Command},
        sync::{Mutex, Once, PoisonError},
    };

    static RUNNING: Mutex<BTreeSet<i32>> = Mutex::new(BTreeSet::new());
    static LISTEN: Once = Once::new();

    pub(super) fn lead_a_group(command: &mut Command) {
        LISTEN.call_once(listen);
        command.process_group(0);
    }

    /// A group that is known as running until this is dropped.
    pub(super) struct Group(i32);

    impl Group {
        pub(super) fn of(child: &Child) -> Group {
            let group = i32::try_from(child.id()).unwrap_or(0);
            let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
            running.insert(group);
            Group(group)
        }

        pub(super) fn kill(&self, _: &mut Child) {
            kill(self.0);
        }
    }

    impl Drop for Group {
        fn drop(&mut self) {
            let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
            running.remove(&self.0);
        }
    }

    fn kill(group: i32) {
        if let Some(group) = Pid::from_raw(group) {
            let _ = kill_process_group(group, Signal::KILL);
        }
    }

    /// On Ctrl-C: ends what runs, then ends us, as without this.
    fn listen() {
        use signal_hook::{consts, iterator::Signals, low_level};
        let Ok(mut signals) = Signals::new([consts::SIGINT, consts::SIGTERM]) else {
            return;
        };
        std::thread::spawn(move || {
            for signal in signals.forever() {
                let running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
                for group in running.iter() {
                    kill(*group);
                }
                let _ = low_level::emulate_default_handler(signal);
            }
        });
    }
}

#[cfg(not(unix))]
fn lead_a_group(_command: &mut Command) {}

#[cfg(not(unix))]
struct Group;

#[cfg(not(unix))]
impl Group {
    fn of(_child: &Child) -> Group {
        Group
    }

    fn kill(&self, child: &mut Child) {
        let _ = child.kill();
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str, seconds: u64) -> Outcome {
        run(
            Command::new("sh").args(["-c", script]),
            Duration::from_secs(seconds),
        )
        .expect("sh starts")
    }

    #[test]
    fn what_it_prints_and_its_code_are_kept() {
        let outcome = shell("echo out; echo err >&2; exit 3", 60);
        assert_eq!(outcome.stdout, "out\n");
        assert_eq!(outcome.stderr, "err\n");
        assert_eq!(outcome.ended, Ended::Code(3));
        assert!(!outcome.ok());
    }

    #[test]
    fn a_program_that_hangs_is_stopped_with_its_children() {
        let outcome = shell("echo before; sleep 1000 & echo $!; wait", 1);
        assert_eq!(outcome.ended, Ended::TooLong(Duration::from_secs(1)));
        let child = outcome.stdout.lines().nth(1).expect("its number");
        // A killed child may stay as a zombie until its new parent asks; it does not run. It
        // may take the system a moment to get there.
        let runs = || {
            let state = std::fs::read_to_string(format!("/proc/{child}/stat")).unwrap_or_default();
            !state.is_empty() && !state.contains(") Z ")
        };
        for _ in 0..3_000 {
            if !runs() {
                break;
            }
            thread::sleep(Duration::from_millis(10));
        }
        assert!(!runs(), "the child runs on");
        assert!(outcome.ended.to_string().contains("longer than 1 s"));
    }

    #[test]
    fn a_child_left_behind_does_not_keep_us() {
        let outcome = shell("sleep 1000 & echo done", 60);
        assert!(outcome.ok());
        assert_eq!(outcome.stdout, "done\n");
    }

    #[test]
    fn more_than_a_pipe_holds_comes_through() {
        let outcome = shell("head -c 300000 /dev/zero | tr '\\0' x", 60);
        assert_eq!(outcome.stdout.len(), 300_000);
    }

    #[test]
    fn what_is_printed_beyond_the_bound_is_dropped_and_the_cut_is_said() {
        let printed = |bytes: usize| {
            let script = format!("head -c {bytes} /dev/zero | tr '\\0' x");
            let child = spawn(Command::new("sh").args(["-c", &script])).expect("sh starts");
            watch(child, GRACE * 30, 1_000, &AtomicBool::new(false)).expect("it is watched")
        };
        assert_eq!(printed(1_000).stdout, "x".repeat(1_000));
        for bytes in [1_001, 5_000_000] {
            let outcome = printed(bytes);
            assert!(outcome.ok(), "a full pipe stopped it: {}", outcome.ended);
            let (kept, said) = outcome.stdout.split_at(1_000);
            assert_eq!(kept, "x".repeat(1_000));
            assert!(said.contains("more than 1000 bytes"), "{said}");
        }
    }

    #[test]
    fn a_program_that_is_not_there_is_an_error_that_names_it() {
        let error = run(&mut Command::new("no-such-program"), GRACE).expect_err("not there");
        assert!(error.to_string().contains("no-such-program"));
    }
}

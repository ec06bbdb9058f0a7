//! Into the background: the program starts itself again, and says whether that one serves.
use nix::unistd::{dup2_stderr, dup2_stdin, dup2_stdout, setsid};
use std::{
    env,
    ffi::OsString,
    fs::File,
    io::{self, Read, Write},
    os::fd::AsFd,
    process::{Child, Command, ExitCode, ExitStatus, Stdio},
    sync::mpsc::{RecvTimeoutError, channel},
    thread,
    time::Duration,
};

/// A process that is started with it is the one in the background, if its parent has this number.
const PARENT_VARIABLE: &str = "UNTWISTED_DAEMON";

/// How long the one in the background may take until it serves.
const START_LIMIT: Duration = Duration::from_secs(60);

/// What it writes when it does.
const READY: &[u8] = b"it serves\n";

/// Whether this process is the one in the background.
pub(crate) fn is_background() -> bool {
    env::var_os(PARENT_VARIABLE)
        .is_some_and(|number| number == std::os::unix::process::parent_id().to_string().as_str())
}

// ANCHOR: start
/// Starts this program again, waits until that one serves or has failed, and returns what to exit
/// with.
///
/// The classic way is fork(2). But a fork copies memory and not threads, so whatever was made
/// before it is half there: a poll that both processes share, a pool without threads. A program
/// that is started a second time makes its own.
pub(crate) fn start(name: &str, arguments: Vec<OsString>) -> io::Result<ExitCode> {
    // Its standard input is the way back: a pipe that it writes to. It ends when that process does.
    let (answer, its_end) = io::pipe()?;
    let mut command = Command::new(env::current_exe()?);
    command.args(arguments);
    command.env(PARENT_VARIABLE, std::process::id().to_string());
    command.stdin(Stdio::from(its_end));
    let mut child = command.spawn()?;
    drop(command); // and with it our copy of its end
    match wait(&mut child, answer)? {
        StartOutcome::Ready => {
            println!("{name}: runs in the background, as process {}", child.id());
            Ok(ExitCode::SUCCESS)
        }
        // It has said why.
        StartOutcome::Ended(status) => Ok(match status.code() {
            Some(code @ 1..=255) => ExitCode::from(code as u8),
            _ => ExitCode::FAILURE,
        }),
        StartOutcome::Late => {
            child.kill()?;
            child.wait()?;
            eprintln!("{name}: it has not started within {START_LIMIT:?}");
            Ok(ExitCode::FAILURE)
        }
    }
}
// ANCHOR_END: start

/// What became of the process in the background.
enum StartOutcome {
    Ready,
    Ended(ExitStatus),
    Late,
}

/// Waits until the child says that it serves, or ends, or has had its time.
fn wait(child: &mut Child, mut answer: io::PipeReader) -> io::Result<StartOutcome> {
    let (tell, told) = channel();
    thread::spawn(move || {
        let mut said = Vec::new();
        let _ = answer
            .by_ref()
            .take(READY.len() as u64)
            .read_to_end(&mut said);
        let _ = tell.send(said == READY);
    });
    // Something that it has started may have the pipe, too, and live longer. So both ways are
    // looked at.
    const ROUND: Duration = Duration::from_millis(20);
    for _ in 0..START_LIMIT.as_millis() / ROUND.as_millis() {
        match told.recv_timeout(ROUND) {
            Ok(true) => return Ok(StartOutcome::Ready),
            Ok(false) | Err(RecvTimeoutError::Disconnected) => {
                return child.wait().map(StartOutcome::Ended);
            }
            Err(RecvTimeoutError::Timeout) => {}
        }
        if let Some(status) = child.try_wait()? {
            // It may have said so in its last moment; then it has served.
            return Ok(match told.recv_timeout(ROUND) {
                Ok(true) => StartOutcome::Ready,
                _ => StartOutcome::Ended(status),
            });
        }
    }
    Ok(StartOutcome::Late)
}

// ANCHOR: report_ready
/// Leaves the terminal that started this process, for a session of its own.
pub(crate) fn new_session() -> io::Result<()> {
    setsid()?;
    Ok(())
}

/// Tells the process that waits that this one serves, and lets go of the terminal. What is written
/// to standard output and error from now on, such as the message of a panic, goes to the file.
pub(crate) fn report_ready(output: Option<&File>) -> io::Result<()> {
    let null = File::options().read(true).write(true).open("/dev/null")?;
    let output = output.unwrap_or(&null);
    // The one that waited may have gone; this one serves all the same.
    let _ = File::from(io::stdin().as_fd().try_clone_to_owned()?).write_all(READY);
    dup2_stdin(&null)?;
    redirect(output)
}
// ANCHOR_END: report_ready

/// Sends standard output and error to that file.
pub(crate) fn redirect(output: &File) -> io::Result<()> {
    dup2_stdout(output)?;
    dup2_stderr(output)?;
    Ok(())
}

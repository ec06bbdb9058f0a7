//! A watchdog beside each server that this program starts: the server ends with the program, even
//! after a crash.
use std::{
    error::Error,
    ffi::OsStr,
    fmt, fs, io,
    io::Write,
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
};

/// Waits on its standard input beside the server. When that ends, with this program, however it
/// ended, the server is stopped and its folder removed. A line says that there is nothing left to
/// stop.
const WATCHDOG: &str = r#"
folder=$1; shift
exec 3<&0
(
  read -r _ <&3 && exit
  kill -INT $$
  while kill -0 $$ 2>/dev/null; do sleep 0.05; done
  rm -rf "$folder"
) >/dev/null 2>&1 &
exec "$@" 3<&- </dev/null
"#;

/// No server could be found or started.
pub struct ServerError(pub(crate) String);

impl fmt::Display for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ServerError {
    /// The same as `Display`, because a `main` that returns the error prints it with `Debug`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for ServerError {}

/// Returns the command with a watchdog beside the program, and what the program says in a log. Stop
/// it with [`stop`].
pub(crate) fn with_watchdog<'a>(
    command: &'a mut Command,
    folder: &Path,
    program: &OsStr,
    log: fs::File,
) -> &'a mut Command {
    command
        .args(["-c", WATCHDOG, "sh"])
        .arg(folder)
        .arg(program)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(log)
}

/// Stops a server and waits for its end. One that has ended before is left alone: its number may be
/// another's by now.
pub(crate) fn stop(child: &mut Child) {
    let watchdog = child.stdin.take();
    if let Ok(Some(_)) = child.try_wait() {
        if let Some(mut watchdog) = watchdog {
            let _ = watchdog.write_all(b"ended\n"); // it may have gone as well
        }
        return;
    }
    drop(watchdog); // the watchdog stops the server
    let _ = child.wait();
}

/// Kills a server, whose folder stays: it may be started again there.
pub(crate) fn crash(child: &mut Child) {
    // `wait` would close it, and the watchdog take that for the end of this program.
    let watchdog = child.stdin.take();
    let _ = child.kill(); // it may be gone
    let _ = child.wait();
    if let Some(mut watchdog) = watchdog {
        let _ = watchdog.write_all(b"ended\n"); // it may have gone as well
    }
}

/// Returns a port that was free a moment ago.
pub(crate) fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

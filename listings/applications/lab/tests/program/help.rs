//! What the tests need: folders, processes that are stopped, questions.
pub(crate) use crate::{PATIENCE, PROGRAM};
pub(crate) use nix::{
    sys::signal::{Signal, kill},
    unistd::{Pid, Uid, getsid},
};
pub(crate) use std::{
    env, fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    os::{
        fd::OwnedFd,
        unix::fs::{MetadataExt, PermissionsExt},
    },
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

/// A folder of its own, which goes with everything in it.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Folder {
        let folder =
            env::temp_dir().join(format!("untwisted-program-{}-{name}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        // Another user may have to come in.
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).unwrap();
        Folder(folder)
    }
    pub(crate) fn path(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }
    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).unwrap_or_default()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A program that runs, and that is stopped when the test ends, however it ends.
pub(crate) struct Running(pub(crate) Child);

impl Running {
    pub(crate) fn pid(&self) -> Pid {
        Pid::from_raw(self.0.id() as i32)
    }
    pub(crate) fn signal(&self, signal: Signal) {
        kill(self.pid(), signal).unwrap();
    }
    /// Its exit code; it must end soon.
    pub(crate) fn code(&mut self) -> Option<i32> {
        let mut code = None;
        until("it has ended", || {
            code = self.0.try_wait().unwrap();
            code.is_some()
        });
        code.unwrap().code()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub(crate) fn until(what: &str, mut is: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !is() {
        assert!(
            begin.elapsed() < PATIENCE,
            "not within {PATIENCE:?}: {what}"
        );
        thread::sleep(Duration::from_millis(5));
    }
}

pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command
        .args(arguments)
        .env(PROGRAM, "1")
        .env_remove("UNTWISTED_WORLD");
    command
}

/// Runs to its end.
pub(crate) fn run(arguments: &[&str]) -> Output {
    command(arguments).stdin(Stdio::null()).output().unwrap()
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A port that was free a moment ago.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

pub(crate) fn listen(port: u16) -> String {
    format!("tcp:{port}:interface=127.0.0.1")
}

pub(crate) fn start(arguments: &[&str], port: u16) -> Running {
    let listen = listen(port);
    let arguments = [&["--listen", &listen], arguments].concat();
    let mut running = Running(command(&arguments).stderr(Stdio::null()).spawn().unwrap());
    until("it serves", || {
        assert!(
            running.0.try_wait().unwrap().is_none(),
            "it has ended instead"
        );
        TcpStream::connect(("127.0.0.1", port)).is_ok()
    });
    running
}

pub(crate) fn ask(port: u16, question: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
        .write_all(format!("{question}\r\n").as_bytes())
        .unwrap();
    let mut answer = String::new();
    match stream.read_to_string(&mut answer) {
        // A protocol that panics loses its connection.
        Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => {}
        read => drop(read.unwrap()),
    }
    answer.trim_end().to_owned()
}

//! The runner as its users see it: processes, signals, exit codes, files. The test starts itself as the program.
use applications::{Service, Serving, program};
use deferreds::{Deferred, Failure, defer_to_thread};
use nix::{
    sys::signal::{Signal, kill},
    unistd::{Pid, Uid, getsid},
};
use protocols::{Lines, Receiver, Receiving};
use reactor::Handle;
use std::{
    env, fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    os::{
        fd::OwnedFd,
        unix::fs::{MetadataExt, PermissionsExt},
    },
    path::PathBuf,
    process::{Child, Command, ExitCode, Output, Stdio},
    rc::Rc,
    thread,
    time::{Duration, Instant},
};
use transports::{Address, Transport};

/// Whoever is started with it is the program and not the test.
const PROGRAM: &str = "UNTWISTED_TEST_PROGRAM";

/// What a hang costs.
const PATIENCE: Duration = Duration::from_secs(60);

fn main() -> ExitCode {
    if env::var_os(PROGRAM).is_some() {
        return answering();
    }
    let tests: &[(&str, fn())] = &[
        (
            "in_the_foreground_until_a_signal",
            in_the_foreground_until_a_signal,
        ),
        ("a_taken_port_is_an_exit_code", a_taken_port_is_an_exit_code),
        (
            "in_the_background_when_it_really_serves",
            in_the_background_when_it_really_serves,
        ),
        (
            "wrong_settings_are_told_before_anything_is_done",
            wrong_settings_are_told_before_anything_is_done,
        ),
        ("a_file_of_settings", a_file_of_settings),
        ("one_at_a_time_by_a_lock", one_at_a_time_by_a_lock),
        (
            "a_stale_number_is_in_nobodys_way",
            a_stale_number_is_in_nobodys_way,
        ),
        ("a_hangup_opens_the_log_anew", a_hangup_opens_the_log_anew),
        (
            "a_stop_that_hangs_has_a_limit",
            a_stop_that_hangs_has_a_limit,
        ),
        (
            "a_second_signal_waits_for_nobody",
            a_second_signal_waits_for_nobody,
        ),
        (
            "a_connection_may_end_before_the_program_does",
            a_connection_may_end_before_the_program_does,
        ),
        (
            "a_log_in_json_names_the_connection",
            a_log_in_json_names_the_connection,
        ),
        (
            "another_user_once_the_port_is_open",
            another_user_once_the_port_is_open,
        ),
        (
            "standard_input_is_an_endpoint",
            standard_input_is_an_endpoint,
        ),
        ("a_socket_that_systemd_opened", a_socket_that_systemd_opened),
    ];
    // As libtest does: names to choose by.
    let wanted: Vec<String> = env::args()
        .skip(1)
        .filter(|name| !name.starts_with('-'))
        .collect();
    for (name, test) in tests {
        if wanted.is_empty() || wanted.iter().any(|wanted| name.contains(wanted.as_str())) {
            test();
            println!("test {name} ... ok");
        }
    }
    ExitCode::SUCCESS
}

// The program.

/// Answers questions about its own process.
struct Answers;

impl Receiver<Vec<u8>> for Answers {
    fn message_received(&mut self, transport: &Transport, line: Vec<u8>) -> Result<(), Failure> {
        let answer = match line.as_slice() {
            b"process" => std::process::id().to_string(),
            b"user" => nix::unistd::geteuid().to_string(),
            b"folder" => env::current_dir()?.display().to_string(),
            b"panic" => panic!("somebody asked for it"),
            b"wait" => return Ok(()), // for the next line
            b"thread" => {
                // Its result comes by a wake-up from another thread.
                let answers = transport.clone();
                defer_to_thread(transport.handle(), || Ok("a thread")).on_result(move |said| {
                    answers.write(format!("{}\r\n", said.unwrap_or("no thread")));
                    answers.lose_connection();
                });
                return Ok(());
            }
            other => String::from_utf8_lossy(other).into_owned(),
        };
        transport.write(format!("{answer}\r\n"));
        transport.lose_connection();
        Ok(())
    }
}

/// Never stops.
struct Hangs;

impl Service for Hangs {
    fn name(&self) -> &str {
        "hangs"
    }
    fn start(&self, _: &Handle) -> Result<(), Failure> {
        Ok(())
    }
    fn stop(&self, _: &Handle) -> Deferred<()> {
        let (never, stopped) = Deferred::with_canceller(std::mem::forget);
        std::mem::forget(never);
        stopped
    }
}

fn answering() -> ExitCode {
    program("answering", |_, services, settings| {
        if settings.program.contains_key("hang") {
            services.add(Rc::new(Hangs));
        }
        let grace = Duration::from_secs(30);
        for endpoint in settings.endpoints("tcp:0:interface=127.0.0.1")? {
            let factory = Rc::new(|_: &Address| Receiving::new(Lines::new(100), Answers));
            services.add(Serving::with_grace("answers", endpoint, factory, grace));
        }
        Ok(())
    })
}

// What the tests need.

/// A folder of its own, which goes with everything in it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let folder =
            env::temp_dir().join(format!("untwisted-program-{}-{name}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        // Another user may have to come in.
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).unwrap();
        Folder(folder)
    }
    fn path(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }
    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).unwrap_or_default()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Somebody who runs, and who is stopped when the test ends, however it ends.
struct Running(Child);

impl Running {
    fn pid(&self) -> Pid {
        Pid::from_raw(self.0.id() as i32)
    }
    fn signal(&self, signal: Signal) {
        kill(self.pid(), signal).unwrap();
    }
    /// Its exit code; it must end soon.
    fn code(&mut self) -> Option<i32> {
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

fn until(what: &str, mut is: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !is() {
        assert!(
            begin.elapsed() < PATIENCE,
            "not within {PATIENCE:?}: {what}"
        );
        thread::sleep(Duration::from_millis(5));
    }
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command
        .args(arguments)
        .env(PROGRAM, "1")
        .env_remove("UNTWISTED_WORLD");
    command
}

/// Runs to its end.
fn run(arguments: &[&str]) -> Output {
    command(arguments).stdin(Stdio::null()).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

fn listen(port: u16) -> String {
    format!("tcp:{port}:interface=127.0.0.1")
}

fn start(arguments: &[&str], port: u16) -> Running {
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

fn ask(port: u16, question: &str) -> String {
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

// The tests.

fn in_the_foreground_until_a_signal() {
    let folder = Folder::new("foreground");
    let (pid, log) = (folder.path("pid"), folder.path("log"));
    for (signal, code) in [(Signal::SIGTERM, 143), (Signal::SIGINT, 130)] {
        let port = free_port();
        let mut running = start(
            &["--pid-file", &pid, "--log-file", &log, "--umask", "077"],
            port,
        );
        assert_eq!(ask(port, "process"), running.0.id().to_string());
        assert_eq!(ask(port, "thread"), "a thread");
        assert_eq!(folder.read("pid").trim(), running.0.id().to_string());
        running.signal(signal);
        assert_eq!(running.code(), Some(code));
        assert!(!folder.0.join("pid").exists(), "its number is gone with it");
    }
    let said = folder.read("log");
    for line in [
        "answering serves",
        "answering stops",
        "answering has stopped",
    ] {
        assert_eq!(said.matches(line).count(), 2, "{said}");
    }
    assert_eq!(
        fs::metadata(&log).unwrap().mode() & 0o777,
        0o600,
        "the umask"
    );
}

fn a_taken_port_is_an_exit_code() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = listen(taken.local_addr().unwrap().port());
    for more in [&[][..], &["--daemon"]] {
        let output = run(&[&["--listen", &endpoint], more].concat());
        assert_eq!(output.status.code(), Some(1), "{more:?}");
        let said = text(&output.stderr);
        assert!(
            said.contains(&format!("cannot listen at {endpoint}: ")),
            "{more:?}: {said}"
        );
        assert!(!text(&output.stdout).contains("background"), "{more:?}");
    }
}

fn in_the_background_when_it_really_serves() {
    let folder = Folder::new("background");
    let (pid, log) = (folder.path("pid"), folder.path("log"));
    let port = free_port();
    let output = run(&[
        "--listen",
        &listen(port),
        "--daemon",
        "--pid-file",
        &pid,
        "--log-file",
        &log,
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    // No wait: it serves, or it would not have said so.
    let process = ask(port, "process");
    assert_eq!(folder.read("pid").trim(), process);
    assert!(text(&output.stdout).contains(&format!("as process {process}")));
    let daemon = Pid::from_raw(process.parse().unwrap());
    assert_eq!(
        getsid(Some(daemon)),
        Ok(daemon),
        "it has a session of its own"
    );
    // A poll that was made before a fork would be woken in the wrong process (Twisted's ticket 7105).
    assert_eq!(ask(port, "thread"), "a thread");
    assert_eq!(ask(port, "panic"), "");
    assert!(
        folder.read("log").contains("somebody asked for it"),
        "what standard error gets is in the log"
    );
    // logrotate moves the file away.
    fs::rename(&log, folder.path("old")).unwrap();
    kill(daemon, Signal::SIGHUP).unwrap();
    until("there is a new log", || {
        folder.read("log").contains("opened anew")
    });
    assert_eq!(ask(port, "panic"), "");
    until("a panic goes to the new one", || {
        folder.read("log").contains("somebody asked for it")
    });
    kill(daemon, Signal::SIGTERM).unwrap();
    until("it is gone", || !folder.0.join("pid").exists());
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
}

fn wrong_settings_are_told_before_anything_is_done() {
    let folder = Folder::new("wrong");
    let file = folder.path("settings.toml");
    let misspelt = folder.path("misspelt.toml");
    fs::write(&file, "listen = [\"tcp:80800\"]\n").unwrap();
    fs::write(&misspelt, "daemon = false\npidfile = \"/run/x\"\n").unwrap();
    for (arguments, message) in [
        (&["--lisen", "tcp:80"][..], "--lisen"),
        (&["--listen"], "--listen"),
        (&["more"], "more"),
        (&["--umask", "99"], "octal"),
        (&["--stop-within", "-1"], "number of seconds"),
        (&["--stop-within", "soon"], "soon"),
        (&["--config", "/no/such.toml"], "/no/such.toml"),
        (&["--config", &misspelt], "unknown field `pidfile`"),
        (&["--config", &file, "--check"], "80800:\n    ^^^^^"),
        (&["--check", "--listen", "tpc:80"], "kind is not known"),
    ] {
        let output = run(arguments);
        assert_eq!(
            output.status.code(),
            Some(2),
            "{arguments:?}: {}",
            text(&output.stderr)
        );
        let said = text(&output.stderr).replace("80800\n", "80800:\n");
        assert!(said.starts_with("answering: "), "{said}");
        assert!(said.contains(message), "{arguments:?}: {said}");
    }
    let output = run(&["--check", "--listen", "tcp:80"]);
    assert_eq!(output.status.code(), Some(0));
    let output = run(&["--help"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stdout).contains("--pid-file FILE"));
    // What is wrong and no setting: exit code 1.
    for (arguments, message) in [
        (&["--log", "loud"][..], "\"loud\" is no level"),
        (&["--log-file", "/no/such/log"], "/no/such/log"),
        (&["--pid-file", "/no/such/pid"], "/no/such/pid"),
        (&["--directory", "/no/such"], "/no/such"),
        (&["--user", "no-such-user"], "no-such-user"),
    ] {
        let output = run(&[arguments, &["--listen", "tcp:0:interface=127.0.0.1"]].concat());
        assert_eq!(
            output.status.code(),
            Some(1),
            "{arguments:?}: {}",
            text(&output.stderr)
        );
        assert!(
            text(&output.stderr).contains(message),
            "{arguments:?}: {}",
            text(&output.stderr)
        );
    }
}

fn a_file_of_settings() {
    let folder = Folder::new("settings");
    let (port, other) = (free_port(), free_port());
    let file = folder.path("settings.toml");
    let pid = folder.path("pid");
    let settings = format!(
        "listen = [{:?}, {:?}]\npid-file = {pid:?}\ndirectory = \"/\"\n",
        listen(port),
        listen(other)
    );
    fs::write(&file, settings).unwrap();
    let mut running = Running(
        command(&["--config", &file])
            .stderr(Stdio::null())
            .spawn()
            .unwrap(),
    );
    until("both ports are served", || {
        [port, other]
            .iter()
            .all(|port| TcpStream::connect(("127.0.0.1", *port)).is_ok())
    });
    assert_eq!(ask(other, "folder"), "/");
    assert_eq!(folder.read("pid").trim(), running.0.id().to_string());
    running.signal(Signal::SIGTERM);
    assert_eq!(running.code(), Some(143));
    // The command line has the last word.
    let third = free_port();
    let mut running = Running(
        command(&["--config", &file, "--listen", &listen(third)])
            .stderr(Stdio::null())
            .spawn()
            .unwrap(),
    );
    until("that one is served", || {
        TcpStream::connect(("127.0.0.1", third)).is_ok()
    });
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
    running.signal(Signal::SIGTERM);
    assert_eq!(running.code(), Some(143));
}

fn one_at_a_time_by_a_lock() {
    let folder = Folder::new("lock");
    let pid = folder.path("pid");
    let port = free_port();
    let mut running = start(&["--pid-file", &pid], port);
    for more in [&[][..], &["--daemon"]] {
        let second = run(&[
            &["--listen", "tcp:0:interface=127.0.0.1", "--pid-file", &pid],
            more,
        ]
        .concat());
        assert_eq!(second.status.code(), Some(1));
        let said = text(&second.stderr);
        let message = format!("it runs already, as process {}", running.0.id());
        assert!(said.contains(&message), "{said}");
    }
    assert_eq!(
        folder.read("pid").trim(),
        running.0.id().to_string(),
        "the file is as it was"
    );
    running.signal(Signal::SIGTERM);
    assert_eq!(running.code(), Some(143));
}

/// A stale file, and a number that another process has now: Twisted's tickets 7555 and 3851.
fn a_stale_number_is_in_nobodys_way() {
    let folder = Folder::new("stale");
    let pid = folder.path("pid");
    // Our own number: that process lives, and is another program.
    fs::write(&pid, format!("{}\nand more\n", std::process::id())).unwrap();
    let port = free_port();
    let mut running = start(&["--pid-file", &pid], port);
    assert_eq!(folder.read("pid"), format!("{}\n", running.0.id()));
    running.signal(Signal::SIGKILL);
    running.0.wait().unwrap();
    assert!(folder.0.join("pid").exists(), "nobody could remove it");
    let mut running = start(&["--pid-file", &pid], port);
    running.signal(Signal::SIGTERM);
    assert_eq!(running.code(), Some(143));
    assert!(!folder.0.join("pid").exists());
}

fn a_hangup_opens_the_log_anew() {
    let folder = Folder::new("hangup");
    let log = folder.path("log");
    let port = free_port();
    let mut running = start(&["--log-file", &log, "--log", "debug"], port);
    fs::rename(&log, folder.path("old")).unwrap();
    assert_eq!(ask(port, "one"), "one");
    until("the old file is written to", || {
        folder.read("old").contains("ended")
    });
    running.signal(Signal::SIGHUP);
    until("there is a new one", || {
        folder.read("log").contains("opened anew")
    });
    // It cannot be opened: the old one goes on.
    fs::remove_file(&log).unwrap();
    fs::create_dir(&log).unwrap();
    running.signal(Signal::SIGHUP);
    running.signal(Signal::SIGHUP);
    assert_eq!(ask(port, "two"), "two");
    running.signal(Signal::SIGTERM);
    assert_eq!(running.code(), Some(143));
}

fn hanging(folder: &Folder, limit: &str) -> (Running, u16) {
    let file = folder.path("settings.toml");
    fs::write(&file, "[program]\nhang = true\n").unwrap();
    let (port, log) = (free_port(), folder.path("log"));
    let running = start(
        &[
            "--config",
            &file,
            "--stop-within",
            limit,
            "--log-file",
            &log,
        ],
        port,
    );
    (running, port)
}

fn a_stop_that_hangs_has_a_limit() {
    let folder = Folder::new("limit");
    let (mut running, _) = hanging(&folder, "0.2");
    running.signal(Signal::SIGTERM);
    assert_eq!(running.code(), Some(143));
    let said = folder.read("log");
    assert!(said.contains("answering has not stopped well"), "{said}");
}

fn a_second_signal_waits_for_nobody() {
    let folder = Folder::new("second");
    let (mut running, _) = hanging(&folder, "3600");
    running.signal(Signal::SIGTERM);
    until("it stops", || {
        folder.read("log").contains("answering stops")
    });
    assert!(
        running.0.try_wait().unwrap().is_none(),
        "it waits for the one that hangs"
    );
    running.signal(Signal::SIGTERM);
    assert_eq!(running.code(), Some(143));
}

fn a_connection_may_end_before_the_program_does() {
    let folder = Folder::new("graceful");
    let (log, port) = (folder.path("log"), free_port());
    let mut running = start(&["--log-file", &log, "--stop-within", "3600"], port);
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(b"wait\r\n").unwrap();
    // A second question on another connection shows that the first has arrived.
    assert_eq!(ask(port, "one"), "one");
    running.signal(Signal::SIGTERM);
    until("it stops", || {
        folder.read("log").contains("answering stops")
    });
    until("nobody else comes in", || {
        TcpStream::connect(("127.0.0.1", port)).is_err()
    });
    stream.write_all(b"two\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert_eq!(answer, "two\r\n");
    assert_eq!(running.code(), Some(143));
    assert!(folder.read("log").contains("answering has stopped"));
}

fn a_log_in_json_names_the_connection() {
    let folder = Folder::new("json");
    let (log, port) = (folder.path("log"), free_port());
    let mut running = start(
        &[
            "--log-file",
            &log,
            "--json",
            "--log",
            "info,connection=debug",
        ],
        port,
    );
    assert_eq!(ask(port, "panic"), "");
    running.signal(Signal::SIGTERM);
    assert_eq!(running.code(), Some(143));
    let said = folder.read("log");
    let lines: Vec<serde_json::Value> = said
        .lines()
        .map(|line| serde_json::from_str(line).expect(line))
        .collect();
    let broke = lines
        .iter()
        .find(|line| line["message"] == "broke")
        .expect(&said);
    assert_eq!(broke["level"], "WARN");
    assert_eq!(broke["target"], "connection");
    assert_eq!(broke["why"], "panicked: somebody asked for it");
    assert_eq!(broke["span"]["service"], "answers");
    assert!(
        broke["span"]["peer"]
            .as_str()
            .unwrap()
            .starts_with("127.0.0.1:"),
        "{broke}"
    );
    assert!(lines.iter().any(|line| line["message"] == "made"), "{said}");
}

fn another_user_once_the_port_is_open() {
    if !Uid::effective().is_root() {
        eprintln!("NOT LOOKED AT: another user: only root can become one");
        return;
    }
    let nobody = nix::unistd::User::from_name("nobody").unwrap().unwrap();
    let folder = Folder::new("user");
    let (pid, log) = (folder.path("pid"), folder.path("log"));
    let port = free_port();
    let mut running = start(
        &["--user", "nobody", "--pid-file", &pid, "--log-file", &log],
        port,
    );
    // It serves before it is somebody else; that it says so comes after.
    until("it has said so", || {
        folder.read("log").contains("answering serves")
    });
    assert_eq!(ask(port, "user"), nobody.uid.to_string());
    running.signal(Signal::SIGTERM);
    assert_eq!(running.code(), Some(143));
}

fn standard_input_is_an_endpoint() {
    let mut command = command(&["--listen", "stdio:", "--log", "off"]);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(b"wait\r\nemily\r\n")
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(text(&output.stdout), "emily\r\n");
    assert_eq!(
        output.status.code(),
        Some(0),
        "the connection has ended, and the program with it"
    );
    // The end of the input is the client's half of the end.
    let mut command = self::command(&["--listen", "stdio:", "--log", "off"]);
    let output = command.stdin(Stdio::null()).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
}

/// An inherited socket blocks (systemfd 34, tokio 5678), and has descriptor 3.
fn a_socket_that_systemd_opened() {
    let opened = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = opened.local_addr().unwrap().port();
    let folder = Folder::new("systemd");
    let log = folder.path("log");
    // Another one, a Unix socket, becomes descriptor 4.
    let path = folder.path("second.sock");
    let second = std::os::unix::net::UnixListener::bind(&path).unwrap();
    let script = "exec 3<&0 4<&1 </dev/null >/dev/null; \
                  LISTEN_FDS=2 LISTEN_PID=$$ exec \"$@\"";
    let program = env::current_exe().unwrap();
    let arguments = [
        "--listen",
        "systemd:index=0",
        "--listen",
        "systemd:domain=UNIX:index=1",
        "--log-file",
        &log,
    ];
    let mut command = Command::new("sh");
    command
        .arg("-c")
        .arg(script)
        .arg("sh")
        .arg(program)
        .args(arguments)
        .env(PROGRAM, "1");
    command.stdin(Stdio::from(OwnedFd::from(opened)));
    command.stdout(Stdio::from(OwnedFd::from(second)));
    let mut running = Running(command.spawn().unwrap());
    drop(command);
    until("it serves", || {
        folder.read("log").contains("answering serves")
    });
    // Somebody connects, and says nothing yet: a socket that blocks would hold everybody up in its second accept.
    let silent = TcpStream::connect(("127.0.0.1", port)).unwrap();
    assert_eq!(ask(port, "one"), "one");
    let mut stream = std::os::unix::net::UnixStream::connect(&path).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(b"two\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert_eq!(answer, "two\r\n");
    drop(silent);
    running.signal(Signal::SIGTERM);
    assert_eq!(running.code(), Some(143));
    assert!(
        fs::exists(&path).unwrap(),
        "it belongs to whoever opened it"
    );

    // Nobody has handed one over, or to somebody else.
    let output = run(&["--listen", "systemd:"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text(&output.stderr).contains("LISTEN_FDS"),
        "{}",
        text(&output.stderr)
    );
}

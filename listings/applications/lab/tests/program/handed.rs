//! Endpoints that another process has opened.
use crate::help::*;

pub(crate) fn standard_input_is_an_endpoint() {
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

pub(crate) fn a_socket_that_systemd_opened() {
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
    // A client connects, and says nothing yet: a socket that blocks would block the program in its
    // second accept.
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

    // None was handed over, or to another process.
    let output = run(&["--listen", "systemd:"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text(&output.stderr).contains("LISTEN_FDS"),
        "{}",
        text(&output.stderr)
    );
}

//! How the program ends: signals, limits, and who it is meanwhile.
use crate::help::*;

pub(crate) fn in_the_foreground_until_a_signal() {
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

pub(crate) fn a_stop_that_hangs_has_a_limit() {
    let folder = Folder::new("limit");
    let (mut running, _) = hanging(&folder, "0.2");
    running.signal(Signal::SIGTERM);
    assert_eq!(running.code(), Some(143));
    let said = folder.read("log");
    assert!(said.contains("answering has not stopped well"), "{said}");
}

pub(crate) fn a_second_signal_waits_for_nobody() {
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

pub(crate) fn a_connection_may_end_before_the_program_does() {
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

pub(crate) fn another_user_once_the_port_is_open() {
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
    // It serves before it becomes another user; it says so after that.
    until("it has said so", || {
        folder.read("log").contains("answering serves")
    });
    assert_eq!(ask(port, "user"), nobody.uid.to_string());
    running.signal(Signal::SIGTERM);
    assert_eq!(running.code(), Some(143));
}

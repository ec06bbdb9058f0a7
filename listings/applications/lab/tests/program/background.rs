//! Into the background, and one at a time.
use crate::help::*;

pub(crate) fn a_taken_port_is_an_exit_code() {
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

pub(crate) fn in_the_background_when_it_really_serves() {
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
    // A poll that was made before a fork would be woken in the wrong process (Twisted's ticket
    // 7105).
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
        folder.read("log").contains("opened again")
    });
    assert_eq!(ask(port, "panic"), "");
    until("a panic goes to the new one", || {
        folder.read("log").contains("somebody asked for it")
    });
    kill(daemon, Signal::SIGTERM).unwrap();
    until("it is gone", || !folder.0.join("pid").exists());
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
}

pub(crate) fn one_at_a_time_by_a_lock() {
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

pub(crate) fn a_stale_number_is_in_nobodys_way() {
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

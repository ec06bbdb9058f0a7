//! What the program is told, and what it says.
use crate::help::*;

pub(crate) fn wrong_settings_are_told_before_anything_is_done() {
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

pub(crate) fn a_file_of_settings() {
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

pub(crate) fn a_hangup_opens_the_log_anew() {
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
        folder.read("log").contains("opened again")
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

pub(crate) fn a_log_in_json_names_the_connection() {
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

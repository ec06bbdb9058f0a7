//! Other programs: three pipes at once, ends of all kinds, and no zombie.
use applications::{
    CannotStart, Finished, TooMuchOutput, dies_with_parent, run_process, run_process_with_limit,
};
use deferreds::{Cancelled, Deferred, Failure};
use nix::{
    sys::{
        stat::Mode,
        wait::{Id, WaitPidFlag, waitid},
    },
    unistd::{Pid, mkfifo},
};
use reactor::{Handle, Os, Reactor, Sim};
use std::{
    cell::RefCell,
    fs,
    os::unix::process::ExitStatusExt,
    path::PathBuf,
    process::{Command, Stdio},
    rc::Rc,
    sync::mpsc,
    time::{Duration, Instant},
};

fn sh(script: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script]);
    command
}

/// Runs until it has fired.
fn wait(begin: impl FnOnce(&Handle) -> Deferred<Finished>) -> Result<Finished, Failure> {
    let mut reactor = Reactor::new(Os::new().unwrap());
    let handle = reactor.handle();
    handle.call_later(PATIENCE, |_| panic!("it hangs"));
    let answer = Rc::new(RefCell::new(None));
    let answers = Rc::clone(&answer);
    begin(&handle).on_result(move |result| *answers.borrow_mut() = Some(result));
    while answer.borrow().is_none() {
        // A turn waits behind its calls, so the answer may be there before the wait.
        reactor.turn(Some(Duration::from_millis(20))).unwrap();
    }
    answer.take().unwrap()
}

/// What a hang costs.
const PATIENCE: Duration = Duration::from_secs(60);

/// What `work` returns, which waits.
fn within<T: Send + 'static>(what: &str, work: impl FnOnce() -> T + Send + 'static) -> T {
    let (send, answer) = mpsc::channel();
    std::thread::spawn(move || send.send(work()));
    let answer = answer.recv_timeout(PATIENCE);
    answer.unwrap_or_else(|error| panic!("{what}: {error}"))
}

fn number(pid: &str) -> Pid {
    Pid::from_raw(pid.parse().unwrap())
}

/// Whether there is such a process, or a zombie of it.
fn is_there(pid: &str) -> bool {
    nix::sys::signal::kill(number(pid), None).is_ok()
}

/// Waits until a child of ours has ended, and leaves its status to the code that reaps it. False
/// when it was reaped before.
fn ended(pid: &str) -> bool {
    let pid = number(pid);
    within("it has not ended", move || {
        waitid(Id::Pid(pid), WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT).is_ok()
    })
}

/// Until no process has that number, not even a zombie.
fn until_gone(pid: &str) {
    let begin = Instant::now();
    while ended(pid) {
        assert!(begin.elapsed() < PATIENCE, "{pid} is a zombie");
        std::thread::yield_now();
    }
    assert!(!is_there(pid), "process {pid} is still there");
}

/// A pipe with a name: an open waits for the other end.
fn pipe(name: &str) -> PathBuf {
    let file = std::env::temp_dir().join(format!("untwisted-child-{}-{name}", std::process::id()));
    mkfifo(&file, Mode::S_IRWXU).unwrap();
    file
}

#[test]
fn a_megabyte_of_complaints_blocks_nobody() {
    // It reads only when it has written more than any pipe holds, to the output that no one looks
    // at first.
    let script = "head -c 1000000 /dev/zero >&2; cat; head -c 1000000 /dev/zero";
    let input = vec![b'x'; 1_000_000];
    let finished = wait(|reactor| run_process(reactor, sh(script), &input)).unwrap();
    assert!(finished.status.success());
    assert_eq!(finished.stderr.len(), 1_000_000);
    assert_eq!(finished.stdout.len(), 2_000_000);
    assert_eq!(finished.stdout[..1_000_000], input);
}

#[test]
fn ends_of_all_kinds() {
    let finished = wait(|reactor| run_process(reactor, sh("echo no >&2; exit 3"), "")).unwrap();
    assert_eq!(
        (finished.status.code(), finished.stderr.as_slice()),
        (Some(3), &b"no\n"[..])
    );
    let finished = wait(|reactor| run_process(reactor, sh("kill -TERM $$"), "")).unwrap();
    assert_eq!(finished.status.signal(), Some(15));
    // It does not read what it is given, and closes its outputs before it ends.
    let script = "exec <&- >&- 2>&-; sleep 0.05; exit 4";
    let finished = wait(|reactor| run_process(reactor, sh(script), vec![0; 1_000_000])).unwrap();
    assert_eq!(finished.status.code(), Some(4));
    let failure = wait(|reactor| run_process(reactor, Command::new("/no/such/program"), ""));
    let failure = failure.unwrap_err();
    assert!(failure.check::<CannotStart>().is_some(), "{failure}");
    assert!(
        failure
            .to_string()
            .starts_with("cannot start /no/such/program: "),
        "{failure}"
    );
}

#[test]
fn what_is_too_much_is_killed() {
    let failure = wait(|reactor| run_process(reactor, sh("yes"), "")).unwrap_err();
    assert!(failure.check::<TooMuchOutput>().is_some(), "{failure}");
    let exactly = |limit| {
        wait(|reactor| {
            run_process_with_limit(reactor, sh("printf 12345; printf 67890 >&2"), "", limit)
        })
    };
    assert!(exactly(10).is_ok());
    assert!(exactly(9).unwrap_err().check::<TooMuchOutput>().is_some());
}

#[test]
fn many_at_once_and_each_hears_of_its_own_end() {
    let mut reactor = Reactor::new(Os::new().unwrap());
    let handle = reactor.handle();
    let all = (0..20)
        .map(|n| run_process(&handle, sh(&format!("exit {n}")), ""))
        .collect::<Vec<_>>();
    let stops = handle.clone();
    let codes = deferreds::gather_results(all).add_both(move |result| {
        stops.stop()?;
        Ok(result?
            .iter()
            .map(|finished| finished.status.code())
            .collect::<Vec<_>>())
    });
    reactor.run().unwrap();
    let expected: Vec<_> = (0..20).map(Some).collect();
    assert_eq!(codes.into_result().unwrap().unwrap(), expected);
}

/// A program that tells its number and sleeps; what waits for the number.
fn sleeper(name: &str) -> (Command, impl FnOnce() -> String) {
    let file = pipe(name);
    let script = format!("echo $$ > {}; exec sleep 1000", file.display());
    let number = move || {
        let said = file.clone();
        let number = within("it has not started", || fs::read_to_string(said));
        fs::remove_file(&file).unwrap();
        number.unwrap().trim().to_owned()
    };
    (sh(&script), number)
}

#[test]
fn cancelled_it_is_killed_and_reaped() {
    let (command, number) = sleeper("cancelled");
    let mut pid = String::new();
    let failure = wait(|reactor| {
        let running = run_process(reactor, command, "");
        pid = number();
        running.canceller().cancel();
        running
    });
    assert!(failure.unwrap_err().check::<Cancelled>().is_some());
    until_gone(&pid);
}

/// A dropped child stays a zombie (tokio 2685): here it is reaped, without another spawn.
#[test]
fn a_dropped_child_is_no_zombie() {
    // With its reactor, which kills it.
    let reactor = Reactor::new(Os::new().unwrap());
    let (command, number) = sleeper("with-its-reactor");
    let running = run_process(&reactor.handle(), command, "");
    let pid = number();
    drop(reactor);
    assert!(running.into_result().is_ok(), "it has fired");
    until_gone(&pid);

    // The source itself, closed while the child runs: it goes on, and is reaped when it ends.
    let reactor = Reactor::new(Os::new().unwrap());
    let handle = reactor.handle();
    let (mut command, number) = sleeper("closed");
    let child = handle.spawn_process(&mut command).unwrap();
    let pid = number();
    assert_eq!(pid, child.pid.to_string());
    handle.close(child.id, false);
    assert!(is_there(&pid), "it lives on");
    let kill = Command::new("kill").arg(&pid).status().unwrap();
    assert!(kill.success());
    until_gone(&pid);
}

#[test]
fn one_that_has_ended_gets_no_signal() {
    let reactor = Reactor::new(Os::new().unwrap());
    let handle = reactor.handle();
    let child = handle.spawn_process(&mut sh("exit 0")).unwrap();
    assert!(ended(&child.pid.to_string()), "nobody else reaps it");
    let status = handle.exit_status(child.id).unwrap();
    assert!(status.success());
    assert_eq!(
        handle.exit_status(child.id).unwrap(),
        status,
        "asked again, it answers the same"
    );
    let error = handle
        .kill(child.id, reactor::Signal::Terminate)
        .unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
    handle.close(child.id, false);
    assert!(handle.exit_status(child.id).is_err());
}

#[test]
fn a_simulated_world_has_no_children() {
    let reactor = Reactor::new(Sim::new(1));
    let failure = run_process(&reactor.handle(), sh("exit 0"), "").into_result();
    let failure = failure.unwrap().unwrap_err();
    assert!(
        failure
            .to_string()
            .contains("this world has no child processes"),
        "{failure}"
    );
}

/// The variable with which a test starts itself as the parent that is killed.
const ROLE: &str = "UNTWISTED_TEST_ROLE";

/// Killed with its parent, which could not be asked for anything any more (SIGKILL).
#[test]
#[cfg(target_os = "linux")]
fn killed_with_its_parent() {
    use std::io::{BufRead, BufReader, Read};
    if let Some(pipes) = std::env::var_os(ROLE) {
        // The parent: two children, and then it waits for ever. Each says its number when it has
        // started.
        let reactor = Reactor::new(Os::new().unwrap());
        let handle = reactor.handle();
        for (pipe, bound) in std::env::split_paths(&pipes).zip([true, false]) {
            let mut sleep = Command::new("sh");
            let script = "test \"$SAYS\" = hope && exec 3>\"$0\" && echo $$ >&3 && exec sleep 1000";
            sleep.args(["-c", script]).arg(pipe);
            sleep.env("SAYS", "hope").current_dir("/");
            let mut command = if bound {
                dies_with_parent(&sleep)
            } else {
                sleep
            };
            handle.spawn_process(command.stdin(Stdio::null())).unwrap();
        }
        loop {
            std::thread::park();
        }
    }
    let pipes = ["bound", "free"].map(pipe);
    let mut parent = Command::new(std::env::current_exe().unwrap());
    parent.args(["--exact", "killed_with_its_parent", "--nocapture"]);
    parent.env(ROLE, std::env::join_paths(&pipes).unwrap());
    let mut parent = parent.stdout(Stdio::null()).spawn().unwrap();
    // A child holds its end of the pipe as long as it lives.
    let [(bound, mut held), (free, _held)] = pipes.map(|pipe| {
        within("a child has not started", || {
            let mut said = BufReader::new(fs::File::open(&pipe).unwrap());
            fs::remove_file(pipe).unwrap();
            let mut number = String::new();
            said.read_line(&mut number).unwrap();
            (number.trim().to_owned(), said)
        })
    });
    assert!(is_there(&bound));
    parent.kill().unwrap();
    parent.wait().unwrap();
    within("it lives on without its parent", move || {
        held.read_to_string(&mut String::new()).unwrap()
    });
    // The other one was not told.
    assert!(is_there(&free), "it has nothing to do with its parent");
    nix::sys::signal::kill(number(&free), nix::sys::signal::Signal::SIGTERM).unwrap();
}

//! Locks between processes.
#![cfg(unix)]
mod help;
use deferreds::{Abandoned, Cancelled, FileGuard, FileLock, TimedOut};
use help::{failure, is, sim, until_stalled, value, waits};
use std::{
    cell::RefCell,
    env, fs,
    io::{self, BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    rc::Rc,
    time::Duration,
};

const SECOND: Duration = Duration::from_secs(1);
const CHILD: &str = "FILE_LOCK_TEST_CHILD";

/// A path of this test's own; the file is removed at the end.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Place {
        let name = format!("untwisted-{}-{name}.lock", std::process::id());
        Place(env::temp_dir().join(name))
    }

    fn lock(&self) -> FileLock {
        FileLock::new(&self.0)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// Not a test of its own: the other process, which holds the lock until it is killed.
#[test]
fn child() {
    let Some(path) = env::var_os(CHILD) else {
        return;
    };
    let _held = FileLock::new(path).try_acquire().unwrap().unwrap();
    println!("\nheld");
    // Ends with the parent, if not before.
    let _ = io::stdin().lines().next();
}

fn other_process(path: &Path) -> Child {
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", "child", "--nocapture"])
        .env(CHILD, path)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let out = BufReader::new(child.stdout.take().unwrap());
    let held = out.lines().map_while(Result::ok).any(|line| line == "held");
    assert!(held, "it ended without the lock");
    child
}

#[test]
fn the_lock_of_a_process_that_was_killed_is_taken_over() {
    let place = Place::new("killed");
    let mut other = other_process(&place.0);
    let (mut reactor, h) = sim();
    assert!(place.lock().try_acquire().unwrap().is_none());
    let d = place.lock().acquire(&h);
    h.call_later(SECOND * 5 / 2, move |_| {
        other.kill().unwrap();
        other.wait().unwrap();
    });
    let clock = h.clone();
    let at = d.add_callback(move |_held| Ok(clock.now().as_millis()));
    until_stalled(&mut reactor);
    assert_eq!(value(at), 3_000);
}

#[test]
fn a_file_that_is_left_over_is_no_lock_and_keeps_what_is_in_it() {
    let place = Place::new("left");
    fs::write(&place.0, "4711").unwrap();
    let (_reactor, h) = sim();
    let held = value(place.lock().acquire(&h));
    assert_eq!(fs::read_to_string(&place.0).unwrap(), "4711");
    drop(held);
    assert!(place.0.exists());
}

#[test]
fn those_of_one_process_wait_in_line_and_one_of_them_looks() {
    let place = Place::new("line");
    let (mut reactor, h) = sim();
    let other = place.lock().try_acquire().unwrap();
    let lock = place.lock().every(10 * SECOND);
    let order = Rc::new(RefCell::new(Vec::new()));
    for name in ["a", "b", "c"] {
        let (order, clock) = (order.clone(), h.clone());
        drop(lock.acquire(&h).add_callback(move |_held: FileGuard| {
            order.borrow_mut().push((name, clock.now().as_millis()));
            Ok(())
        }));
    }
    assert!(lock.try_acquire().unwrap().is_none());
    h.call_later(SECOND, |_| drop(other));
    until_stalled(&mut reactor);
    // The next one goes on at once: the file is unlocked before its place in line is free.
    assert_eq!(order.take(), [("a", 10_000), ("b", 10_000), ("c", 10_000)]);
}

#[test]
fn cancelling_ends_the_waiting_of_who_looks_and_of_who_stands_in_line() {
    let place = Place::new("cancel");
    let (mut reactor, h) = sim();
    let other = place.lock().try_acquire().unwrap();
    let lock = place.lock();
    let (looks, stands, last) = (lock.acquire(&h), lock.acquire(&h), lock.acquire(&h));
    reactor.turn(Some(Duration::ZERO)).unwrap();
    assert!(reactor.next_deadline().is_some());
    stands.canceller().cancel();
    assert!(is::<Cancelled, _>(stands));
    looks.canceller().cancel();
    assert!(is::<Cancelled, _>(looks));
    // Now the last one looks.
    let last = waits(last);
    drop(other);
    until_stalled(&mut reactor);
    drop(value(last));

    let _other = place.lock().try_acquire().unwrap();
    let (mut reactor, h) = sim();
    reactor.turn(Some(Duration::ZERO)).unwrap();
    let only = lock.acquire(&h);
    only.canceller().cancel();
    assert_eq!(reactor.next_deadline(), None);
    assert!(is::<Cancelled, _>(only));
}

#[test]
fn a_timeout_ends_the_waiting() {
    let place = Place::new("timeout");
    let (mut reactor, h) = sim();
    let _other = place.lock().try_acquire().unwrap();
    let d = place.lock().acquire(&h).add_timeout(&h, SECOND * 5 / 2);
    until_stalled(&mut reactor);
    assert_eq!(h.now().as_millis(), 2_500);
    assert!(is::<TimedOut, _>(d));
}

#[test]
fn what_cannot_be_opened_is_a_failure_and_the_line_goes_on() {
    let place = Place::new("no-folder");
    let (_reactor, h) = sim();
    let lock = FileLock::new(place.0.join("below.lock"));
    for _ in 0..2 {
        let failure = failure(lock.acquire(&h));
        let kind = failure.check::<io::Error>().map(io::Error::kind);
        assert_eq!(kind, Some(io::ErrorKind::NotFound));
    }
    assert!(lock.try_acquire().is_err());

    // Also when it happens at a later look.
    let (mut reactor, h) = sim();
    fs::create_dir(&place.0).unwrap();
    let other = lock.try_acquire().unwrap();
    let d = lock.clone().acquire(&h);
    drop(other);
    drop(value(d));
    let other = FileLock::new(place.0.join("below.lock")).try_acquire();
    let d = lock.acquire(&h);
    fs::remove_dir_all(&place.0).unwrap();
    until_stalled(&mut reactor);
    assert!(is::<io::Error, _>(d));
    drop(other);
}

#[test]
fn dropping_the_reactor_abandons_it_and_frees_the_line() {
    let place = Place::new("drop");
    let alive = Rc::new(());
    let (reactor, h) = sim();
    let other = place.lock().try_acquire().unwrap();
    let lock = place.lock();
    let captured = alive.clone();
    let d = lock
        .acquire(&h)
        .add_callback(move |held| Ok((held, captured)));
    drop(reactor);
    assert!(is::<Abandoned, _>(d));
    assert_eq!(Rc::strong_count(&alive), 1);
    drop(other);
    assert!(lock.try_acquire().unwrap().is_some());
}

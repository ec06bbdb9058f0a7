//! What the pocket's reactor promises, each with a test. Turns are counted; no time decides.
mod limit;
use limit::run;
use mio::net::UnixStream;
use pocket::reactor::{Handle, Id, Reactor, Source};
use pocket::remote::Remote;
use std::cell::{Cell, RefCell};
use std::io::{ErrorKind, Read, Write};
use std::rc::Rc;
use std::time::{Duration, Instant};

const MS: Duration = Duration::from_millis(1);

type Log = Rc<RefCell<Vec<&'static str>>>;

fn note(log: &Log, word: &'static str) -> impl FnOnce(&Handle) + 'static {
    let log = log.clone();
    move |_| log.borrow_mut().push(word)
}

/// Stops the reactor after so many turns more.
fn stop_after(h: &Handle, turns: usize) {
    match turns {
        0 => h.stop(),
        _ => h.call_soon(move |h| stop_after(h, turns - 1)),
    }
}

#[test]
fn what_a_call_asks_for_runs_in_a_later_turn_in_the_order_asked() {
    let mut reactor = Reactor::new().unwrap();
    let (h, log) = (reactor.handle(), Log::default());
    let (c, again) = (note(&log, "c"), log.clone());
    h.call_later(Duration::ZERO, note(&log, "timer"));
    h.call_soon(note(&log, "a"));
    h.call_soon(move |h| {
        h.call_soon(c);
        let d = note(&again, "d");
        h.call_soon(|h| {
            h.call_soon(d);
            h.call_soon(Handle::stop);
        });
    });
    h.call_soon(note(&log, "b"));
    assert!(log.borrow().is_empty(), "something ran before `run`: {log:?}");
    run(&mut reactor);
    assert_eq!(*log.borrow(), ["a", "b", "timer", "c", "d"]);
}

#[test]
fn calls_of_the_turn_that_stops_still_run_and_a_second_run_does_nothing() {
    let mut reactor = Reactor::new().unwrap();
    let (h, log) = (reactor.handle(), Log::default());
    h.call_soon(Handle::stop);
    h.call_soon(note(&log, "same turn"));
    run(&mut reactor);
    h.call_soon(note(&log, "second run"));
    run(&mut reactor);
    assert_eq!(*log.borrow(), ["same turn"]);
}

#[test]
fn a_timer_may_cancel_one_that_is_due_and_add_another() {
    let mut reactor = Reactor::new().unwrap();
    let (h, log) = (reactor.handle(), Log::default());
    let other = Rc::new(Cell::new(None));
    let (victim, added) = (other.clone(), note(&log, "added"));
    let first = note(&log, "first");
    h.call_later(Duration::ZERO, move |h| {
        first(h);
        h.cancel(victim.take().unwrap());
        h.call_later(Duration::ZERO, |h| {
            added(h);
            h.stop();
        });
    });
    other.set(Some(h.call_later(Duration::ZERO, note(&log, "cancelled"))));
    std::thread::sleep(MS); // both are due in the first turn
    run(&mut reactor);
    assert_eq!(*log.borrow(), ["first", "added"]);
}

#[test]
fn a_timer_of_no_time_that_sets_itself_again_does_not_keep_the_turn() {
    fn again(h: &Handle, n: Rc<Cell<u32>>) {
        n.set(n.get() + 1);
        assert!(n.get() < 100_000, "the timers of one turn never end");
        h.call_later(Duration::ZERO, |h| again(h, n));
    }
    let mut reactor = Reactor::new().unwrap();
    let h = reactor.handle();
    let n = Rc::new(Cell::new(0));
    again(&h, n);
    stop_after(&h, 5);
    run(&mut reactor);
}

#[test]
fn timers_run_in_the_order_of_their_deadlines_and_no_number_is_given_twice() {
    let mut reactor = Reactor::new().unwrap();
    let (h, log) = (reactor.handle(), Log::default());
    let never = h.call_later(Duration::MAX, |_| unreachable!());
    let stop = h.call_later(3 * MS, Handle::stop);
    let late = h.call_later(2 * MS, note(&log, "late"));
    let early = h.call_later(MS, note(&log, "early"));
    let (mut ours, _theirs) = UnixStream::pair().unwrap();
    let socket = h.adopt(&mut ours).unwrap();
    let mut ids = [never.1, stop.1, late.1, early.1, socket, h.new_id()].map(usize::from).to_vec();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 6, "two timers or sources have the same number: {ids:?}");
    run(&mut reactor);
    assert_eq!(*log.borrow(), ["early", "late"]);
    h.cancel(never);
    h.cancel(never);
}

#[test]
fn a_timer_is_never_early() {
    let mut reactor = Reactor::new().unwrap();
    let h = reactor.handle();
    let due = Instant::now() + 20 * MS;
    h.call_later(20 * MS, move |h| {
        assert!(Instant::now() >= due, "it ran too early");
        h.stop();
    });
    run(&mut reactor);
}

/// The time that this thread has had a processor, in hundredths of a second.
#[cfg(target_os = "linux")]
fn worked() -> u64 {
    let stat = std::fs::read_to_string("/proc/thread-self/stat").unwrap();
    let fields = stat.rsplit(") ").next().unwrap().split(' ');
    fields.skip(11).take(2).map(|ticks| ticks.parse::<u64>().unwrap()).sum()
}

#[cfg(target_os = "linux")]
#[test]
fn a_loop_that_only_waits_for_a_timer_sleeps() {
    let mut reactor = Reactor::new().unwrap();
    let before = worked();
    reactor.handle().call_later(400 * MS, Handle::stop);
    run(&mut reactor);
    let worked = worked() - before;
    assert!(worked < 3, "it worked for {worked} hundredths of a second, of 40");
}

/// A full socket, and whether it was told that it can be written to again.
struct Full(UnixStream, Cell<bool>);

impl Source for Full {
    fn ready(self: Rc<Self>, _: &Handle, _: Id) {
        self.1.set((&self.0).write(&[0]).is_ok());
    }
}

#[test]
fn a_socket_that_was_full_is_told_that_it_can_be_written_to() {
    let mut reactor = Reactor::new().unwrap();
    let h = reactor.handle();
    let (mut ours, mut theirs) = UnixStream::pair().unwrap();
    let id = h.adopt(&mut ours).unwrap();
    while (&ours).write(&[0; 4096]).is_ok() {}
    let full = Rc::new(Full(ours, Cell::new(false)));
    h.register(id, full.clone());
    h.call_soon(move |h| {
        h.call_soon(move |h| {
            while theirs.read(&mut [0; 4096]).is_ok() {}
            stop_after(h, 20);
            h.call_later(Duration::from_secs(3600), move |_| drop(theirs));
        });
    });
    run(&mut reactor);
    assert!(full.1.get(), "its peer made room, and it was not told");
}

/// A wait that a signal ends is no error. `SIGSTOP` and `SIGCONT` need no handler.
#[cfg(target_os = "linux")]
#[test]
fn a_signal_does_not_end_the_loop() {
    use std::process::{Command, Stdio};
    let me = std::env::current_exe().unwrap();
    let args = ["--ignored", "--exact", "--nocapture", "waits"];
    let mut child = Command::new(me).args(args).stdout(Stdio::null()).spawn().unwrap();
    let pid = child.id().to_string();
    let status = loop {
        for signal in ["-STOP", "-CONT"] {
            Command::new("kill").args([signal, &pid]).stderr(Stdio::null()).status().unwrap();
        }
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        std::thread::sleep(10 * MS);
    };
    assert!(status.success(), "the loop ended with an error: {status}");
}

#[test]
#[ignore = "the child of the test above"]
fn waits() {
    let mut reactor = Reactor::new().unwrap();
    reactor.handle().call_later(300 * MS, Handle::stop);
    run(&mut reactor);
}

/// One end of a pair of sockets that notes the bytes it is sent, and stops the loop at the end.
struct Pipe {
    stream: RefCell<Option<UnixStream>>,
    id: Id,
    drains: bool,
    log: RefCell<Vec<String>>,
}

fn pipe(h: &Handle, drains: bool) -> (Rc<Pipe>, UnixStream) {
    let (mut ours, theirs) = UnixStream::pair().unwrap();
    let id = h.adopt(&mut ours).unwrap();
    let pipe =
        Rc::new(Pipe { stream: RefCell::new(Some(ours)), id, drains, log: RefCell::default() });
    h.register(id, pipe.clone());
    (pipe, theirs)
}

impl Source for Pipe {
    fn ready(self: Rc<Self>, reactor: &Handle, id: Id) {
        loop {
            let mut byte = [0];
            let Some(read) = self.stream.borrow_mut().as_mut().map(|s| s.read(&mut byte)) else {
                return self.log.borrow_mut().push("told after `forget`".into());
            };
            match read {
                Ok(0) => {
                    // It forgets itself while the reactor is in its `ready`.
                    self.log.borrow_mut().push("end".into());
                    assert_eq!(id, self.id);
                    reactor.forget(id);
                    self.stream.take();
                    return stop_after(reactor, 3);
                }
                Ok(_) => self.log.borrow_mut().push(char::from(byte[0]).into()),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) => return self.log.borrow_mut().push(error.kind().to_string()),
            }
            if !self.drains {
                return;
            }
        }
    }
}

#[test]
fn a_source_that_drains_hears_all_and_may_forget_itself() {
    let mut reactor = Reactor::new().unwrap();
    let h = reactor.handle();
    let (pipe, mut peer) = pipe(&h, true);
    peer.write_all(b"abc").unwrap();
    h.call_later(MS, move |_| drop(peer));
    run(&mut reactor);
    assert_eq!(*pipe.log.borrow(), ["a", "b", "c", "end"]);
}

#[test]
fn a_source_that_does_not_drain_is_not_told_again() {
    let mut reactor = Reactor::new().unwrap();
    let h = reactor.handle();
    let (pipe, mut peer) = pipe(&h, false);
    peer.write_all(b"abc").unwrap();
    stop_after(&h, 50);
    run(&mut reactor);
    assert_eq!(*pipe.log.borrow(), ["a"]);
}

#[test]
fn a_source_that_is_forgotten_is_not_told_and_another_may_take_its_place() {
    let mut reactor = Reactor::new().unwrap();
    let h = reactor.handle();
    let (first, mut peer) = pipe(&h, true);
    let second = Rc::new(Pipe {
        stream: RefCell::new(first.stream.take()),
        id: first.id,
        drains: true,
        log: RefCell::default(),
    });
    h.register(first.id, second.clone());
    peer.write_all(b"x").unwrap();
    let id = first.id;
    // In the second turn, so that "x" has been told in the first.
    h.call_soon(move |h| {
        h.call_soon(move |h| {
            h.forget(id);
            h.forget(id);
            peer.write_all(b"y").unwrap();
            stop_after(h, 20);
        });
    });
    run(&mut reactor);
    assert!(first.log.borrow().is_empty(), "the one that was replaced was told");
    assert_eq!(*second.log.borrow(), ["x"]);
}

/// Calls everything a handle has, at the moment it is dropped.
struct Meddles(Handle, Rc<Cell<u32>>);

impl Drop for Meddles {
    fn drop(&mut self) {
        self.1.set(self.1.get() + 1);
        let h = &self.0;
        h.call_soon(|_| {});
        let timer = h.call_later(Duration::ZERO, |_| {});
        h.cancel(timer);
        h.forget(h.new_id());
        h.tell(h.new_id());
    }
}

impl Source for Meddles {
    fn ready(self: Rc<Self>, _: &Handle, _: Id) {}
}

#[test]
fn nothing_is_borrowed_while_what_was_removed_is_dropped() {
    let mut reactor = Reactor::new().unwrap();
    let (h, drops) = (reactor.handle(), Rc::new(Cell::new(0)));
    let meddles = || Meddles(h.clone(), drops.clone());
    let (in_timer, kept) = (meddles(), meddles());
    let timer = h.call_later(3600 * 1000 * MS, move |_| drop(in_timer));
    h.cancel(timer);
    let id = h.new_id();
    h.register(id, Rc::new(meddles()));
    h.register(id, Rc::new(meddles())); // replaces
    h.forget(id);
    h.register(id, Rc::new(meddles())); // is there at the end of the run
    h.call_later(3600 * 1000 * MS, move |_| drop(kept)); // and so is this
    let in_call = meddles();
    h.call_soon(|h| {
        h.stop();
        h.call_soon(|_| drop(in_call)); // and this
    });
    assert_eq!(drops.get(), 3);
    run(&mut reactor);
    assert_eq!(drops.get(), 6, "run let go of what still waited");
}

#[test]
fn the_end_of_a_run_frees_what_holds_a_handle() {
    let mut reactor = Reactor::new().unwrap();
    let h = reactor.handle();
    let kept = Rc::new(());
    let (in_call, in_timer, in_source) = (kept.clone(), kept.clone(), kept.clone());
    #[expect(dead_code, reason = "held, and never read: a circle")]
    struct Holds(Handle, Rc<()>);
    impl Source for Holds {
        fn ready(self: Rc<Self>, _: &Handle, _: Id) {}
    }
    let (one, two) = (h.clone(), h.clone());
    h.register(h.new_id(), Rc::new(Holds(h.clone(), in_source)));
    h.call_later(3600 * 1000 * MS, move |_| drop((one, in_timer)));
    h.call_soon(move |h| {
        h.call_soon(move |_| drop((two, in_call)));
        h.stop();
    });
    run(&mut reactor);
    assert_eq!(Rc::strong_count(&kept), 1);
}

#[test]
fn a_thread_can_call_in_in_the_order_it_sent_and_stop_the_loop() {
    let mut reactor = Reactor::new().unwrap();
    let remote = Remote::new(&reactor.handle()).unwrap();
    let before = std::thread::current().id();
    let (sender, seen) = std::sync::mpsc::channel();
    let thread = std::thread::spawn(move || {
        for n in 0..1000 {
            let sender = sender.clone();
            remote.call(move |_| {
                assert_eq!(std::thread::current().id(), before, "it ran in the thread");
                sender.send(n).unwrap();
            });
        }
        remote.call(Handle::stop);
        remote
    });
    run(&mut reactor);
    assert!(seen.try_iter().eq(0..1000), "calls are missing, or in another order");
    let remote = thread.join().unwrap();
    remote.call(|_| unreachable!("the loop has ended")); // and this is no panic
}

#[test]
fn a_wake_up_while_the_calls_are_read_is_not_lost() {
    let mut reactor = Reactor::new().unwrap();
    let remote = Remote::new(&reactor.handle()).unwrap();
    fn ring(remote: Remote, left: u32) {
        remote.clone().call(move |h| match left {
            0 => h.stop(),
            _ => ring(remote, left - 1),
        });
    }
    ring(remote, 1000); // more than a socket's buffer holds
    run(&mut reactor);
}

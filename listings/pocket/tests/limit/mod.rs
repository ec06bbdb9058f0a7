//! Runs a loop, and ends the program when it takes too long: a loop that hangs must fail its test.
use pocket::reactor::Reactor;
use std::{process, sync::mpsc, thread, time::Duration};

/// Long enough for a machine that is busy with other things.
const LIMIT: Duration = Duration::from_secs(30);

pub fn run(reactor: &mut Reactor) {
    let name = thread::current().name().unwrap_or("a test").to_owned();
    let (done, over) = mpsc::channel::<()>();
    thread::spawn(move || {
        if over.recv_timeout(LIMIT) == Err(mpsc::RecvTimeoutError::Timeout) {
            eprintln!("{name}: the loop did not end within {LIMIT:?}");
            process::exit(101);
        }
    });
    reactor.run().unwrap();
    drop(done);
}

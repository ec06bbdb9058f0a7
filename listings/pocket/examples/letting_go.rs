//! Another thread stops the loop, and the end lets go of a timer of an hour.
// ANCHOR: main
use pocket::{reactor::Reactor, remote::Remote};
use std::{io, thread, time::Duration};

struct Note(&'static str);

impl Drop for Note {
    fn drop(&mut self) {
        println!("dropped: {}", self.0);
    }
}

fn main() -> io::Result<()> {
    let mut reactor = Reactor::new()?;
    let handle = reactor.handle();
    let (note, circle) = (Note("a timer of an hour"), handle.clone());
    handle.call_later(Duration::from_secs(3600), move |_| drop((note, circle)));
    let remote = Remote::new(&handle)?;
    let thread = thread::spawn(move || {
        remote.call(|reactor| {
            println!("a call from outside");
            reactor.stop();
        });
    });
    reactor.run()?;
    println!("the loop has ended");
    thread.join().expect("the caller does not panic");
    Ok(())
}
// ANCHOR_END: main

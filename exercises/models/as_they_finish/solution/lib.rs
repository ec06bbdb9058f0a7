//! The threads send to one channel, and the caller reads it.
use std::{sync::mpsc, thread};

/// Something that takes its time and then has a poem.
pub type Fetch = Box<dyn FnOnce() -> String + Send>;

/// Runs every fetch in a thread of its own and calls `finished` with its place and its poem as soon as it is done.
pub fn fetch_all(fetches: Vec<Fetch>, mut finished: impl FnMut(usize, String)) {
    let (done, results) = mpsc::channel();
    thread::scope(|scope| {
        for (place, fetch) in fetches.into_iter().enumerate() {
            let done = done.clone();
            scope.spawn(move || {
                // The receiver is gone only when `finished` has panicked.
                let _ = done.send((place, fetch()));
            });
        }
        drop(done); // or the loop below waits for a sender that sends nothing
        for (place, poem) in results {
            finished(place, poem);
        }
    });
}

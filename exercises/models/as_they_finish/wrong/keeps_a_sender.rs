//! Wrong: the loop waits for the sender that this very function holds.
use std::{sync::mpsc, thread};

/// Something that takes its time and then has a poem.
pub type Fetch = Box<dyn FnOnce() -> String + Send>;

/// Runs every fetch in a thread of its own and calls `finished` with its place and its poem as soon as it is done.
pub fn fetch_all(fetches: Vec<Fetch>, mut finished: impl FnMut(usize, String)) {
    let (done, results) = mpsc::channel();
    for (place, fetch) in fetches.into_iter().enumerate() {
        let done = done.clone();
        thread::spawn(move || {
            let _ = done.send((place, fetch()));
        });
    }
    for (place, poem) in results {
        finished(place, poem);
    }
}

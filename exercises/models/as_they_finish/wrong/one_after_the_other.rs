//! Wrong: a thread each, but the next one starts when the last one is done.
use std::thread;

/// Something that takes its time and then has a poem.
pub type Fetch = Box<dyn FnOnce() -> String + Send>;

/// Runs every fetch in a thread of its own and calls `finished` with its place and its poem as soon as it is done.
pub fn fetch_all(fetches: Vec<Fetch>, mut finished: impl FnMut(usize, String)) {
    for (place, fetch) in fetches.into_iter().enumerate() {
        let thread = thread::spawn(fetch);
        finished(place, thread.join().expect("no fetch panics"));
    }
}

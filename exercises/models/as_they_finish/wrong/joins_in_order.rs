//! Wrong: waits for the first thread first, whichever is done first.
use std::thread;

/// Something that takes its time and then has a poem.
pub type Fetch = Box<dyn FnOnce() -> String + Send>;

/// Runs every fetch in a thread of its own and calls `finished` with its place and its poem as soon as it is done.
pub fn fetch_all(fetches: Vec<Fetch>, mut finished: impl FnMut(usize, String)) {
    let threads: Vec<_> = fetches.into_iter().map(thread::spawn).collect();
    for (place, thread) in threads.into_iter().enumerate() {
        finished(place, thread.join().expect("no fetch panics"));
    }
}

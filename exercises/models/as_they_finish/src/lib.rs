//! Runs fetches in threads and tells of each as it finishes.

/// Something that takes its time and then has a poem.
pub type Fetch = Box<dyn FnOnce() -> String + Send>;

/// Runs every fetch in a thread of its own and calls `finished` with its place and its poem as soon as it is done.
pub fn fetch_all(fetches: Vec<Fetch>, finished: impl FnMut(usize, String)) {
    let _ = (fetches, finished);
    todo!()
}

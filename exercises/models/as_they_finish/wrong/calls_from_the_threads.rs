//! Wrong: `finished` is called from many threads, although nothing says that it may be.
use std::{sync::Mutex, thread};

/// Something that takes its time and then has a poem.
pub type Fetch = Box<dyn FnOnce() -> String + Send>;

/// Runs every fetch in a thread of its own and calls `finished` with its place and its poem as soon as it is done.
pub fn fetch_all(fetches: Vec<Fetch>, finished: impl FnMut(usize, String)) {
    let finished = Mutex::new(finished);
    thread::scope(|scope| {
        for (place, fetch) in fetches.into_iter().enumerate() {
            let finished = &finished;
            scope.spawn(move || {
                let poem = fetch();
                (finished.lock().expect("no panic"))(place, poem);
            });
        }
    });
}

//! Futures that may go to another thread.
use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
};

/// A shelf that several tasks share.
pub type Shelf = Arc<Mutex<Vec<String>>>;

/// A poem that comes later.
pub type Poem = Pin<Box<dyn Future<Output = String> + Send>>;

/// A future in a box, whose type does not say how it was made.
pub type Errand = Pin<Box<dyn Future<Output = usize> + Send>>;

/// Waits for the poem and puts it on the shelf. Returns how many stand there then.
pub async fn put(shelf: Shelf, poem: impl Future<Output = String>) -> usize {
    let poem = poem.await;
    let mut shelf = shelf.lock().unwrap_or_else(PoisonError::into_inner);
    shelf.push(poem);
    shelf.len()
}

/// Puts one poem after another on the shelf. Returns how many it has put there.
pub fn put_all(shelf: Shelf, poems: Vec<Poem>) -> Errand {
    Box::pin(async move {
        let mut done = 0;
        for poem in poems {
            put(Arc::clone(&shelf), poem).await;
            done += 1;
        }
        done
    })
}

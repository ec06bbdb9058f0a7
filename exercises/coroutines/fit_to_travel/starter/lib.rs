//! Futures that may go to another thread.
use std::{
    pin::Pin,
    sync::{Arc, Mutex},
};

/// A shelf that several tasks share.
pub type Shelf = Arc<Mutex<Vec<String>>>;

/// A poem that comes later.
pub type Poem = Pin<Box<dyn Future<Output = String> + Send>>;

/// A future in a box, whose type does not say how it was made.
pub type Errand = Pin<Box<dyn Future<Output = usize>>>;

/// Waits for the poem and puts it on the shelf. Returns how many stand there then.
pub async fn put(shelf: Shelf, poem: impl Future<Output = String>) -> usize {
    let _ = (shelf, poem);
    todo!("wait, and then put it there")
}

/// Puts one poem after another on the shelf. Returns how many it has put there.
pub fn put_all(shelf: Shelf, poems: Vec<Poem>) -> Errand {
    let _ = (shelf, poems);
    todo!("one after another")
}

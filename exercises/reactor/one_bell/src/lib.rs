//! A mailbox that says when to ring.
use std::sync::Mutex;

/// Letters from other threads, for one reader.
#[derive(Debug)]
pub struct Mailbox<T> {
    letters: Mutex<Vec<T>>,
}

impl<T> Mailbox<T> {
    /// An empty box.
    pub fn new() -> Mailbox<T> {
        Mailbox {
            letters: Mutex::new(Vec::new()),
        }
    }

    /// Puts a letter in. Returns whether the reader has to be woken.
    pub fn post(&self, letter: T) -> bool {
        let _ = (&self.letters, letter);
        todo!("put it in, and say whether the box was empty")
    }

    /// Calls `read` with each letter that is there now, the oldest first.
    pub fn empty(&self, read: impl FnMut(T)) {
        let _ = read;
        todo!("read what is there now")
    }
}

impl<T> Default for Mailbox<T> {
    fn default() -> Mailbox<T> {
        Mailbox::new()
    }
}

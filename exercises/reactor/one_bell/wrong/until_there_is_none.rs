//! A mailbox that says when to ring.
use std::{
    mem,
    sync::{Mutex, PoisonError},
};

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
        let mut letters = self.letters.lock().unwrap_or_else(PoisonError::into_inner);
        letters.push(letter);
        letters.len() == 1
    }

    /// Calls `read` with each letter that is there now, the oldest first.
    pub fn empty(&self, mut read: impl FnMut(T)) {
        loop {
            let letters =
                mem::take(&mut *self.letters.lock().unwrap_or_else(PoisonError::into_inner));
            if letters.is_empty() {
                return;
            }
            letters.into_iter().for_each(&mut read);
        }
    }
}

impl<T> Default for Mailbox<T> {
    fn default() -> Mailbox<T> {
        Mailbox::new()
    }
}

//! Wrong: it is pending and keeps no waker.
use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard},
    task::{Context, Poll, Waker},
};

struct Slot<T> {
    letter: Option<T>,
    /// One of the two ends is gone.
    closed: bool,
    waiting: Option<Waker>,
}

/// The end that sends, once.
pub struct Sender<T>(Arc<Mutex<Slot<T>>>);

/// The end that waits: a future.
pub struct Receiver<T>(Arc<Mutex<Slot<T>>>);

/// A box for one letter, with its two ends.
pub fn letterbox<T>() -> (Sender<T>, Receiver<T>) {
    let shared = Arc::new(Mutex::new(Slot {
        letter: None,
        closed: false,
        waiting: None,
    }));
    (Sender(Arc::clone(&shared)), Receiver(shared))
}

fn lock<T>(shared: &Mutex<Slot<T>>) -> MutexGuard<'_, Slot<T>> {
    shared.lock().expect("no one panics while holding it")
}

impl<T> Sender<T> {
    /// Puts the letter into the box. Returns it when the other end is gone.
    pub fn send(self, letter: T) -> Result<(), T> {
        let mut shared = lock(&self.0);
        if shared.closed {
            return Err(letter);
        }
        shared.letter = Some(letter);
        Ok(()) // dropping `self` wakes the receiver
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        let mut shared = lock(&self.0);
        shared.closed = true;
        let waiting = shared.waiting.take();
        drop(shared);
        if let Some(waker) = waiting {
            waker.wake();
        }
    }
}

impl<T> Future for Receiver<T> {
    type Output = Option<T>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        let mut shared = lock(&self.0);
        if let Some(letter) = shared.letter.take() {
            return Poll::Ready(Some(letter));
        }
        if shared.closed {
            return Poll::Ready(None);
        }
        let _ = context;
        Poll::Pending
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        lock(&self.0).closed = true;
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Receiver")
    }
}

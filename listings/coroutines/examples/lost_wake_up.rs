//! Panics: a future that looks first and leaves its waker too late.
use coroutines::block_on;
use reactor::{Reactor, Sim};
use std::{
    future::poll_fn,
    mem,
    sync::{Arc, Mutex},
    task::{Poll, Waker},
    thread,
};

// ANCHOR: letter
#[derive(Default)]
struct Letterbox {
    letter: Option<&'static str>,
    waiting: Option<Waker>,
}

fn post(letterbox: &Mutex<Letterbox>) {
    let mut letterbox = letterbox.lock().unwrap();
    letterbox.letter = Some("Dear reader");
    if let Some(waker) = letterbox.waiting.take() {
        waker.wake();
    }
}

async fn receive(letterbox: Arc<Mutex<Letterbox>>) -> &'static str {
    let mut first = true;
    poll_fn(|context| {
        if let Some(letter) = letterbox.lock().unwrap().letter.take() {
            return Poll::Ready(letter);
        } // here the lock is free again
        if mem::replace(&mut first, false) {
            the_postman_comes_now(&letterbox);
        }
        letterbox.lock().unwrap().waiting = Some(context.waker().clone());
        Poll::Pending
    })
    .await
}
// ANCHOR_END: letter

/// What may happen between any two lines of a program with threads.
fn the_postman_comes_now(letterbox: &Arc<Mutex<Letterbox>>) {
    let letterbox = Arc::clone(letterbox);
    thread::spawn(move || post(&letterbox)).join().unwrap();
}

fn main() {
    let mut reactor = Reactor::new(Sim::new(1));
    let letterbox = Arc::default();
    let letter = block_on(&mut reactor, async { Ok(receive(letterbox).await) });
    match letter {
        Ok(letter) => println!("{letter}"),
        Err(failure) => panic!("{failure}"),
    }
}

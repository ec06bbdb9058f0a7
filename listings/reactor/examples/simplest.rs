//! The simplest reactor: a queue of things to do, and a loop that sleeps.
use std::{
    sync::mpsc::{self, Sender, TryRecvError},
    thread,
    time::Duration,
};

type Call = Box<dyn FnOnce() + Send>;

// ANCHOR: countdown
fn countdown(queue: Sender<Call>, name: &'static str, n: u32) {
    println!("{name} {n}");
    if n > 1 {
        let next = queue.clone();
        let _ = queue.send(Box::new(move || countdown(next, name, n - 1)));
    }
}
// ANCHOR_END: countdown

fn main() {
    let (queue, calls) = mpsc::channel::<Call>();
    for name in ["left", "right"] {
        let next = queue.clone();
        let _ = queue.send(Box::new(move || countdown(next, name, 3)));
    }
    // Another thread has something for us, a quarter of a second from now.
    thread::spawn(move || {
        thread::sleep(Duration::from_millis(250));
        let _ = queue.send(Box::new(|| println!("a message from outside")));
    });
    println!("nothing has run yet");

    // ANCHOR: loop
    loop {
        match calls.try_recv() {
            Ok(call) => call(),
            Err(TryRecvError::Empty) => thread::sleep(Duration::from_millis(100)),
            Err(TryRecvError::Disconnected) => break, // no sender is left to add one
        }
    }
    // ANCHOR_END: loop
    println!("nothing is left to do");
}

//! Two threads take two locks in opposite order, and neither gets its second one.
use std::{
    sync::{Arc, Barrier, Mutex, mpsc},
    thread,
    time::Duration,
};

fn main() {
    let printer = Arc::new(Mutex::new("printer"));
    let shelf = Arc::new(Mutex::new("shelf"));
    let both_hold_one = Arc::new(Barrier::new(2));
    let (done, finished) = mpsc::channel();

    for [first, second] in [[&printer, &shelf], [&shelf, &printer]] {
        let (first, second) = (Arc::clone(first), Arc::clone(second));
        let (both_hold_one, done) = (Arc::clone(&both_hold_one), done.clone());
        thread::spawn(move || {
            let first = first.lock().unwrap();
            both_hold_one.wait(); // stands for bad luck
            let second = second.lock().unwrap();
            let _ = done.send(format!("printed from {first} and {second}"));
        });
    }

    match finished.recv_timeout(Duration::from_secs(1)) {
        Ok(line) => println!("{line}"),
        Err(_) => {
            panic!("1 s, and neither is done: each holds what the other one needs")
        }
    }
}

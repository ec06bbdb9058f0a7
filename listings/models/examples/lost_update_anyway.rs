//! Compiles, and still loses a poem: by the second lock, what was read is old.
use std::{
    sync::{Barrier, Mutex},
    thread,
};

fn main() {
    let count = Mutex::new(0);
    let both_have_read = Barrier::new(2);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| poem_finished(&count, &both_have_read));
        }
    });
    println!("2 poems finished, {} counted", count.lock().unwrap());
}

// ANCHOR: count
fn poem_finished(count: &Mutex<u32>, both_have_read: &Barrier) {
    let seen = *count.lock().unwrap(); // unlocked at the end of this line
    both_have_read.wait(); // stands for bad luck: the other thread runs here
    *count.lock().unwrap() = seen + 1;
}
// ANCHOR_END: count

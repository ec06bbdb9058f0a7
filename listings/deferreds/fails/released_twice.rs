//! Does not compile: a lock is given back once.
use deferreds::Lock;

fn main() {
    let lock = Lock::new();
    // ANCHOR: twice
    let held = lock.try_acquire().expect("nobody else has it");
    drop(held);
    drop(held);
    // ANCHOR_END: twice
}

//! Does not compile: `Arc` makes only the pointer fit for threads.
use std::{cell::Cell, sync::Arc, thread};

fn poem_finished(count: &Cell<u32>) {
    count.set(count.get() + 1);
}

fn main() {
    let count = Arc::new(Cell::new(0));
    let for_the_thread = Arc::clone(&count);
    let thread = thread::spawn(move || poem_finished(&for_the_thread));
    thread.join().unwrap();
    println!("poems finished: {}", count.get());
}

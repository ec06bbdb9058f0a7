//! Does not compile: a count made for one thread is handed to another.
use std::{cell::Cell, rc::Rc, thread};

fn poem_finished(count: &Cell<u32>) {
    count.set(count.get() + 1);
}

fn main() {
    let count = Rc::new(Cell::new(0));
    let for_the_thread = Rc::clone(&count);
    let thread = thread::spawn(move || poem_finished(&for_the_thread));
    thread.join().unwrap();
    println!("poems finished: {}", count.get());
}

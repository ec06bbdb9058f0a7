//! Does not compile: two threads add to one number at the same time.
use std::thread;

fn main() {
    let mut count = 0;
    thread::scope(|scope| {
        scope.spawn(|| count += 1);
        scope.spawn(|| count += 1);
    });
    println!("poems finished: {count}");
}

//! The twin of `coroutines/always_ready`: a task has a budget, and its channel gives way for it.
use std::{cell::Cell, rc::Rc};
use tokio::{sync::mpsc, task};

// ANCHOR: reader
/// Reads 1,000 lines that are all there already.
async fn reader(name: &str, total: Rc<Cell<u32>>, polite: bool) {
    let mut lines = full_queue();
    println!("{name} begins, {} lines have been read", total.get());
    for number in 1..=1000 {
        lines.recv().await; // ready: but not more than 128 times in one poll
        total.set(total.get() + 1);
        if polite && number % 100 == 0 {
            task::yield_now().await;
        }
    }
    println!("{name} ends, {} lines have been read", total.get());
}
// ANCHOR_END: reader

// ANCHOR: main
#[tokio::main(flavor = "current_thread")]
async fn main() {
    let tasks = task::LocalSet::new();
    tasks.run_until(read()).await;
}

async fn read() {
    for polite in [false, true] {
        println!("{}", if polite { "with yield_now" } else { "without" });
        let total = Rc::new(Cell::new(0));
        let (ada, grace) = (Rc::clone(&total), total);
        let ada = task::spawn_local(reader("Ada", ada, polite));
        let grace = task::spawn_local(reader("Grace", grace, polite));
        for task in [ada, grace] {
            task.await.expect("no reader panics");
        }
    }
}
// ANCHOR_END: main

fn full_queue() -> mpsc::Receiver<u32> {
    let (sender, receiver) = mpsc::channel(1000);
    for number in 0..1000 {
        sender.try_send(number).expect("there is room for all");
    }
    receiver
}

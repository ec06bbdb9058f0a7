//! Timers by hand: a heap of deadlines, and a sleep until the next one.
use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap},
    thread,
    time::{Duration, Instant},
};

type Call = Box<dyn FnOnce(&mut Timers)>;

// ANCHOR: timers
struct Timers {
    start: Instant,
    made: u64,
    /// When, and which; the earliest on top, of equal ones the one made first.
    deadlines: BinaryHeap<Reverse<(Duration, u64)>>,
    calls: HashMap<u64, Call>,
}

impl Timers {
    fn call_later<F>(&mut self, delay: f64, call: F) -> u64
    where
        F: FnOnce(&mut Timers) + 'static,
    {
        let at = self.start.elapsed() + Duration::from_secs_f64(delay);
        self.made += 1;
        self.deadlines.push(Reverse((at, self.made)));
        self.calls.insert(self.made, Box::new(call));
        self.made
    }

    fn cancel(&mut self, timer: u64) {
        self.calls.remove(&timer); // its deadline stays in the heap: a tombstone
    }

    fn run(&mut self) {
        while let Some(Reverse((at, timer))) = self.deadlines.pop() {
            let Some(call) = self.calls.remove(&timer) else {
                continue; // cancelled
            };
            thread::sleep(at.saturating_sub(self.start.elapsed()));
            call(self);
        }
    }
}
// ANCHOR_END: timers

fn main() {
    let mut timers = Timers {
        start: Instant::now(),
        made: 0,
        deadlines: BinaryHeap::new(),
        calls: HashMap::new(),
    };
    // ANCHOR: use
    timers.call_later(0.4, |_| println!("0.4 s: the eggs are done"));
    let phone = timers.call_later(0.3, |_| println!("0.3 s: the phone rings"));
    timers.call_later(0.1, move |timers| {
        println!("0.1 s: the water boils; unplug the phone, steep the tea");
        timers.cancel(phone);
        timers.call_later(0.1, |_| println!("0.2 s: the tea is ready"));
    });
    timers.run();
    // ANCHOR_END: use
}

//! What a loop's way of waiting costs each event.
use std::{
    sync::mpsc::{self, Receiver, RecvError, TryRecvError},
    thread,
    time::{Duration, Instant},
};

const EVENTS: u32 = 20;

// ANCHOR: ways
/// How the loop waits when there is nothing to do.
enum Idle {
    Sleep(Duration),
    Spin,
    Block,
}

/// The next event, and how often we looked for nothing before it.
fn next(events: &Receiver<Instant>, idle: &Idle) -> Option<(Instant, u64)> {
    let mut in_vain = 0;
    loop {
        let looked = match idle {
            Idle::Block => events
                .recv()
                .map_err(|RecvError| TryRecvError::Disconnected),
            Idle::Sleep(_) | Idle::Spin => events.try_recv(),
        };
        match (looked, idle) {
            (Ok(happened), _) => return Some((happened, in_vain)),
            (Err(TryRecvError::Disconnected), _) => return None,
            (Err(TryRecvError::Empty), Idle::Sleep(nap)) => thread::sleep(*nap),
            (Err(TryRecvError::Empty), _) => std::hint::spin_loop(),
        }
        in_vain += 1;
    }
}
// ANCHOR_END: ways

fn measure(name: &str, idle: Idle) {
    let (outside, events) = mpsc::channel();
    thread::spawn(move || {
        let mut random = 12345_u64;
        for _ in 0..EVENTS {
            random = random
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            thread::sleep(Duration::from_millis(40 + (random >> 33) % 80));
            let _ = outside.send(Instant::now());
        }
    });
    let (mut late, mut in_vain) = (Vec::new(), 0);
    while let Some((happened, looks)) = next(&events, &idle) {
        late.push(happened.elapsed().as_secs_f64() * 1e3);
        in_vain += looks;
    }
    late.sort_by(f64::total_cmp);
    let mean = late.iter().sum::<f64>() / f64::from(EVENTS);
    let worst = late[late.len() - 1];
    println!("{name:<14} {mean:>9.3} ms {worst:>9.3} ms {in_vain:>12}");
}

fn main() {
    println!("when idle       mean delay   worst delay   empty looks");
    measure("sleep 100 ms", Idle::Sleep(Duration::from_millis(100)));
    measure("sleep 10 ms", Idle::Sleep(Duration::from_millis(10)));
    measure("sleep 1 ms", Idle::Sleep(Duration::from_millis(1)));
    measure("never sleep", Idle::Spin);
    measure("block", Idle::Block);
}

//! What tasks cost, beside tokio's current_thread runtime and its LocalSet: spawning, and yielding.
use coroutines::{spawn, yield_now};
use coroutines_lab::measure::{Gate, best, compare, on_local, on_ours, on_tokio, own_memory};
use deferreds::Failure;
use std::{sync::Arc, time::Duration};

const TASKS: u64 = 100_000;
const YIELDS: u64 = 1_000_000;
const YIELDERS: u64 = 100;

fn main() {
    own_memory();
    println!("100,000 tasks, spawned and awaited one after the other");
    compare(best(6, TASKS, [tokio_awaited, local_awaited, our_awaited]));
    println!();
    println!("100,000 tasks, spawned and left alone until all are done");
    compare(best(6, TASKS, [tokio_left, local_left, our_left]));
    println!();
    println!("1,000,000 yields of 100 tasks");
    compare(best(3, YIELDS, [tokio_yields, local_yields, our_yields]));
    println!();
    println!("1,000,000 yields of one task");
    compare(best(2, YIELDS, [tokio_alone, local_alone, our_alone]));
}

// ANCHOR: awaited
fn tokio_awaited(count: u64) -> Duration {
    on_tokio(async move {
        let tasks: Vec<_> = (0..count).map(|n| tokio::spawn(async move { n })).collect();
        let mut sum = 0;
        for task in tasks {
            sum += task.await.unwrap();
        }
        assert_eq!(sum, count * (count - 1) / 2);
    })
}

fn local_awaited(count: u64) -> Duration {
    on_local(async move {
        let tasks: Vec<_> = (0..count)
            .map(|n| tokio::task::spawn_local(async move { n }))
            .collect();
        let mut sum = 0;
        for task in tasks {
            sum += task.await.unwrap();
        }
        assert_eq!(sum, count * (count - 1) / 2);
    })
}

fn our_awaited(count: u64) -> Duration {
    on_ours(async move |h| {
        let tasks: Vec<_> = (0..count)
            .map(|n| spawn(&h, async move { Ok(n) }))
            .collect();
        let mut sum = 0;
        for task in tasks {
            sum += task.await?;
        }
        assert_eq!(sum, count * (count - 1) / 2);
        Ok(())
    })
}
// ANCHOR_END: awaited

fn tokio_left(count: u64) -> Duration {
    on_tokio(async move {
        let gate = Gate::new(count);
        for _ in 0..count {
            let gate = gate.clone();
            drop(tokio::spawn(async move { gate.arrive() }));
        }
        gate.all().await;
    })
}

fn local_left(count: u64) -> Duration {
    on_local(async move {
        let gate = Gate::new(count);
        for _ in 0..count {
            let gate = gate.clone();
            drop(tokio::task::spawn_local(async move { gate.arrive() }));
        }
        gate.all().await;
    })
}

fn our_left(count: u64) -> Duration {
    on_ours(async move |h| {
        let gate = Gate::new(count);
        for _ in 0..count {
            let gate = gate.clone();
            drop(spawn(&h, async move {
                gate.arrive();
                Ok(())
            }));
        }
        gate.all().await;
        Ok(())
    })
}

// ANCHOR: yields
async fn tokio_yield(times: u64, gate: Arc<Gate>) {
    for _ in 0..times {
        tokio::task::yield_now().await;
    }
    gate.arrive();
}

async fn our_yield(times: u64, gate: Arc<Gate>) -> Result<(), Failure> {
    for _ in 0..times {
        yield_now().await;
    }
    gate.arrive();
    Ok(())
}
// ANCHOR_END: yields

fn tokio_yields(count: u64) -> Duration {
    on_tokio(async move {
        let gate = Gate::new(YIELDERS);
        for _ in 0..YIELDERS {
            drop(tokio::spawn(tokio_yield(count / YIELDERS, gate.clone())));
        }
        gate.all().await;
    })
}

fn local_yields(count: u64) -> Duration {
    on_local(async move {
        let gate = Gate::new(YIELDERS);
        for _ in 0..YIELDERS {
            let task = tokio_yield(count / YIELDERS, gate.clone());
            drop(tokio::task::spawn_local(task));
        }
        gate.all().await;
    })
}

fn our_yields(count: u64) -> Duration {
    on_ours(async move |h| {
        let gate = Gate::new(YIELDERS);
        for _ in 0..YIELDERS {
            drop(spawn(&h, our_yield(count / YIELDERS, gate.clone())));
        }
        gate.all().await;
        Ok(())
    })
}

fn tokio_alone(count: u64) -> Duration {
    on_tokio(async move {
        let task = tokio::spawn(tokio_yield(count, Gate::new(1)));
        task.await.unwrap();
    })
}

fn local_alone(count: u64) -> Duration {
    on_local(async move {
        let task = tokio::task::spawn_local(tokio_yield(count, Gate::new(1)));
        task.await.unwrap();
    })
}

fn our_alone(count: u64) -> Duration {
    on_ours(async move |h| spawn(&h, our_yield(count, Gate::new(1))).await)
}

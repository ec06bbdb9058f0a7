//! The twin of `deferreds/locked`: a mutex whose guard may live across an await.
use std::{cell::Cell, time::Duration};
use tokio::{join, sync::Mutex, time::sleep};

async fn withdraw(balance: &Cell<i32>, amount: i32) {
    let read = balance.get();
    println!("{read} are there, {amount} are wanted");
    // The other bank is asked whether it takes the money.
    sleep(Duration::from_millis(100)).await;
    balance.set(read - amount);
    println!("{} are left", balance.get());
}

// ANCHOR: lock
#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let balance = Mutex::new(Cell::new(100));
    let locked = async |amount| withdraw(&*balance.lock().await, amount).await;
    join!(locked(30), locked(60));
    println!("in the end {} are left", balance.lock().await.get());
}
// ANCHOR_END: lock

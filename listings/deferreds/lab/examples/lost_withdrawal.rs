//! The twin of `deferreds/lost_withdrawal`: an await between reading and writing.
use std::{cell::Cell, time::Duration};
use tokio::{join, time::sleep};

// ANCHOR: bank
async fn withdraw(balance: &Cell<i32>, amount: i32) {
    let read = balance.get();
    println!("{read} are there, {amount} are wanted");
    // The other bank is asked whether it takes the money.
    sleep(Duration::from_millis(100)).await;
    balance.set(read - amount);
    println!("{} are left", balance.get());
}

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let balance = Cell::new(100);
    join!(withdraw(&balance, 30), withdraw(&balance, 60));
    println!("in the end {} are left", balance.get());
}
// ANCHOR_END: bank

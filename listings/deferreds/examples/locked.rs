//! The same withdrawals, one after the other: a lock that is held across turns.
use deferreds::{Deferred, Lock, defer_later, gather_results};
use reactor::{Handle, react};
use std::{cell::Cell, io, process::ExitCode, rc::Rc, time::Duration};
use trace::say;

fn withdraw(reactor: &Handle, balance: &Rc<Cell<i32>>, amount: i32) -> Deferred<()> {
    let balance = balance.clone();
    let read = balance.get();
    say!("{read} are there, {amount} are wanted");
    // The other bank is asked whether it takes the money.
    defer_later(reactor, Duration::from_millis(100), move |_| {
        balance.set(read - amount);
        say!("{} are left", balance.get());
        Ok(())
    })
}

// ANCHOR: lock
fn main() -> ExitCode {
    react(|reactor, done| {
        let (balance, lock) = (Rc::new(Cell::new(100)), Lock::new());
        let both = [30, 60].map(|amount| {
            let (reactor, balance) = (reactor.clone(), balance.clone());
            lock.run(move || withdraw(&reactor, &balance, amount))
        });
        let _shown = gather_results(both).add_callback(move |_| {
            say!("in the end {} are left", balance.get());
            drop(done);
            Ok(())
        });
        Ok::<(), io::Error>(())
    })
}
// ANCHOR_END: lock

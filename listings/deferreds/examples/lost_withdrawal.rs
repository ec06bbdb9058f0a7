//! A balance that is read, waited with, and written: one of two withdrawals is lost.
use deferreds::{Deferred, defer_later, gather_results};
use reactor::{Handle, react};
use std::{cell::Cell, io, process::ExitCode, rc::Rc, time::Duration};
use trace::say;

// ANCHOR: bank
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

fn main() -> ExitCode {
    react(|reactor, done| {
        let balance = Rc::new(Cell::new(100));
        let both = [30, 60].map(|amount| withdraw(reactor, &balance, amount));
        let _shown = gather_results(both).add_callback(move |_| {
            say!("in the end {} are left", balance.get());
            drop(done);
            Ok(())
        });
        Ok::<(), io::Error>(())
    })
}
// ANCHOR_END: bank

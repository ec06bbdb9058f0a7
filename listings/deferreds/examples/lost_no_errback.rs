//! Lost: a failure that no code hears of.
use reactor::{Address, react};
use recital::{fetch, recite};
use std::{cell::Cell, io, process::ExitCode, rc::Rc};
use trace::say;

fn main() -> ExitCode {
    react(|reactor, done| {
        let addresses = [recite(reactor, &["hope"])?, vec![Address::loopback(1)]].concat();
        // ANCHOR: lost
        say!("{} poems wanted", addresses.len());
        let heard_of = Rc::new(Cell::new(0));
        for address in &addresses {
            let (heard_of, done) = (heard_of.clone(), done.clone());
            let callback = move |_: &_, poem: String| {
                heard_of.set(heard_of.get() + 1);
                say!("a poem of {} bytes", poem.len());
                drop(done);
            };
            fetch(reactor, address, callback, |_, _| {});
        }
        reactor.after_shutdown(move |_| say!("the end: heard of {}", heard_of.get()));
        // ANCHOR_END: lost
        Ok::<(), io::Error>(())
    })
}

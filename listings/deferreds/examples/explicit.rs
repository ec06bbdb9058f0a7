//! Explicit chaining: a chain waits already, and the result will come from another Deferred.
use deferreds::{Deferred, Resolver};
use reactor::{Address, Handle, react};
use recital::{get_poem, recite};
use std::{cell::RefCell, io, process::ExitCode, rc::Rc, time::Duration};
use trace::say;

// ANCHOR: desk
/// Readers may ask before the library opens.
#[derive(Clone, Default)]
struct Desk(Rc<RefCell<Vec<Resolver<String>>>>);

impl Desk {
    fn ask(&self) -> Deferred<String> {
        let (resolver, poem) = Deferred::new();
        self.0.borrow_mut().push(resolver);
        poem
    }

    fn open(&self, reactor: &Handle, at: &Address) {
        for resolver in self.0.take() {
            get_poem(reactor, at).chain_deferred(resolver);
        }
    }
}
// ANCHOR_END: desk

fn main() -> ExitCode {
    react(|reactor, done| {
        let at = recite(reactor, &["wind"])?.remove(0);
        // ANCHOR: main
        let desk = Desk::default();
        let clock = reactor.clone();
        let read = desk.ask().add_callback(move |poem| {
            say!("{:.1}: {} bytes", clock.now(), poem.len());
            drop(done);
            Ok(())
        });
        reactor.call_later(Duration::from_secs(1), move |reactor| {
            desk.open(reactor, &at)
        });
        // ANCHOR_END: main
        drop(read);
        Ok::<(), io::Error>(())
    })
}

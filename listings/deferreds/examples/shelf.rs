//! A stage that is added late runs at once: a shelf that keeps a poem.
use deferreds::Deferred;
use reactor::{Address, Handle, react};
use recital::{get_poem, recite};
use std::{cell::RefCell, io, process::ExitCode, rc::Rc, time::Duration};
use trace::say;

// ANCHOR: shelf
#[derive(Clone, Default)]
struct Shelf(Rc<RefCell<Option<String>>>);

impl Shelf {
    fn get(&self, reactor: &Handle, at: &Address) -> Deferred<String> {
        if let Some(poem) = self.0.borrow().clone() {
            return Deferred::succeed(poem);
        }
        let shelf = self.clone();
        get_poem(reactor, at).add_callback(move |poem| {
            *shelf.0.borrow_mut() = Some(poem.clone());
            Ok(poem)
        })
    }
}
// ANCHOR_END: shelf

fn main() -> ExitCode {
    react(|reactor, done| {
        let at = recite(reactor, &["wind"])?.remove(0);
        // ANCHOR: read
        let shelf = Shelf::default();
        read(reactor, "Ada", &shelf, &at);
        reactor.call_later(Duration::from_secs(1), move |reactor| {
            read(reactor, "Grace", &shelf, &at);
            drop(done);
        });
        // ANCHOR_END: read
        Ok::<(), io::Error>(())
    })
}

// ANCHOR: reader
fn read(reactor: &Handle, who: &'static str, shelf: &Shelf, at: &Address) {
    say!("{:.1}: {who} asks", reactor.now());
    let clock = reactor.clone();
    drop(shelf.get(reactor, at).add_callback(move |poem| {
        say!("{:.1}: {who} reads {} bytes", clock.now(), poem.len());
        Ok(())
    }));
    say!("{:.1}: {who} has asked", reactor.now());
}
// ANCHOR_END: reader

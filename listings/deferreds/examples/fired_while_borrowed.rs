//! A mistake: firing while something is borrowed that a stage needs, too.
use deferreds::{Deferred, Resolver};
use std::{cell::RefCell, rc::Rc};

// ANCHOR: borrowed
#[derive(Default)]
struct Desk {
    waiting: RefCell<Vec<Resolver<String>>>,
}

impl Desk {
    fn ask(&self) -> Deferred<String> {
        let (resolver, poem) = Deferred::new();
        self.waiting.borrow_mut().push(resolver);
        poem
    }

    fn answer(&self, poem: &str) {
        for resolver in self.waiting.borrow_mut().drain(..) {
            resolver.callback(poem.to_owned());
        }
    }
}

fn main() {
    let desk = Rc::new(Desk::default());
    let same = desk.clone();
    let asked_twice = desk.ask().add_callback(move |first| {
        println!("{first}");
        same.ask() // and another one, please
    });
    desk.answer("Who has seen the wind?");
    drop(asked_twice);
}
// ANCHOR_END: borrowed

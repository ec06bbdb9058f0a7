//! A function that returns the place for the poem, and a timer that looks there again and again.
use reactor::{Address, Handle, LoopingCall, react};
use recital::{fetch, recite};
use std::{cell::RefCell, io, process::ExitCode, rc::Rc, time::Duration};
use trace::say;

// ANCHOR: pigeonhole
type Pigeonhole = Rc<RefCell<Option<String>>>;

fn main() -> ExitCode {
    react(|reactor, done| {
        let addresses = recite(reactor, &["hope"])?;
        let poem = get_poem(reactor, &addresses[0]);
        let mut looks = 0;
        let mut done = Some(done);
        LoopingCall::start(reactor, Duration::from_millis(10), move |_, looking| {
            looks += 1;
            if let Some(poem) = poem.take() {
                say!("look {looks}: a poem of {} bytes", poem.len());
                looking.stop();
                drop(done.take());
            }
        });
        Ok::<(), io::Error>(())
    })
}
// ANCHOR_END: pigeonhole

fn get_poem(reactor: &Handle, at: &Address) -> Pigeonhole {
    let place = Pigeonhole::default();
    let filled = Rc::clone(&place);
    let callback = move |_: &_, text| *filled.borrow_mut() = Some(text);
    fetch(reactor, at, callback, |_, _| {});
    place
}

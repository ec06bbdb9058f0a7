//! A dialog that waits, opened in three places; how often the reactor's timer beats meanwhile.
use qt::{Application, Button, QtReactor};
use reactor::{LoopingCall, Os, Reactor};
use std::{cell::Cell, error::Error, rc::Rc, time::Duration};

fn main() -> Result<(), Box<dyn Error>> {
    let application = Application::new()?;
    let host = QtReactor::new(&application, Reactor::new(Os::new()?))?;
    let beats = Rc::new(Cell::new(0));
    let beat = Rc::clone(&beats);
    LoopingCall::start(&host.handle(), Duration::from_millis(5), move |_, _| {
        beat.set(beat.get() + 1);
    });

    // ANCHOR: dialog
    let (waits, during) = (application.clone(), Rc::clone(&beats));
    let dialog = Rc::new(move |place: &str| {
        let before = during.get();
        waits.nested(200); // as `QDialog::exec` does, until a person has answered
        println!("{place}: the reactor went on: {}", during.get() > before);
    });
    // ANCHOR_END: dialog

    // ANCHOR: places
    let button = Button::new(&application, "Ask");
    let opens = Rc::clone(&dialog);
    button.on_click(move |_| opens("in a slot"))?;
    application.call_soon(move || {
        let _ = button.click();
    });

    let (opens, outside) = (Rc::clone(&dialog), Rc::downgrade(&host));
    host.handle()
        .call_later(Duration::from_millis(300), move |reactor| {
            opens("in a callback of the reactor");
            let Some(host) = outside.upgrade() else {
                return;
            };
            let reactor = reactor.clone();
            host.outside(move || {
                dialog("outside of it");
                let _ = reactor.stop();
            });
        });
    // ANCHOR_END: places
    host.run()?;
    Ok(())
}

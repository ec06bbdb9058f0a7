//! A mistake: a slot that works for a while, and a window that stands still meanwhile.
use qt::{Application, Button, QtReactor};
use reactor::{LoopingCall, Os, Reactor};
use std::{cell::Cell, error::Error, rc::Rc, thread::sleep, time::Duration};

fn main() -> Result<(), Box<dyn Error>> {
    let application = Application::new()?;
    let host = QtReactor::new(&application, Reactor::new(Os::new()?))?;
    let late = Rc::new(Cell::new(0));
    let (sees, tick) = (Rc::clone(&late), Duration::from_millis(20));
    let looping = LoopingCall::start(&host.handle(), tick, move |_, looping| {
        sees.set(sees.get().max(looping.count()));
    });

    // ANCHOR: slot
    let button = Button::new(&application, "Count the words of all poems");
    let handle = host.handle();
    button.on_click(move |_| {
        sleep(Duration::from_millis(300)); // a long computation, or a blocking driver
        let handle = handle.clone();
        let looping = looping.clone();
        handle.clone().call_later(tick * 3, move |_| {
            looping.stop();
            let _ = handle.stop();
        });
    })?;
    application.call_soon(move || {
        let _ = button.click();
    });
    // ANCHOR_END: slot
    host.run()?;
    println!("beats missed in a row, at least ten: {}", late.get() > 10);
    Ok(())
}

//! The mend: the work goes to another thread, and its result comes back into the loop.
use deferreds::defer_to_thread;
use poetry::POEMS;
use qt::{Application, Button, Label, QtReactor};
use reactor::{LoopingCall, Os, Reactor};
use std::{cell::Cell, error::Error, rc::Rc, thread::sleep, time::Duration};

fn main() -> Result<(), Box<dyn Error>> {
    let application = Application::new()?;
    let host = QtReactor::new(&application, Reactor::new(Os::new()?))?;
    let beats = Rc::new(Cell::new(0));
    let beat = Rc::clone(&beats);
    LoopingCall::start(&host.handle(), Duration::from_millis(20), move |_, _| {
        beat.set(beat.get() + 1);
    });

    // ANCHOR: slot
    let button = Button::new(&application, "Count the words of all poems");
    let label = Label::new(&application, "");
    let handle = host.handle();
    button.on_click(move |button| {
        let _ = button.set_enabled(false);
        let (label, stops, during) = (label.clone(), handle.clone(), Rc::clone(&beats));
        let before = during.get();
        let _shown = defer_to_thread(&handle, || {
            sleep(Duration::from_millis(300)); // it is a large library
            Ok(POEMS
                .iter()
                .map(|poem| poem.text.split_whitespace().count())
                .sum::<usize>())
        })
        .add_callback(move |words| {
            label.set_text(&format!("{words} words"))?;
            println!(
                "{}; the window went on: {}",
                label.text()?,
                during.get() > before
            );
            Ok(stops.stop()?)
        });
    })?;
    // ANCHOR_END: slot
    application.call_soon(move || {
        let _ = button.click();
    });
    host.run()?;
    Ok(())
}

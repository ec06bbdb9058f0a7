//! A window with a label that the reactor's timer changes, ten times a second.
use qt::{Application, Label, QtReactor, Window};
use reactor::{LoopingCall, Os, Reactor};
use std::{error::Error, time::Duration};

fn main() -> Result<(), Box<dyn Error>> {
    let application = Application::new()?;
    let window = Window::new(&application, "Ticking");
    let label = Label::new(&application, "no tick yet");
    window.add(&label)?;
    window.show(260, 80)?;

    // ANCHOR: host
    let host = QtReactor::new(&application, Reactor::new(Os::new()?))?;
    let mut ticks = 0;
    LoopingCall::start(
        &host.handle(),
        Duration::from_millis(100),
        move |reactor, looping| {
            ticks += looping.count();
            match label.set_text(&format!("tick {ticks}")) {
                Ok(()) => println!("tick"),
                Err(gone) => reactor.fail(gone),
            }
            if ticks >= 10 {
                let _ = reactor.stop();
            }
        },
    );
    host.run()?;
    // ANCHOR_END: host
    println!("Qt's loop has ended, and the reactor with it");
    Ok(())
}

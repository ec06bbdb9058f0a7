//! A mistake: Qt's loop asks the reactor again and again whether there is something to do.
use qt::{Application, QtReactor};
use reactor::{Os, Reactor};
use std::{cell::Cell, error::Error, rc::Rc, time::Duration};

fn main() -> Result<(), Box<dyn Error>> {
    let application = Application::new()?;
    let waits = Duration::from_millis(200);

    // ANCHOR: asks
    let mut reactor = Reactor::new(Os::new()?);
    reactor.handle().call_later(waits, |reactor| {
        let _ = reactor.stop();
    });
    let asked = Rc::new(Cell::new(0));
    let (counts, quits) = (Rc::clone(&asked), application.clone());
    again(&application, move || {
        counts.set(counts.get() + 1);
        let _ = reactor.turn(Some(Duration::ZERO));
        if reactor.has_stopped() {
            quits.quit();
        }
        !reactor.has_stopped()
    });
    application.run();
    println!(
        "asked again and again: more than 100 turns: {}",
        asked.get() > 100
    );
    // ANCHOR_END: asks

    let host = QtReactor::new(&application, Reactor::new(Os::new()?))?;
    host.handle().call_later(waits, |reactor| {
        let _ = reactor.stop();
    });
    host.run()?;
    let counts = host.counts();
    let turns = counts.by_timer + counts.by_descriptor + counts.by_change;
    println!("told when there is something to do: {turns} turns");
    Ok(())
}

/// Calls `work` from Qt's loop for as long as it says so.
fn again(application: &Application, mut work: impl FnMut() -> bool + 'static) {
    let next = application.clone();
    application.call_soon(move || {
        if work() {
            again(&next, work);
        }
    });
}

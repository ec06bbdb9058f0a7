//! Two ways to end: the window is closed, and the reactor follows; the reactor stops, and the
//! window follows.
use qt::{Application, QtReactor, Window};
use reactor::{Handle, Os, Reactor};
use std::{error::Error, time::Duration};

fn main() -> Result<(), Box<dyn Error>> {
    let application = Application::new()?;

    println!("The window is closed:");
    let window = Window::new(&application, "Close me");
    window.on_close(|_| println!("  the window closes"))?;
    let closes = window.clone();
    once(&application, &window, move |_| {
        let _ = closes.close();
    })?;

    println!("The reactor is stopped:");
    let window = Window::new(&application, "I close myself");
    window.on_close(|_| println!("  the window closes"))?;
    once(&application, &window, |reactor| {
        let _ = reactor.stop();
    })
}

// ANCHOR: once
/// Runs a host until `end` has ended it.
fn once(
    application: &Application,
    window: &Window,
    end: impl FnOnce(&Handle) + 'static,
) -> Result<(), Box<dyn Error>> {
    let host = QtReactor::new(application, Reactor::new(Os::new()?))?;
    let reactor = host.handle();
    reactor.before_shutdown(|reactor, hold| {
        println!("  before the shutdown: saving takes a while");
        reactor.call_later(Duration::from_millis(50), move |_| {
            println!("  saved");
            drop(hold);
        });
    });
    reactor.after_shutdown(|_| println!("  the reactor has stopped"));
    reactor.call_later(Duration::from_millis(50), end);
    window.show(240, 80)?;
    host.run()?;
    println!("  run has returned");
    Ok(())
}
// ANCHOR_END: once

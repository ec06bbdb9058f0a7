//! A widget that is gone when a call reaches it: an error, not a crash.
use qt::{Application, Label, QtReactor, Window};
use reactor::{Os, Reactor};
use std::{error::Error, time::Duration};

fn main() -> Result<(), Box<dyn Error>> {
    let application = Application::new()?;
    let host = QtReactor::new(&application, Reactor::new(Os::new()?))?;
    // ANCHOR: gone
    let window = Window::new(&application, "Soon gone");
    let label = Label::new(&application, "waiting for a poem");
    window.add(&label)?;
    host.handle()
        .call_later(Duration::from_millis(20), move |_| {
            drop(window); // and with it the label, which is in it
        });
    host.handle()
        .call_later(Duration::from_millis(40), move |reactor| {
            match label.set_text("Hope is the thing with feathers") {
                Ok(()) => println!("shown"),
                Err(error) => println!("not shown: {error}"),
            }
            let _ = reactor.stop();
        });
    // ANCHOR_END: gone
    Ok(host.run()?)
}

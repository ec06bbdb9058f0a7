//! A thread speaks to the window in two ways: through the reactor, and through Qt alone.
use qt::{Application, Label, QtReactor, Window};
use reactor::{Os, Reactor};
use std::{cell::RefCell, error::Error, thread};

thread_local! {
    /// A posted closure crosses threads, so it cannot hold a widget. It finds it here.
    static LABEL: RefCell<Option<Label>> = const { RefCell::new(None) };
}

fn main() -> Result<(), Box<dyn Error>> {
    let application = Application::new()?;
    let window = Window::new(&application, "Post");
    let label = Label::new(&application, "");
    window.add(&label)?;
    window.show(240, 80)?;
    LABEL.set(Some(label));
    let host = QtReactor::new(&application, Reactor::new(Os::new()?))?;
    // ANCHOR: thread
    let remote = host.handle().remote();
    let worker = thread::spawn(move || {
        qt::post(|| show("posted to Qt's loop"));
        remote.call(|reactor| {
            show("called by the reactor");
            let _ = reactor.stop();
        });
    });
    host.run()?;
    // ANCHOR_END: thread
    let _ = worker.join();
    LABEL.set(None); // before the application goes
    Ok(())
}

fn show(text: &str) {
    LABEL.with_borrow(|label| {
        if let Some(label) = label {
            println!(
                "{:?}, on the main thread",
                label.set_text(text).map(|()| text)
            );
        }
    });
}

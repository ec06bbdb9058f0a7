//! Wrong: asks the reactor to do it later, in the same thread.
use std::sync::Arc;
use untwisted::{
    qt::{Application, Button, Label, Result, Window},
    reactor::Handle,
};

/// Counts the words of all poems, which takes a while. Returns the number, or why it is unknown.
pub type Work = Arc<dyn Fn() -> std::result::Result<usize, String> + Send + Sync>;

/// The window: one button, and below it what came of it.
pub struct Counter {
    /// It holds the other two.
    pub window: Window,
    /// Begins the work.
    pub button: Button,
    /// Says what there is to say.
    pub label: Label,
}

/// Opens the window.
pub fn counter(application: &Application, reactor: &Handle, work: Work) -> Result<Counter> {
    let window = Window::new(application, "Words");
    let button = Button::new(application, "Count the words of all poems");
    let label = Label::new(application, "not counted yet");
    window.add(&button)?;
    window.add(&label)?;
    let (shows, reactor) = (label.clone(), reactor.clone());
    button.on_click(move |button| {
        let _ = button.set_enabled(false);
        let _ = shows.set_text("counting");
        let (shows, button, work) = (shows.clone(), button.clone(), Arc::clone(&work));
        reactor.call_soon(move |_| {
            let _ = shows.set_text(&match work() {
                Ok(words) => format!("{words} words"),
                Err(why) => format!("failed: {why}"),
            });
            let _ = button.set_enabled(true);
        });
    })?;
    window.show(280, 90)?;
    Ok(Counter {
        window,
        button,
        label,
    })
}

//! A window that stands still while it works: you mend it.
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
pub fn counter(application: &Application, _reactor: &Handle, work: Work) -> Result<Counter> {
    let window = Window::new(application, "Words");
    let button = Button::new(application, "Count the words of all poems");
    let label = Label::new(application, "not counted yet");
    window.add(&button)?;
    window.add(&label)?;
    let shows = label.clone();
    button.on_click(move |_| {
        let _ = shows.set_text("counting");
        let _ = shows.set_text(&match work() {
            Ok(words) => format!("{words} words"),
            Err(why) => format!("failed: {why}"),
        });
    })?;
    window.show(280, 90)?;
    Ok(Counter {
        window,
        button,
        label,
    })
}

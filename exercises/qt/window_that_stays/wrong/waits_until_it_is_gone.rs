//! Wrong: waits until the label is gone, and a closed window is not gone.
use std::{cell::Cell, time::Duration};
use untwisted::{
    qt::{Application, Button, Label, Result, Window},
    reactor::{Handle, LoopingCall},
};

/// A window with a clock.
pub struct Clock {
    /// It holds the other two.
    pub window: Window,
    /// How many seconds it has been open.
    pub label: Label,
    /// Closes it.
    pub close: Button,
}

/// Opens a clock, which counts the seconds until it is closed.
pub fn clock(application: &Application, reactor: &Handle) -> Result<Clock> {
    let window = Window::new(application, "A clock");
    let label = Label::new(application, "0 s");
    let close = Button::new(application, "Close");
    window.add(&label)?;
    window.add(&close)?;
    let (shows, seconds) = (label.clone(), Cell::new(0));
    LoopingCall::start_later(reactor, Duration::from_secs(1), move |_, beat| {
        seconds.set(seconds.get() + beat.count());
        if shows.set_text(&format!("{} s", seconds.get())).is_err() {
            beat.stop();
        }
    });
    close.on_click(|button| {
        let _ = button.window().and_then(|window| window.close());
    })?;
    window.show(160, 80)?;
    Ok(Clock {
        window,
        label,
        close,
    })
}

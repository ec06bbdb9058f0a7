//! A clock that ends with its window.
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
    let ticking = LoopingCall::start_later(reactor, Duration::from_secs(1), move |_, beat| {
        seconds.set(seconds.get() + beat.count());
        let _ = shows.set_text(&format!("{} s", seconds.get()));
    });
    // However it is closed. And when it is dropped without that, its last call drops this slot.
    let stops = Stops(ticking);
    window.on_close(move |_| stops.0.stop())?;
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

/// No more beats when this is dropped.
struct Stops(LoopingCall);

impl Drop for Stops {
    fn drop(&mut self) {
        self.0.stop();
    }
}

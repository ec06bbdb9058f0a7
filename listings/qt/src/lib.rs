//! A window whose timers and sockets are the reactor's, with Qt's loop in charge.
//!
//! Two loops cannot both wait. Here Qt's waits, and [`QtReactor`] has it watch the one descriptor
//! behind which the reactor's own wait stands: when that is readable, or the reactor's next
//! deadline has come, the reactor makes one turn that does not wait.
//!
//! ```text
//!   sockets, wake-ups ──► the poll's descriptor ──► QSocketNotifier ─┐
//!   the next deadline ────────────────────────────► QTimer ──────────┼─► one turn (host.rs)
//!   work asked for from a slot ───────────────────► a posted call ───┘
//! ```
//!
//! [`Application`] is Qt's loop (`application.rs`), the widgets are in `widgets.rs`, what a person
//! sees of them in `visible_widget.rs`, and `testing.rs` lends tests an application. `border.rs` is
//! the border to C++, with all the unsafe code there is. `shim.h` and `shim.cpp` are its other
//! side.
//!
//! ```no_run
//! use qt::{Application, Label, QtReactor, Window};
//! use reactor::{Os, Reactor};
//! use std::time::Duration;
//!
//! fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let application = Application::new()?;
//!     let window = Window::new(&application, "A clock");
//!     let label = Label::new(&application, "a second has not passed");
//!     window.add(&label)?;
//!     window.show(240, 80)?;
//!     let host = QtReactor::new(&application, Reactor::new(Os::new()?))?;
//!     host.handle().call_later(Duration::from_secs(1), move |_| {
//!         let _ = label.set_text("a second has passed"); // an error when the window is gone
//!     });
//!     Ok(host.run()?)
//! }
//! ```
//!
//! No two files need each other: `border.rs` knows no file above it and calls closures, and all of
//! them call Qt through it.
// The border's file alone may allow it.
#![deny(unsafe_code)]

mod application;
mod border;
mod host;
mod testing;
mod visible_widget;
mod widgets;

pub use application::{Application, ApplicationError, post};
pub use host::{Counts, HostError, QtReactor};
pub use testing::with_application;
pub use visible_widget::VisibleWidget;
pub use widgets::{
    Button, Label, LineEdit, List, ProgressBar, Result, Row, TextView, Widget, WidgetError, Window,
};

//! Printing a line so that the diagram of the run shows it, too.
use crate::{Kind, event, on};
use std::panic::Location;

/// Records that the program printed `text`; prints nothing. [`crate::say!`] does both.
#[track_caller]
pub fn out(text: &str) {
    if on() {
        let site = Location::caller();
        event(Kind::Out).at(site).attr("text", || text).record();
    }
}

/// Leaves a remark for the readers of the diagram.
#[track_caller]
pub fn note(text: &str) {
    if on() {
        let site = Location::caller();
        event(Kind::Note).at(site).attr("text", || text).record();
    }
}

/// Like `println!`, and the run's recording has the line.
///
/// ```
/// trace::say!("{} poems", 3);
/// ```
#[macro_export]
macro_rules! say {
    () => { $crate::say!("") };
    ($($part:tt)*) => {{
        let text = ::std::format!($($part)*);
        ::std::println!("{text}");
        $crate::out(&text);
    }};
}

//! Reading a trace back: the parser and the lint (feature `read`). The crate `pictures`, beside the
//! book's tool, draws.
//!
//! ```
//! use trace::read::Trace;
//!
//! let recording = trace::start(trace::Setup::default());
//! trace::say!("hello");
//! let trace = Trace::parse(&recording.finish())?;
//! assert!(trace.lint().is_empty());
//! assert_eq!(trace.events[1].text("text"), Some("hello"));
//! # Ok::<(), trace::read::Error>(())
//! ```
mod lint;
mod parse;

pub use lint::Problem;
pub use parse::{Error, Event, Header, Site, Trace};

impl Trace {
    /// Returns what is wrong with the trace; empty when nothing is.
    pub fn lint(&self) -> Vec<Problem> {
        lint::lint(self)
    }
}

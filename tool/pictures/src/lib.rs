//! Pictures of recorded runs: sequence diagrams, Deferreds on their rails, tasks, and the same as
//! sentences.
//!
//! ```
//! use pictures::Look;
//! use trace::read::Trace;
//!
//! let recording = trace::start(trace::Setup::default());
//! trace::say!("hello");
//! let trace = Trace::parse(&recording.finish())?;
//! let look = Look { title: "Say hello".into(), ..Look::default() };
//! assert!(pictures::sequence(&trace, &look).contains("Note over H0: prints “hello”"));
//! assert_eq!(pictures::steps(&trace, &look), ["Our code prints “hello”."]);
//! # Ok::<(), trace::read::Error>(())
//! ```
//!
//! The same trace, look and sources make the same bytes.
//!
//! `story.rs` knows who does what, and `words.rs` says it; `source.rs` asks `functions.rs` for what
//! stands around a line.
mod chain;
mod clause;
mod crop;
mod facts;
mod functions;
mod header;
mod mermaid;
mod names;
pub mod page;
mod scenes;
mod sequence;
mod source;
mod steps;
mod story;
mod svg;
mod tasks;
mod text;
mod words;

use std::collections::BTreeMap;
use trace::read::Trace;

pub use crop::fitted;
pub use functions::Functions;
pub use header::with_source;
pub use names::names;
pub use source::settled;
pub use steps::markdown;
pub use text::escape;

/// What to show of a run.
#[derive(Clone, Debug)]
pub struct Look {
    /// Title of the figure, for those who see it and those who do not.
    pub title: String,
    /// Hosts in the order of their columns; those not named follow in the order of the trace.
    pub hosts: Vec<String>,
    /// First and last turn to show; all of them unless given. Turn 0 is what happens before the
    /// first.
    pub turns: Option<[u64; 2]>,
    /// How many turns with something in them are drawn; of a longer run the diagram keeps the
    /// beginning and the end, and says how many turns are left out between.
    pub most: usize,
    /// The Deferreds that a chain figure shows (`d1`); all of them unless given.
    pub chains: Vec<String>,
    /// Tell only of Deferreds and what is printed, for a figure that shows nothing else.
    pub rails: bool,
    /// The text of source files by the name they have in a trace's sites: labels of stages come
    /// from there.
    pub sources: BTreeMap<String, String>,
}

impl Default for Look {
    fn default() -> Self {
        Look {
            title: String::new(),
            hosts: Vec::new(),
            turns: None,
            most: 10,
            chains: Vec::new(),
            rails: false,
            sources: BTreeMap::new(),
        }
    }
}

/// Returns a mermaid sequence diagram: a column for each host, a band for each turn.
pub fn sequence(trace: &Trace, look: &Look) -> String {
    sequence::sequence(trace, look)
}

/// Returns an SVG of each Deferred's two rails.
///
/// # Errors
/// When there is no Deferred, or there are more than a figure shows; the message says what to do.
pub fn chain(trace: &Trace, look: &Look) -> Result<String, String> {
    chain::chain(trace, look)
}

/// Returns an SVG of its tasks: which is polled in which turn, and what woke it.
///
/// # Errors
/// When there is no task, or there is more than a figure shows; the message says what to do.
pub fn tasks(trace: &Trace, look: &Look) -> Result<String, String> {
    tasks::tasks(trace, look)
}

/// Returns the run as sentences, in order: what the diagram shows, for those who do not see it.
pub fn steps(trace: &Trace, look: &Look) -> Vec<String> {
    let all = steps::steps(trace, look).into_iter();
    all.map(|step| step.text).collect()
}

/// Returns the number of the event with which each of the [`steps()`] begins, for a way from the
/// sentence into the run.
///
/// ```
/// use pictures::{Look, begins, steps};
/// use trace::read::Trace;
///
/// let recording = trace::start(trace::Setup::default());
/// trace::say!("hello");
/// let trace = Trace::parse(&recording.finish())?;
/// assert_eq!(steps(&trace, &Look::default()).len(), 1);
/// assert_eq!(trace.event(begins(&trace, &Look::default())[0]).unwrap().kind, "out");
/// # Ok::<(), trace::read::Error>(())
/// ```
pub fn begins(trace: &Trace, look: &Look) -> Vec<u64> {
    let all = steps::steps(trace, look).into_iter();
    all.map(|step| step.begins).collect()
}

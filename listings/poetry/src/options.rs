//! What a server of slow poetry recites, and how.
use crate::{Fault, POEMS, Pace, Poem};

/// What a server recites, and how.
#[derive(Clone, Debug)]
pub struct Options {
    /// The poems, one port for each.
    pub poems: Vec<&'static Poem>,
    /// How slowly.
    pub pace: Pace,
    /// What goes wrong, in every recital.
    pub fault: Fault,
    /// Port of the first poem, the next ones follow; 0 lets the system choose each.
    pub port: u16,
    /// How many connections at once; others wait until one ends. 0 counts as 1. A stalled
    /// connection keeps its place until the server stops, because a client that left looks like one
    /// that only listens.
    pub most: usize,
}

impl Default for Options {
    /// The first poem, at the default pace, without faults, on a port that the system chooses, 64
    /// connections at once.
    fn default() -> Self {
        Options {
            poems: POEMS.iter().take(1).collect(),
            pace: Pace::default(),
            fault: Fault::None,
            port: 0,
            most: 64,
        }
    }
}

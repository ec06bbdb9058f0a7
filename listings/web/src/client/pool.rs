//! Connections that are kept for the next question to the same server.
use super::target::Target;
use crate::Bytes;
use http_body_util::Full;
use hyper::client::conn::http1::SendRequest;
use reactor::Time;
use std::{cell::RefCell, collections::BTreeMap, time::Duration};

type Sender = SendRequest<Full<Bytes>>;

pub(crate) struct Pool {
    most: usize,
    idle_time: Duration,
    kept: RefCell<BTreeMap<Target, Vec<(Time, Sender)>>>,
}

impl Pool {
    pub(crate) fn new(most: usize, idle_time: Duration) -> Pool {
        Pool {
            most,
            idle_time,
            kept: RefCell::default(),
        }
    }

    // ANCHOR: take
    /// Returns the connection that was used last, if it is good: the server has had the least time to close it.
    pub(crate) fn take(&self, target: &Target, now: Time) -> Option<Sender> {
        let mut pool = self.kept.borrow_mut();
        let kept = pool.get_mut(target)?;
        kept.retain(|(since, sender)| now - *since < self.idle_time && !sender.is_closed());
        let found = kept.pop();
        if kept.is_empty() {
            pool.remove(target);
        }
        found.map(|(_, sender)| sender)
    }
    // ANCHOR_END: take

    pub(crate) fn put(&self, target: Target, sender: Sender, now: Time) {
        if sender.is_closed() || self.most == 0 {
            return;
        }
        let mut pool = self.kept.borrow_mut();
        let kept = pool.entry(target).or_default();
        if kept.len() == self.most {
            kept.remove(0); // the one that has waited longest
        }
        kept.push((now, sender));
    }
}

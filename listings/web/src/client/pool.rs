//! Connections that are kept for the next question to the same server.
use super::origin::Origin;
use crate::Bytes;
use http_body_util::Full;
use hyper::client::conn::http1::SendRequest;
use reactor::Time;
use std::{cell::RefCell, collections::BTreeMap, time::Duration};

type Sender = SendRequest<Full<Bytes>>;

pub(crate) struct Pool {
    max_idle: usize,
    idle_time: Duration,
    kept: RefCell<BTreeMap<Origin, Vec<(Time, Sender)>>>,
}

impl Pool {
    pub(crate) fn new(max_idle: usize, idle_time: Duration) -> Pool {
        Pool {
            max_idle,
            idle_time,
            kept: RefCell::default(),
        }
    }

    // ANCHOR: take
    /// Returns the connection that was used last, if it is good: the server has had the least time
    /// to close it.
    pub(crate) fn take(&self, origin: &Origin, now: Time) -> Option<Sender> {
        let mut pool = self.kept.borrow_mut();
        let kept = pool.get_mut(origin)?;
        kept.retain(|(since, sender)| now - *since < self.idle_time && !sender.is_closed());
        let found = kept.pop();
        if kept.is_empty() {
            pool.remove(origin);
        }
        found.map(|(_, sender)| sender)
    }
    // ANCHOR_END: take

    pub(crate) fn put(&self, origin: Origin, sender: Sender, now: Time) {
        if sender.is_closed() || self.max_idle == 0 {
            return;
        }
        let mut pool = self.kept.borrow_mut();
        let kept = pool.entry(origin).or_default();
        if kept.len() == self.max_idle {
            kept.remove(0); // the one that has waited longest
        }
        kept.push((now, sender));
    }
}

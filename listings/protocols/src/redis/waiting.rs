//! Lists that clients of a small Redis wait for.
use super::{
    ClientId, Out, Redis,
    store::{Bytes, DbKey},
};
use crate::RespValue;
use std::{collections::BTreeSet, time::Duration};

/// What `BLPOP` waits for.
pub(super) struct Blocked {
    db_keys: Vec<DbKey>,
    until: Option<Duration>,
}

impl Redis {
    pub(super) fn blpop(
        &mut self,
        id: ClientId,
        words: &[Bytes],
        now: Duration,
        waits: bool,
    ) -> Result<Option<RespValue>, &'static str> {
        let (keys, timeout) = (&words[1..words.len() - 1], &words[words.len() - 1]);
        let timeout = seconds(timeout)?;
        let Some(client) = self.clients.get_mut(&id) else {
            return Ok(None);
        };
        let database = client.database;
        for key in keys {
            if let Some(value) = self.store.pop(database, key)? {
                return Ok(Some(RespValue::command([key, &value])));
            }
        }
        // In a transaction nothing waits, as it holds up everyone else.
        if !waits {
            return Ok(Some(RespValue::NullArray));
        }
        // A key that is named twice is waited for once: else one value would be served twice.
        let unique: BTreeSet<&Bytes> = keys.iter().collect();
        let db_keys: Vec<DbKey> = unique
            .into_iter()
            .map(|key| (database, key.clone()))
            .collect();
        for db_key in &db_keys {
            self.waiters
                .entry(db_key.clone())
                .or_default()
                .push_back(id);
        }
        let until = timeout.map(|timeout| now.saturating_add(timeout));
        self.deadlines.extend(until.map(|until| (until, id)));
        client.blocked = Some(Blocked { db_keys, until });
        Ok(None)
    }

    /// Ends the wait of a client, whatever for.
    pub(super) fn unblock(&mut self, id: ClientId) {
        let blocked = self
            .clients
            .get_mut(&id)
            .and_then(|client| client.blocked.take());
        let Some(Blocked { db_keys, until }) = blocked else {
            return;
        };
        if let Some(until) = until {
            self.deadlines.remove(&(until, id));
        }
        for db_key in db_keys {
            if let Some(waiters) = self.waiters.get_mut(&db_key) {
                waiters.retain(|waiter| *waiter != id);
                if waiters.is_empty() {
                    self.waiters.remove(&db_key);
                }
            }
        }
    }

    // ANCHOR: waiters
    /// Hands what was pushed to the clients that wait for it, the longest wait first.
    pub(super) fn serve_waiters(&mut self, out: &mut Out<'_>) {
        for db_key in self.mark_watchers() {
            while let Some(id) = self
                .waiters
                .get(&db_key)
                .and_then(|line| line.front().copied())
            {
                let (database, key) = &db_key;
                let Ok(Some(value)) = self.store.pop(*database, key) else {
                    break;
                };
                self.unblock(id);
                self.reply(id, &RespValue::command([key, &value]), out);
                self.ready.push_back(id);
            }
        }
    }
    // ANCHOR_END: waiters
}

/// Reads the timeout of `BLPOP`: seconds, also parts of one; 0 is for ever.
fn seconds(word: &[u8]) -> Result<Option<Duration>, &'static str> {
    let text = std::str::from_utf8(word).ok();
    let seconds: f64 = text
        .and_then(|text| text.parse().ok())
        .ok_or("ERR timeout is not a float or out of range")?;
    if seconds < 0.0 {
        return Err("ERR timeout is negative");
    }
    let timeout = Duration::try_from_secs_f64(seconds);
    let timeout = timeout.map_err(|_| "ERR timeout is not a float or out of range")?;
    Ok((!timeout.is_zero()).then_some(timeout))
}

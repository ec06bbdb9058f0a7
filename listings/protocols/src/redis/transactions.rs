//! Transactions of a small Redis: `MULTI` and `EXEC`, and keys that are watched until then.
use super::{
    ClientId, Out, Redis,
    commands::{self, Answer},
    held::{cost, error, ok},
    store::{Bytes, DbKey},
};
use crate::RespValue;
use std::time::Duration;

/// What has come after `MULTI`.
#[derive(Default)]
pub(super) struct Transaction {
    commands: Vec<Vec<Bytes>>,
    held: usize,
    /// One of them cannot be, so none will be run.
    pub(super) refused: bool,
}

impl Redis {
    pub(super) fn multi(&mut self, id: ClientId) -> Answer {
        if let Some(client) = self.clients.get_mut(&id) {
            client.transaction = Some(Transaction::default());
        }
        Ok(ok())
    }

    pub(super) fn queue(&mut self, id: ClientId, words: Vec<Bytes>, out: &mut Out<'_>) {
        let more = cost(&words);
        let answer = match self.hold(id, more) {
            Ok(()) => RespValue::Simple("QUEUED".to_owned()),
            Err(text) => error(text),
        };
        if let Some(client) = self.clients.get_mut(&id)
            && let Some(transaction) = &mut client.transaction
        {
            match &answer {
                RespValue::Error(_) => transaction.refused = true,
                _ => {
                    transaction.held += more;
                    transaction.commands.push(words);
                }
            }
        }
        self.reply(id, &answer, out);
    }

    /// Ends a transaction, and says what there was of it and whether a watched key was changed.
    fn end_transaction(&mut self, id: ClientId) -> Option<(Transaction, bool)> {
        let client = self.clients.get_mut(&id)?;
        let transaction = client.transaction.take()?;
        client.held -= transaction.held;
        let dirty = client.dirty;
        self.unwatch(id);
        Some((transaction, dirty))
    }

    pub(super) fn discard(&mut self, id: ClientId, out: &mut Out<'_>) {
        let answer = match self.end_transaction(id) {
            None => error("ERR DISCARD without MULTI"),
            Some(_) => ok(),
        };
        self.reply(id, &answer, out);
    }

    // ANCHOR: exec
    /// Runs all commands in a row, with none of another client between them: there is one thread,
    /// and this is a loop. Answers go out one by one, so that nothing is kept of a client that
    /// reads none.
    pub(super) fn exec(&mut self, id: ClientId, now: Duration, out: &mut Out<'_>) {
        let Some((transaction, dirty)) = self.end_transaction(id) else {
            return self.reply(id, &error("ERR EXEC without MULTI"), out);
        };
        if transaction.refused {
            let text = "EXECABORT Transaction discarded because of previous errors.";
            return self.reply(id, &error(text), out);
        }
        if dirty {
            return self.reply(id, &RespValue::NullArray, out);
        }
        let head = format!("*{}\r\n", transaction.commands.len());
        self.send(id, head.as_bytes(), out);
        for words in transaction.commands {
            if let Ok(command) = commands::find(&words) {
                self.execute(id, command.kind, &words, now, false, out);
            }
        }
        // Not earlier: no client sees a list in the middle of a transaction.
        self.serve_waiters(out);
    }
    // ANCHOR_END: exec

    pub(super) fn watch(&mut self, id: ClientId, keys: &[Bytes]) -> Answer {
        for key in keys {
            let Some(client) = self.clients.get(&id) else {
                break;
            };
            let db_key = (client.database, key.clone());
            if client.watched.contains(&db_key) {
                continue;
            }
            self.hold(id, cost(std::slice::from_ref(key)))?;
            self.watchers.entry(db_key.clone()).or_default().insert(id);
            if let Some(client) = self.clients.get_mut(&id) {
                client.watched.push(db_key);
            }
        }
        Ok(ok())
    }

    pub(super) fn unwatch(&mut self, id: ClientId) {
        let Some(client) = self.clients.get_mut(&id) else {
            return;
        };
        client.dirty = false;
        for db_key in std::mem::take(&mut client.watched) {
            client.held -= cost(std::slice::from_ref(&db_key.1));
            if let Some(watchers) = self.watchers.get_mut(&db_key) {
                watchers.remove(&id);
                if watchers.is_empty() {
                    self.watchers.remove(&db_key);
                }
            }
        }
    }

    /// Tells the clients that watch a key that it was changed. A waiter for it is served elsewhere.
    pub(super) fn mark_watchers(&mut self) -> Vec<DbKey> {
        let touched = self.store.take_touched();
        for id in touched
            .iter()
            .filter_map(|db_key| self.watchers.get(db_key))
            .flatten()
        {
            if let Some(client) = self.clients.get_mut(id) {
                client.dirty = true;
            }
        }
        touched
    }
}

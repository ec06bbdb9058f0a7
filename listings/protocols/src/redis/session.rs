//! One connection of a small Redis: what belongs to it, and where each of its commands goes.
use super::{
    ClientId, Out, Redis,
    commands::{self, Answer, Call, What},
    store::{Bytes, DATABASES, Place},
    transactions::Transaction,
    waiting::Blocked,
};
use crate::{Resp, RespValue};
use std::{collections::BTreeSet, time::Duration};

pub(super) struct Client {
    pub(super) input: Resp,
    pub(super) database: usize,
    pub(super) transaction: Option<Transaction>,
    pub(super) watched: Vec<Place>,
    /// A watched key was changed.
    pub(super) dirty: bool,
    pub(super) channels: BTreeSet<Bytes>,
    pub(super) blocked: Option<Blocked>,
    /// What the transaction, the watched keys and the channels are, in bytes.
    pub(super) held: usize,
    pub(super) paused: bool,
    pub(super) closed: bool,
}

impl Client {
    pub(super) fn new(input: Resp) -> Client {
        Client {
            input,
            database: 0,
            transaction: None,
            watched: Vec::new(),
            dirty: false,
            channels: BTreeSet::new(),
            blocked: None,
            held: 0,
            paused: false,
            closed: false,
        }
    }
}

/// What a command costs while it is held, beside its bytes: a few words of bookkeeping for each word.
pub(super) fn cost(words: &[Bytes]) -> usize {
    words.iter().map(|word| 64 + word.len()).sum::<usize>() + 64
}

pub(super) fn error(text: impl Into<String>) -> RespValue {
    RespValue::Error(text.into())
}

pub(super) fn ok() -> RespValue {
    RespValue::Simple("OK".to_owned())
}

impl Redis {
    // ANCHOR: command
    /// One command from the wire: run, or queued, or refused.
    pub(super) fn command(
        &mut self,
        id: ClientId,
        words: Vec<Bytes>,
        now: Duration,
        out: &mut Out<'_>,
    ) {
        let found = commands::find(&words);
        let Some(client) = self.clients.get_mut(&id) else {
            return;
        };
        let command = match found {
            Ok(command) => command,
            Err(text) => {
                if let Some(transaction) = &mut client.transaction {
                    transaction.refused = true;
                }
                self.reply(id, &error(text), out);
                // A browser that was led here by a page sends a header among its lines. It must get no further.
                let name = words[0].to_ascii_uppercase();
                if name == b"POST" || name == b"HOST:" {
                    self.close(id, out);
                }
                return;
            }
        };
        match (command.what, &mut client.transaction) {
            (What::Exec, _) => self.exec(id, now, out),
            (What::Discard, _) => self.discard(id, out),
            (What::Multi, Some(_)) => {
                self.reply(id, &error("ERR MULTI calls can not be nested"), out);
            }
            (What::Watch, Some(_)) => {
                self.reply(id, &error("ERR WATCH inside MULTI is not allowed"), out);
            }
            (What::Subscribe | What::Unsubscribe, Some(transaction)) => {
                transaction.refused = true;
                self.reply(
                    id,
                    &error("ERR Command not allowed inside a transaction"),
                    out,
                );
            }
            (What::Quit, _) => {
                self.reply(id, &ok(), out);
                self.close(id, out);
            }
            (_, Some(_)) => self.queue(id, words, out),
            (what, None) => {
                let listens = !client.channels.is_empty();
                let allowed = matches!(what, What::Subscribe | What::Unsubscribe | What::Ping);
                if listens && !allowed {
                    let name = command.name.to_ascii_lowercase();
                    let text = format!(
                        "ERR Can't execute '{name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET \
                         are allowed in this context"
                    );
                    return self.reply(id, &error(text), out);
                }
                self.execute(id, what, &words, now, true, out);
                self.serve_waiters(out);
            }
        }
    }
    // ANCHOR_END: command

    /// Carries out one command, also one of a transaction, in which nothing waits.
    pub(super) fn execute(
        &mut self,
        id: ClientId,
        what: What,
        words: &[Bytes],
        now: Duration,
        waits: bool,
        out: &mut Out<'_>,
    ) {
        let answer = match what {
            What::Data(run) => {
                let database = self.clients.get(&id).map_or(0, |client| client.database);
                let call = Call {
                    database,
                    now,
                    words,
                };
                run(&mut self.store, &call)
            }
            What::Select => self.select(id, &words[1]),
            What::Ping => self.ping(id, words),
            What::Multi => self.multi(id),
            What::Watch => self.watch(id, &words[1..]),
            What::Unwatch => {
                self.unwatch(id);
                Ok(ok())
            }
            What::Publish => {
                let receivers = self.publish(&words[1], &words[2], out);
                Ok(RespValue::Integer(receivers))
            }
            What::Blpop => match self.blpop(id, words, now, waits) {
                Ok(Some(answer)) => Ok(answer),
                Ok(None) => return, // the answer comes later
                Err(text) => Err(text),
            },
            What::Subscribe => return self.subscribe(id, &words[1..], out),
            What::Unsubscribe => return self.unsubscribe(id, &words[1..], out),
            What::Quit | What::Exec | What::Discard => return, // `command` has them
        };
        let answer = answer.unwrap_or_else(error);
        self.reply(id, &answer, out);
    }

    fn select(&mut self, id: ClientId, word: &[u8]) -> Answer {
        let database = usize::try_from(commands::number(word)?);
        match (database, self.clients.get_mut(&id)) {
            (Ok(database), Some(client)) if database < DATABASES => {
                client.database = database;
                Ok(ok())
            }
            _ => Err("ERR DB index is out of range"),
        }
    }

    fn ping(&self, id: ClientId, words: &[Bytes]) -> Answer {
        let said = words.get(1).cloned();
        let listens = self
            .clients
            .get(&id)
            .is_some_and(|client| !client.channels.is_empty());
        Ok(match (words.len(), listens) {
            (3.., _) => error("ERR wrong number of arguments for 'ping' command"),
            (_, true) => RespValue::command([&b"pong"[..], &said.unwrap_or_default()]),
            (_, false) => said.map_or(RespValue::Simple("PONG".to_owned()), RespValue::Bulk),
        })
    }

    /// Adds what a client holds, or says that it is too much.
    pub(super) fn hold(&mut self, id: ClientId, more: usize) -> Result<(), &'static str> {
        let most = self.bounds.held;
        match self.clients.get_mut(&id) {
            Some(client) if client.held + more <= most => {
                client.held += more;
                Ok(())
            }
            _ => Err("ERR this connection holds too much: queued commands, watched keys, channels"),
        }
    }
}

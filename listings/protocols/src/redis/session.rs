//! One connection of a small Redis: what belongs to it, and where each of its commands goes.
use super::{
    ClientId, Out, Redis,
    commands::{self, Answer, Call, CommandKind},
    held::{error, ok},
    store::{Bytes, DATABASES, DbKey},
    transactions::Transaction,
    waiting::Blocked,
};
use crate::{Resp, RespValue};
use std::{collections::BTreeSet, time::Duration};

pub(super) struct Client {
    pub(super) input: Resp,
    pub(super) database: usize,
    pub(super) transaction: Option<Transaction>,
    pub(super) watched: Vec<DbKey>,
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
                // A browser that was led here by a page sends a header among its lines. It must get
                // no further.
                let name = words[0].to_ascii_uppercase();
                if name == b"POST" || name == b"HOST:" {
                    self.close(id, out);
                }
                return;
            }
        };
        match (command.kind, &mut client.transaction) {
            (CommandKind::Exec, _) => self.exec(id, now, out),
            (CommandKind::Discard, _) => self.discard(id, out),
            (CommandKind::Multi, Some(_)) => {
                self.reply(id, &error("ERR MULTI calls can not be nested"), out);
            }
            (CommandKind::Watch, Some(_)) => {
                self.reply(id, &error("ERR WATCH inside MULTI is not allowed"), out);
            }
            (CommandKind::Subscribe | CommandKind::Unsubscribe, Some(transaction)) => {
                transaction.refused = true;
                self.reply(
                    id,
                    &error("ERR Command not allowed inside a transaction"),
                    out,
                );
            }
            (CommandKind::Quit, _) => {
                self.reply(id, &ok(), out);
                self.close(id, out);
            }
            (_, Some(_)) => self.queue(id, words, out),
            (kind, None) => {
                let subscribed = !client.channels.is_empty();
                let allowed = matches!(
                    kind,
                    CommandKind::Subscribe | CommandKind::Unsubscribe | CommandKind::Ping
                );
                if subscribed && !allowed {
                    let name = command.name.to_ascii_lowercase();
                    let text = format!(
                        "ERR Can't execute '{name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET \
                         are allowed in this context"
                    );
                    return self.reply(id, &error(text), out);
                }
                self.execute(id, kind, &words, now, true, out);
                self.serve_waiters(out);
            }
        }
    }
    // ANCHOR_END: command

    /// Carries out one command, also one of a transaction, in which nothing waits.
    pub(super) fn execute(
        &mut self,
        id: ClientId,
        kind: CommandKind,
        words: &[Bytes],
        now: Duration,
        waits: bool,
        out: &mut Out<'_>,
    ) {
        let answer = match kind {
            CommandKind::Data(run) => {
                let database = self.clients.get(&id).map_or(0, |client| client.database);
                let call = Call {
                    database,
                    now,
                    words,
                };
                run(&mut self.store, &call)
            }
            CommandKind::Select => self.select(id, &words[1]),
            CommandKind::Ping => self.ping(id, words),
            CommandKind::Multi => self.multi(id),
            CommandKind::Watch => self.watch(id, &words[1..]),
            CommandKind::Unwatch => {
                self.unwatch(id);
                Ok(ok())
            }
            CommandKind::Publish => {
                let receivers = self.publish(&words[1], &words[2], out);
                Ok(RespValue::Integer(receivers))
            }
            CommandKind::Blpop => match self.blpop(id, words, now, waits) {
                Ok(Some(answer)) => Ok(answer),
                Ok(None) => return, // the answer comes later
                Err(text) => Err(text),
            },
            CommandKind::Subscribe => return self.subscribe(id, &words[1..], out),
            CommandKind::Unsubscribe => return self.unsubscribe(id, &words[1..], out),
            CommandKind::Quit | CommandKind::Exec | CommandKind::Discard => return, // in `command`
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
        let subscribed = self
            .clients
            .get(&id)
            .is_some_and(|client| !client.channels.is_empty());
        Ok(match (words.len(), subscribed) {
            (3.., _) => error("ERR wrong number of arguments for 'ping' command"),
            (_, true) => RespValue::command([&b"pong"[..], &said.unwrap_or_default()]),
            (_, false) => said.map_or(RespValue::Simple("PONG".to_owned()), RespValue::Bulk),
        })
    }
}

//! A small Redis without I/O: bytes of clients in, bytes for clients out, and the time as an
//! argument.
//!
//! | what | file |
//! |---|---|
//! | clients, their bytes, which of them is next | `mod.rs` |
//! | where a command goes, and what belongs to one connection | `session.rs` |
//! | what a connection may hold, and the answers that many commands have | `held.rs` |
//! | `MULTI`, `WATCH`; `BLPOP`; `PUBLISH` | `transactions.rs`, `waiting.rs`, `channels.rs` |
//! | the table of commands, and those of data | `commands.rs` |
//! | keys, values, when they end, how much memory they are | `store.rs` |
//! | the same on our reactor; with a thread of its own | `serve.rs`, `thread.rs` |
mod channels;
mod commands;
mod held;
mod serve;
mod session;
mod store;
#[cfg(not(target_family = "wasm"))]
mod thread;
mod transactions;
mod waiting;

pub use serve::RedisServer;
#[cfg(not(target_family = "wasm"))]
pub use thread::RedisThread;

use crate::{Framing, Resp, RespValue};
use session::Client;
use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    time::Duration,
};
use store::{Bytes, DbKey, Store};

/// How much a [`Redis`] takes on, in bytes but for the last one. The default is for one machine's
/// own programs: each limit is far above what they need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RedisBounds {
    /// The longest command, as it is sent. 256 KiB by default.
    pub command: usize,
    /// What one connection may queue after `MULTI`, watch and subscribe to, all together. 256 KiB
    /// by default.
    pub held: usize,
    /// What may wait for a client that reads slowly or not at all, before it is cut off. 1 MiB by
    /// default.
    pub waiting: usize,
    /// All keys and values. 64 MiB by default.
    pub memory: usize,
    /// How many connections a [`RedisServer`] has at once. 200 by default.
    pub connections: usize,
}

impl Default for RedisBounds {
    fn default() -> RedisBounds {
        RedisBounds {
            command: 256 << 10,
            held: 256 << 10,
            waiting: 1 << 20,
            memory: 64 << 20,
            connections: 200,
        }
    }
}

/// One connection of a [`Redis`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientId(u64);

// ANCHOR: outgoing
/// What a [`Redis`] asks of the code that has the connections. It is called while the [`Redis`] is
/// at work, so it must not call back into it. A closure that sends is one, too.
pub trait Outgoing {
    /// Sends these bytes to a client, behind all that was sent before.
    fn send(&mut self, client: ClientId, bytes: &[u8]);

    /// Returns how many bytes were sent and still wait for the client to read.
    fn waiting(&self, client: ClientId) -> usize {
        let _ = client;
        0
    }

    /// Reads nothing more from the client for now, or reads from it again.
    fn pause(&mut self, client: ClientId, paused: bool) {
        let _ = (client, paused);
    }

    /// Closes in good order, after all that was sent. The client is called no more after that.
    fn close(&mut self, client: ClientId) {
        let _ = client;
    }

    /// Aborts the connection, because more waits than [`RedisBounds::waiting`]. The client is
    /// called no more after that.
    fn cut_off(&mut self, client: ClientId) {
        let _ = client;
    }
}
// ANCHOR_END: outgoing

impl<F: FnMut(ClientId, &[u8])> Outgoing for F {
    fn send(&mut self, client: ClientId, bytes: &[u8]) {
        self(client, bytes);
    }
}

type Out<'a> = dyn Outgoing + 'a;

/// How much may wait for a client before its next command waits, too.
const HIGH_WATER: usize = 64 << 10;

/// Replies of a command are one level deep; a command is one array.
const DEEPEST: usize = 1;

/// A Redis-compatible server without sockets and without a clock.
///
/// `now` is the time since any beginning that stays the same. Pipelining, transactions with
/// `WATCH`, `BLPOP` with a timeout, publish and subscribe work as in Redis 7, for the commands of
/// `commands.rs`. What Redis leaves open is bounded here, see [`RedisBounds`].
///
/// ```
/// use protocols::{Redis, RedisBounds};
/// use std::time::Duration;
///
/// let mut redis = Redis::new(RedisBounds::default());
/// let client = redis.connected();
/// let mut sent = Vec::new();
/// let commands = b"SET hope feathers PX 5\r\nGET hope\r\n";
/// redis.received(client, commands, Duration::ZERO, &mut |_, bytes: &[u8]| {
///     sent.extend_from_slice(bytes);
/// });
/// assert_eq!(sent, b"+OK\r\n$8\r\nfeathers\r\n");
/// assert_eq!(redis.next_deadline(), Some(Duration::from_millis(5))); // then the key ends
/// ```
pub struct Redis {
    bounds: RedisBounds,
    store: Store,
    clients: HashMap<ClientId, Client>,
    /// The clients that watch a key.
    watchers: HashMap<DbKey, BTreeSet<ClientId>>,
    /// The clients that wait for a value of a list, the longest wait first.
    waiters: HashMap<DbKey, VecDeque<ClientId>>,
    /// Until when they wait, the earliest first.
    deadlines: BTreeSet<(Duration, ClientId)>,
    channels: HashMap<Bytes, BTreeSet<ClientId>>,
    next: u64,
    /// The clients whose next command can be run.
    ready: VecDeque<ClientId>,
}

impl Redis {
    /// Returns one with no keys and no clients.
    #[must_use]
    pub fn new(bounds: RedisBounds) -> Redis {
        Redis {
            bounds,
            store: Store::new(bounds.memory),
            clients: HashMap::new(),
            watchers: HashMap::new(),
            waiters: HashMap::new(),
            deadlines: BTreeSet::new(),
            channels: HashMap::new(),
            next: 0,
            ready: VecDeque::new(),
        }
    }

    /// Adds a client.
    pub fn connected(&mut self) -> ClientId {
        self.next += 1;
        let client = ClientId(self.next);
        let input = Resp::commands(self.bounds.command, DEEPEST);
        self.clients.insert(client, Client::new(input));
        client
    }

    /// Removes a client that has gone, however. What it waited for is left to others.
    pub fn disconnected(&mut self, client: ClientId) {
        self.unblock(client);
        self.unwatch(client);
        if let Some(gone) = self.clients.remove(&client) {
            for channel in gone.channels {
                self.leave(client, &channel);
            }
        }
    }

    /// Returns how many clients there are.
    #[must_use]
    pub fn clients(&self) -> usize {
        self.clients.len()
    }

    /// Returns how much all keys and values are, in bytes. At most [`RedisBounds::memory`].
    #[must_use]
    pub fn memory(&self) -> usize {
        self.store.used()
    }

    /// Takes bytes of a client, cut anywhere, and runs the commands that are whole.
    pub fn received(
        &mut self,
        client: ClientId,
        bytes: &[u8],
        now: Duration,
        out: &mut dyn Outgoing,
    ) {
        let Some(known) = self.clients.get_mut(&client).filter(|known| !known.closed) else {
            return;
        };
        known.input.feed(bytes);
        self.ready.push_back(client);
        self.run(now, out);
    }

    /// All that was to be sent to this client has been handed on: it may go on with its commands.
    pub fn sent(&mut self, client: ClientId, now: Duration, out: &mut dyn Outgoing) {
        self.ready.push_back(client);
        self.run(now, out);
    }

    /// Ends what has ended by `now`: keys, and the waits of clients.
    pub fn time_passed(&mut self, now: Duration, out: &mut dyn Outgoing) {
        self.store.end(now);
        while let Some((until, client)) = self.deadlines.first().copied()
            && until <= now
        {
            self.unblock(client);
            self.reply(client, &RespValue::NullArray, out);
            self.ready.push_back(client);
        }
        self.run(now, out);
    }

    /// Returns when [`time_passed`](Redis::time_passed) is next to be called, if at all.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Duration> {
        let deadlines = self.deadlines.first().map(|(until, _)| *until);
        self.store.next_end().into_iter().chain(deadlines).min()
    }

    // ANCHOR: run
    /// Runs the commands of all who are ready. One that lets another client go on makes it ready,
    /// so this is a loop and no recursion.
    fn run(&mut self, now: Duration, out: &mut Out<'_>) {
        self.store.end(now);
        self.mark_watchers();
        while let Some(client) = self.ready.pop_front() {
            while let Some(words) = self.next_command(client, out) {
                self.command(client, words, now, out);
                self.mark_watchers();
            }
            self.pause_or_resume(client, out);
        }
    }

    /// Returns the next command of a client, unless it has to wait: for a list, or until it has
    /// read what it was sent.
    fn next_command(&mut self, id: ClientId, out: &mut Out<'_>) -> Option<Vec<Bytes>> {
        let client = self.clients.get_mut(&id)?;
        loop {
            // A client that reads no answers is asked for no questions: its commands wait as bytes.
            if client.closed || client.blocked.is_some() || out.waiting(id) > HIGH_WATER {
                return None;
            }
            let wrong = match client.input.next_message() {
                Ok(None) => return None,
                Ok(Some(RespValue::Array(words))) if words.is_empty() => continue,
                Ok(Some(value)) => match words(value) {
                    Some(words) => return Some(words),
                    None => "expected an array of bulks".to_owned(),
                },
                Err(error) => error.to_string(),
            };
            // Where the next command begins is not known any more, so there is none.
            let answer = RespValue::Error(format!("ERR Protocol error: {wrong}"));
            self.reply(id, &answer, out);
            self.close(id, out);
            return None;
        }
    }
    // ANCHOR_END: run

    /// Sends an answer. A client for whom too much waits then has to go.
    fn reply(&mut self, client: ClientId, value: &RespValue, out: &mut Out<'_>) {
        self.send(client, &value.written(), out);
    }

    fn send(&mut self, id: ClientId, bytes: &[u8], out: &mut Out<'_>) {
        let Some(client) = self.clients.get_mut(&id).filter(|client| !client.closed) else {
            return;
        };
        out.send(id, bytes);
        if out.waiting(id) > self.bounds.waiting {
            client.closed = true;
            out.cut_off(id);
            self.unblock(id);
        }
    }

    /// Closes in good order. Commands that came behind are not run.
    fn close(&mut self, id: ClientId, out: &mut Out<'_>) {
        if let Some(client) = self.clients.get_mut(&id)
            && !client.closed
        {
            client.closed = true;
            out.close(id);
        }
    }

    /// A client that waits is still read, so that its end is heard; but only as far as one more
    /// command.
    fn pause_or_resume(&mut self, id: ClientId, out: &mut Out<'_>) {
        let most = self.bounds.command;
        let Some(client) = self.clients.get_mut(&id).filter(|client| !client.closed) else {
            return;
        };
        let full = client.input.left_over() > most || out.waiting(id) > HIGH_WATER;
        if full != client.paused {
            client.paused = full;
            out.pause(id, full);
        }
    }
}

/// Returns the words of a command.
fn words(value: RespValue) -> Option<Vec<Bytes>> {
    let RespValue::Array(values) = value else {
        return None;
    };
    let word = |value| match value {
        RespValue::Bulk(word) => Some(word),
        _ => None,
    };
    values.into_iter().map(word).collect()
}

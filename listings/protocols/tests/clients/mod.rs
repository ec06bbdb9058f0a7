//! Clients of a small Redis, in memory: what each was sent, and whether it reads.
#![allow(dead_code, reason = "each test uses a part")]
use protocols::{ClientId, Outgoing, Redis, RedisBounds, RespValue};
use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

pub(crate) const SECOND: Duration = Duration::from_secs(1);

pub(crate) struct Clients {
    pub(crate) redis: Redis,
    now: Duration,
    ends: Ends,
}

/// The other ends of the connections.
#[derive(Default)]
struct Ends {
    sent: HashMap<ClientId, Vec<u8>>,
    /// What these were sent waits.
    stopped: HashSet<ClientId>,
    paused: HashSet<ClientId>,
    closed: HashSet<ClientId>,
    cut_off: HashSet<ClientId>,
}

impl Outgoing for Ends {
    fn send(&mut self, client: ClientId, bytes: &[u8]) {
        let over = self.closed.contains(&client) || self.cut_off.contains(&client);
        assert!(!over, "nothing comes after the end");
        self.sent
            .entry(client)
            .or_default()
            .extend_from_slice(bytes);
    }

    fn waiting(&self, client: ClientId) -> usize {
        match self.stopped.contains(&client) {
            true => self.sent.get(&client).map_or(0, Vec::len),
            false => 0,
        }
    }

    fn pause(&mut self, client: ClientId, paused: bool) {
        let changed = match paused {
            true => self.paused.insert(client),
            false => self.paused.remove(&client),
        };
        assert!(changed, "paused or resumed twice");
    }

    fn close(&mut self, client: ClientId) {
        assert!(self.closed.insert(client), "closed once");
    }

    fn cut_off(&mut self, client: ClientId) {
        assert!(self.cut_off.insert(client), "cut off once");
    }
}

impl Clients {
    pub(crate) fn new(bounds: RedisBounds) -> Clients {
        Clients {
            redis: Redis::new(bounds),
            now: SECOND * 1000,
            ends: Ends::default(),
        }
    }

    pub(crate) fn connected(&mut self) -> ClientId {
        self.redis.connected()
    }

    pub(crate) fn bytes(&mut self, client: ClientId, bytes: &[u8]) {
        self.redis.received(client, bytes, self.now, &mut self.ends);
    }

    pub(crate) fn line(&mut self, client: ClientId, line: &str) {
        self.bytes(client, format!("{line}\r\n").as_bytes());
    }

    pub(crate) fn command(&mut self, client: ClientId, words: &[&str]) {
        self.bytes(client, &RespValue::command(words).written());
    }

    pub(crate) fn pass(&mut self, time: Duration) {
        self.now += time;
        self.redis.time_passed(self.now, &mut self.ends);
    }

    pub(crate) fn until_deadline(&self) -> Option<Duration> {
        self.redis.next_deadline().map(|when| when - self.now)
    }

    /// What the client was sent since the last time.
    pub(crate) fn text(&mut self, client: ClientId) -> String {
        let sent = self.ends.sent.remove(&client).unwrap_or_default();
        String::from_utf8_lossy(&sent).into_owned()
    }

    pub(crate) fn stop_reading(&mut self, client: ClientId) {
        self.ends.stopped.insert(client);
    }

    pub(crate) fn reads_on(&mut self, client: ClientId) {
        self.ends.stopped.remove(&client);
        self.redis.sent(client, self.now, &mut self.ends);
    }

    pub(crate) fn waiting(&self, client: ClientId) -> usize {
        self.ends.sent.get(&client).map_or(0, Vec::len)
    }

    pub(crate) fn is_paused(&self, client: ClientId) -> bool {
        self.ends.paused.contains(&client)
    }

    pub(crate) fn is_closed(&self, client: ClientId) -> bool {
        self.ends.closed.contains(&client)
    }

    pub(crate) fn is_cut_off(&self, client: ClientId) -> bool {
        self.ends.cut_off.contains(&client)
    }
}

/// The answers to commands in lines, one client, as text on the wire.
pub(crate) fn answers(lines: &[&str]) -> Vec<String> {
    let mut redis = Clients::new(RedisBounds::default());
    let client = redis.connected();
    let ask = |line: &&str| {
        redis.line(client, line);
        redis.text(client)
    };
    lines.iter().map(ask).collect()
}

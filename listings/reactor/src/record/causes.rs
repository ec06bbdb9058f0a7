//! Which event caused which on the two sides of a connection, as far as both are in this program.
use super::datagrams::DatagramHistory;
use crate::{Address, Id};
use std::collections::{BTreeMap, VecDeque};

/// Which connection is the other side of which, as far as both are in this program.
#[derive(Default)]
pub(crate) struct Causes {
    pub(super) streams: BTreeMap<Id, StreamHistory>,
    /// Those who have asked for a connection, until they are accepted, in the order in which they
    /// did.
    pub(super) connecting: Vec<PendingConnect>,
    pub(super) datagrams: DatagramHistory,
}

/// A client that waits to be accepted.
pub(super) struct PendingConnect {
    pub(super) id: Id,
    pub(super) to: Address,
    /// None on a Unix socket: there a client has no address, and the first that asks is the first
    /// that is accepted.
    pub(super) local: Option<Address>,
    /// The event that said so.
    pub(super) event: u64,
}

/// One side of a connection.
#[derive(Default)]
pub(super) struct StreamHistory {
    peer: Option<Id>,
    sent: u64,
    read: u64,
    /// Up to which byte it had sent, and the event that said so; without what the peer has read.
    writes: VecDeque<(u64, u64)>,
    /// The event that ended what it sends.
    end: u64,
    /// The event in which it read the end of what the peer sends.
    read_end: u64,
    /// Whether its loss has been recorded.
    pub(super) lost: bool,
}

impl Causes {
    pub(super) fn pair(&mut self, server: Id, client: Id) {
        self.streams.entry(server).or_default().peer = Some(client);
        self.streams.entry(client).or_default().peer = Some(server);
    }

    /// Takes out the client that was accepted at `at`, coming from `peer`.
    pub(super) fn accepted(
        &mut self,
        at: Option<&Address>,
        peer: &Address,
    ) -> Option<PendingConnect> {
        let here = |asked: &PendingConnect| match &asked.local {
            Some(local) => local == peer,
            None => Some(&asked.to) == at,
        };
        let found = self.connecting.iter().position(here)?;
        Some(self.connecting.remove(found))
    }

    /// Returns the event of the one who has waited longest at a listener; 0 when none is known to.
    pub(super) fn waits_at(&self, at: &Address) -> u64 {
        let mut asked = self.connecting.iter();
        asked
            .find(|asked| asked.to == *at)
            .map_or(0, |asked| asked.event)
    }

    /// Returns whether the peer was the first to end it.
    pub(super) fn peer_was_first(&self, id: Id) -> bool {
        let own = self.streams.get(&id);
        let (end, read_end) = own.map_or((0, 0), |stream| (stream.end, stream.read_end));
        let theirs = match self.peer_end(id) {
            0 => read_end,
            event => event,
        };
        theirs > 0 && (end == 0 || theirs < end)
    }

    pub(super) fn wrote(&mut self, id: Id, count: u64, event: u64) {
        let stream = self.streams.entry(id).or_default();
        stream.sent += count;
        stream.writes.push_back((stream.sent, event));
    }

    /// Returns the events that sent the next `count` bytes; or the one that ended them.
    pub(super) fn of_read(&mut self, id: Id, count: u64) -> Vec<u64> {
        let stream = self.streams.entry(id).or_default();
        stream.read += count;
        let (read, peer) = (stream.read, stream.peer);
        let Some(stream) = peer.and_then(|peer| self.streams.get_mut(&peer)) else {
            return Vec::new();
        };
        if count == 0 {
            return vec![stream.end];
        }
        let mut causes = Vec::new();
        while let Some(&(until, event)) = stream.writes.front() {
            causes.push(event);
            // Read in part: what is left of it is a cause of the next read, too.
            if until > read {
                break;
            }
            stream.writes.pop_front();
            if until == read {
                break;
            }
        }
        causes
    }

    /// Why a socket became ready: what it has not read yet, or the end of that. 0 when that is not
    /// why.
    pub(super) fn unread(&self, id: Id) -> u64 {
        let peer = self.streams.get(&id).and_then(|stream| stream.peer);
        let Some(stream) = peer.and_then(|peer| self.streams.get(&peer)) else {
            return 0;
        };
        stream
            .writes
            .front()
            .map_or(stream.end, |(_, event)| *event)
    }

    pub(super) fn ended(&mut self, id: Id, event: u64) {
        self.streams.entry(id).or_default().end = event;
    }

    pub(super) fn read_end(&mut self, id: Id, event: u64) {
        self.streams.entry(id).or_default().read_end = event;
    }

    pub(super) fn peer_end(&self, id: Id) -> u64 {
        let peer = self.streams.get(&id).and_then(|stream| stream.peer);
        peer.and_then(|peer| self.streams.get(&peer))
            .map_or(0, |stream| stream.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(index: u32) -> Id {
        Id {
            index,
            generation: 1,
        }
    }

    #[test]
    fn bytes_that_arrive_are_caused_by_the_writes_that_sent_them() {
        let mut causes = Causes::default();
        causes.pair(id(1), id(2));
        causes.wrote(id(1), 10, 100);
        causes.wrote(id(1), 10, 101);
        assert_eq!(causes.of_read(id(2), 4), [100]);
        assert_eq!(causes.of_read(id(2), 6), [100]);
        assert_eq!(causes.of_read(id(2), 10), [101]);
        causes.wrote(id(1), 5, 102);
        causes.wrote(id(1), 5, 103);
        assert_eq!(causes.of_read(id(2), 7), [102, 103]);
        assert_eq!(causes.unread(id(2)), 103);
        causes.ended(id(1), 104);
        assert_eq!(causes.of_read(id(2), 3), [103]);
        assert_eq!(causes.unread(id(2)), 104);
        assert_eq!(causes.of_read(id(2), 0), [104]);
    }
}

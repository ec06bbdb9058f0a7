//! Sockets that follow a script, for an exercise: no network and no clock, and misuse is told at
//! once.
use std::{
    collections::BTreeSet,
    io::{self, ErrorKind},
};

/// What one server sends: pieces, each so many moments after the connection was begun, and the end.
#[derive(Clone, Debug)]
pub struct Server {
    pieces: Vec<(u64, &'static str)>,
    end: u64,
    refuses: bool,
}

impl Server {
    /// Sends each piece at its moment, counted from when it was connected to, and closes at `end`.
    pub fn new<const N: usize>(pieces: [(u64, &'static str); N], end: u64) -> Self {
        Self {
            pieces: pieces.to_vec(),
            end,
            refuses: false,
        }
    }

    /// Refuses every connection, and says so at `moment`: the first read fails.
    pub fn refusing(moment: u64) -> Self {
        Self {
            pieces: Vec::new(),
            end: moment,
            refuses: true,
        }
    }
}

#[derive(Debug)]
struct Connection {
    since: u64,
    read: usize,
    vain_reads: u32,
}

/// Non-blocking sockets to a few servers, and a way to wait for all of them: a `Poll` made of
/// paper.
///
/// Time is counted in moments. It passes only in [`wait`](Self::wait).
///
/// ```
/// use models::scripted::{Server, Sockets};
///
/// let mut sockets = Sockets::new([Server::new([(2, "O rose")], 5)]);
/// sockets.connect(0);
/// assert_eq!(sockets.wait(), [0]);
/// let mut buffer = [0; 64];
/// assert_eq!(sockets.read(0, &mut buffer)?, 6);
/// assert!(sockets.read(0, &mut buffer).is_err()); // would block
/// assert_eq!(sockets.wait(), [0]);
/// assert_eq!(sockets.read(0, &mut buffer)?, 0); // the end
/// assert_eq!(sockets.now(), 5);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Sockets {
    servers: Vec<Server>,
    open: Vec<Option<Connection>>,
    now: u64,
    most_open: usize,
}

/// So many reads for nothing, without waiting in between, are a busy loop.
const MAX_VAIN_READS: u32 = 100;

impl Sockets {
    /// Returns sockets of which none is connected; servers are known by their index, from 0.
    pub fn new<const N: usize>(servers: [Server; N]) -> Self {
        Self {
            servers: servers.to_vec(),
            open: (0..N).map(|_| None).collect(),
            now: 0,
            most_open: 0,
        }
    }

    /// Returns how many servers there are.
    pub fn servers(&self) -> usize {
        self.servers.len()
    }

    /// Begins to connect to a server, and returns at once.
    ///
    /// # Panics
    /// When it is connected already.
    pub fn connect(&mut self, server: usize) {
        assert!(
            self.open[server].is_none(),
            "server {server} is connected already"
        );
        self.open[server] = Some(Connection {
            since: self.now,
            read: 0,
            vain_reads: 0,
        });
        self.most_open = self.most_open.max(self.now_open());
    }

    /// Closes the connection to a server.
    pub fn close(&mut self, server: usize) {
        self.open[server] = None;
    }

    /// Waits until something new has come for one or more servers, and says for which:
    /// edge-triggered.
    ///
    /// # Panics
    /// When nothing new will ever come; a real program would sleep for ever.
    pub fn wait(&mut self) -> Vec<usize> {
        let next = |server: usize, now: u64| {
            let since = self.open[server].as_ref()?.since;
            let script = &self.servers[server];
            let moments = script.pieces.iter().map(|&(at, _)| at).chain([script.end]);
            moments.map(|at| since + at).find(|&at| at > now)
        };
        // Each server's next event; the soonest ends the wait, and others may come at the same
        // moment.
        let all: Vec<_> = (0..self.servers())
            .map(|server| next(server, self.now))
            .collect();
        let Some(soonest) = all.iter().flatten().min().copied() else {
            panic!("you wait, and nothing new will come: {}", self.why_stuck());
        };
        self.now = soonest;
        for connection in self.open.iter_mut().flatten() {
            connection.vain_reads = 0;
        }
        (0..self.servers())
            .filter(|&server| all[server] == Some(soonest))
            .collect()
    }

    /// Reads what has come from a server, without waiting.
    ///
    /// # Errors
    /// `WouldBlock` when there is nothing now; `NotConnected` without a connection;
    /// `ConnectionRefused` from a server that refuses.
    ///
    /// # Panics
    /// When asked for nothing again and again without waiting.
    pub fn read(&mut self, server: usize, buffer: &mut [u8]) -> io::Result<usize> {
        let script = &self.servers[server];
        let Some(connection) = &mut self.open[server] else {
            return Err(ErrorKind::NotConnected.into());
        };
        // All that the server has sent by now, of which the first `read` bytes are taken already.
        let passed = self.now - connection.since;
        let come: String = script
            .pieces
            .iter()
            .filter(|&&(at, _)| at <= passed)
            .map(|&(_, piece)| piece)
            .collect();
        let unread = &come.as_bytes()[connection.read..];
        if unread.is_empty() && passed < script.end {
            connection.vain_reads += 1;
            assert!(
                connection.vain_reads < MAX_VAIN_READS,
                "you asked server {server} {MAX_VAIN_READS} times for nothing without waiting: that is a busy loop"
            );
            return Err(ErrorKind::WouldBlock.into());
        }
        if script.refuses {
            return Err(ErrorKind::ConnectionRefused.into());
        }
        let n = unread.len().min(buffer.len());
        buffer[..n].copy_from_slice(&unread[..n]);
        connection.read += n;
        Ok(n)
    }

    /// Returns the moment it is now.
    pub fn now(&self) -> u64 {
        self.now
    }

    /// Returns how many connections are open now.
    pub fn now_open(&self) -> usize {
        self.open.iter().flatten().count()
    }

    /// Returns the largest number of connections that were open at once.
    pub fn most_open(&self) -> usize {
        self.most_open
    }

    fn why_stuck(&self) -> String {
        let undrained: BTreeSet<usize> = (0..self.servers())
            .filter(|&server| {
                self.open[server].as_ref().is_some_and(|connection| {
                    let sent: usize = self.servers[server].pieces.iter().map(|p| p.1.len()).sum();
                    connection.read < sent
                })
            })
            .collect();
        match (self.now_open(), undrained.first()) {
            (0, _) => "no connection is open".to_owned(),
            (_, Some(server)) => {
                format!("bytes of server {server} lie unread; read until WouldBlock")
            }
            _ => "the servers have closed; read until WouldBlock or Ok(0)".to_owned(),
        }
    }
}

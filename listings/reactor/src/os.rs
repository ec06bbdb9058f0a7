//! The operating system as a world: sockets and readiness by mio, a clock, a pool of threads, and
//! which capabilities it has.
use crate::{
    Address, Datagrams, Id, Job, Names, Pools, Readiness, Ready, SlotMap, SocketOption, Time,
    World, errors::is_out_of_descriptors,
};
use mio::{Events, Poll, Token, net::TcpStream};
use pool::Pool;
use pools::OwnPools;
use std::{
    cell::Cell,
    collections::{VecDeque, hash_map::RandomState},
    fs::File,
    hash::{BuildHasher, Hasher},
    io::{self, ErrorKind, IoSlice},
    net::Shutdown,
    sync::Arc,
    task::{Wake, Waker},
    time::{Duration, Instant},
};

mod capabilities;
mod open;
mod options;
mod pool;
mod pools;
#[cfg(all(unix, feature = "processes"))]
mod processes;
#[cfg(all(unix, feature = "signals"))]
mod signals;
mod socket;
#[cfg(unix)]
mod standard;
mod table;
#[cfg(unix)]
mod unix;

use open::{Connection, Open};
use socket::Socket;
use table::reserve;

/// The token of the waker; no socket has it, for an index is never that great.
const WAKE: Token = Token(usize::MAX);

/// How many events one wait can tell. If there are more, the next wait tells the rest.
const EVENTS: usize = 1024;

/// So long the end of the world waits for jobs. Twisted waits without a limit, so one that hangs
/// keeps the process.
const JOBS_AT_END: Duration = Duration::from_secs(10);

/// So many threads for jobs at most; more work waits its turn. Twisted's pool has 10, too.
const JOBS: usize = 10;

/// So many names are looked up at once; more wait their turn.
const LOOKUPS: usize = 4;

/// Real sockets, the real clock, real threads. This is what a program runs on.
///
/// ```
/// use reactor::{Os, Reactor};
/// let mut reactor = Reactor::new(Os::new()?);
/// reactor.handle().call_soon(|h| h.stop().unwrap());
/// reactor.run()?;
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Os {
    start: Instant,
    /// What the clock said when it was last read.
    read: Cell<Time>,
    poll: Poll,
    events: Events,
    sockets: SlotMap<Open>,
    waker: Arc<PollWaker>,
    pool: Pool,
    own_pools: OwnPools,
    /// Looking up a name can take half a minute: it must not keep jobs waiting.
    names: Pool,
    /// What is to be told again, and when: the earliest first.
    announced: VecDeque<(Time, Ready)>,
    reserve: Option<File>,
    #[cfg(unix)]
    outputs: standard::Outputs,
    random: u64,
}

struct PollWaker(mio::Waker);

impl Wake for PollWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // It fails only when the poll is gone, and then there is no wait to end.
        let _ = self.0.wake();
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place where the clock is read"
)]
fn clock() -> Instant {
    Instant::now()
}

/// Returns a seed from the system, by the way of the standard library's hash maps.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place where real randomness comes in"
)]
fn seed() -> u64 {
    RandomState::new().build_hasher().finish()
}

impl Os {
    /// Returns a world that begins now, with a poll of its own.
    ///
    /// # Errors
    /// When the system has no descriptor left for the poll.
    pub fn new() -> io::Result<Os> {
        let poll = Poll::new()?;
        let waker = Arc::new(PollWaker(mio::Waker::new(poll.registry(), WAKE)?));
        Ok(Os {
            start: clock(),
            read: Cell::new(Time::ZERO),
            poll,
            events: Events::with_capacity(EVENTS),
            sockets: SlotMap::default(),
            waker,
            pool: Pool::new("pool", JOBS, JOBS_AT_END),
            own_pools: OwnPools::new(JOBS_AT_END),
            names: Pool::new("names", LOOKUPS, Duration::ZERO),
            announced: VecDeque::new(),
            reserve: reserve(),
            #[cfg(unix)]
            outputs: standard::Outputs::default(),
            random: seed(),
        })
    }

    /// Sets how long the end of this world waits for jobs that go on, or have not begun: 10
    /// seconds, unless you ask for another time here. Then it says on standard error how many it
    /// cut off. With `Duration::ZERO` it waits for none.
    ///
    /// ```
    /// use reactor::{Os, Reactor};
    /// use std::time::Duration;
    /// let reactor = Reactor::new(Os::new()?.jobs_at_end(Duration::from_secs(60)));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn jobs_at_end(mut self, limit: Duration) -> Os {
        self.pool.at_end = limit;
        self.own_pools.at_end = limit;
        self
    }
}

fn not_connected() -> io::Error {
    ErrorKind::NotConnected.into()
}

/// Turns the error of a connect into a refusal when the system has no room (a Unix socket whose
/// backlog is full): no readiness would follow.
fn refused(error: io::Error) -> io::Error {
    if error.kind() == ErrorKind::WouldBlock {
        return io::Error::new(
            ErrorKind::ConnectionRefused,
            "too many connections wait for an accept there",
        );
    }
    error
}

impl World for Os {
    fn now(&self) -> Time {
        let now = Time::ZERO + clock().duration_since(self.start);
        self.read.set(now);
        now
    }

    fn wait(&mut self, until: Option<Time>, ready: &mut Vec<Ready>) -> io::Result<()> {
        let until = match (self.announced.front(), until) {
            (Some((at, _)), Some(until)) => Some(until.min(*at)),
            (Some((at, _)), None) => Some(*at),
            (None, until) => until,
        };
        let timeout = match until {
            None => None,
            // What has passed already needs no second look at the clock.
            Some(until) if until <= self.read.get() => Some(Duration::ZERO),
            Some(until) => Some(until - self.now()),
        };
        match self.poll.poll(&mut self.events, timeout) {
            // A signal handler ran. The source of the signal is told through a socket, now or next
            // time.
            Err(error) if error.kind() == ErrorKind::Interrupted => return Ok(()),
            result => result?,
        }
        // Before those of the system: they have waited longer.
        self.tell_announced(ready);
        for event in self.events.iter().filter(|event| event.token() != WAKE) {
            // One that was closed in this turn is heard of no more; one that took its place has
            // news of its own.
            let Some((id, open)) = self.sockets.at_mut(event.token().0) else {
                continue;
            };
            open.urgent |= event.is_priority();
            let mut what = open.socket.readiness(event);
            // The system has told us, and we have not told it yet.
            what.error |= matches!(open.connection, Connection::Owes(_));
            ready.push(Ready { id, what });
        }
        Ok(())
    }

    fn waker(&self) -> Waker {
        Arc::clone(&self.waker).into()
    }

    fn random(&mut self) -> u64 {
        crate::random::next(&mut self.random)
    }

    fn offload(&mut self, job: Job) {
        self.pool.run(job);
    }

    fn listen(&mut self, at: &Address, backlog: u32) -> io::Result<Id> {
        match at {
            Address::Inet(at) => self.add(options::listen(*at, backlog)?, Connection::None),
            #[cfg(unix)]
            Address::Unix(path) => self.keep_bound(unix::listen(path, backlog)?),
            #[cfg(not(unix))]
            Address::Unix(_) => Err(ErrorKind::Unsupported.into()),
        }
    }

    fn accept(&mut self, listener: Id) -> io::Result<(Id, Address)> {
        let accepted = self.open(listener)?.socket.accept();
        let result = accepted.and_then(|(stream, peer)| {
            let id = self.add(stream, Connection::There)?;
            // The system forgets the peer with the connection, and logs ask for it afterwards.
            self.open(id)?.peer = Some(peer.clone());
            Ok((id, peer))
        });
        match result {
            Err(error)
                if !matches!(
                    error.kind(),
                    ErrorKind::WouldBlock | ErrorKind::NotConnected
                ) =>
            {
                if is_out_of_descriptors(&error) && !self.turn_one_away(listener) {
                    // A system looks for a descriptor first, and for a connection then: there is
                    // none.
                    return Err(ErrorKind::WouldBlock.into());
                }
                // The edge was used up by this try, and the system will not tell it again.
                self.announce(Ready {
                    id: listener,
                    what: Readiness::READ,
                });
                Err(error)
            }
            result => result,
        }
    }

    fn connect(&mut self, to: &Address) -> io::Result<Id> {
        let stream = match to {
            Address::Inet(to) => Socket::TcpStream(TcpStream::connect(*to).map_err(refused)?),
            #[cfg(unix)]
            Address::Unix(path) => unix::connect(path).map_err(refused)?,
            #[cfg(not(unix))]
            Address::Unix(_) => return Err(ErrorKind::Unsupported.into()),
        };
        let id = self.add(stream, Connection::Coming)?;
        self.open(id)?.peer = Some(to.destination());
        Ok(id)
    }

    fn finish_connect(&mut self, stream: Id) -> io::Result<()> {
        self.open(stream)?.finish_connect()
    }

    #[inline]
    fn read(&mut self, stream: Id, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream(stream)?.read(buffer)
    }

    #[inline]
    fn write(&mut self, stream: Id, buffers: &[IoSlice<'_>]) -> io::Result<usize> {
        self.stream(stream)?.write(buffers)
    }

    fn shutdown(&mut self, stream: Id) -> io::Result<()> {
        self.stream(stream)?.socket.shutdown(Shutdown::Write)
    }

    fn close(&mut self, id: Id, reset: bool) {
        if let Some(mut open) = self.sockets.remove(id) {
            if reset {
                open.socket.reset_on_close();
            }
            // Some systems deregister a closed descriptor by themselves; none minds being told.
            let _ = self.poll.registry().deregister(open.socket.source());
        }
    }

    fn local_address(&self, id: Id) -> io::Result<Address> {
        self.look(id)?.socket.local_address()
    }

    fn peer_address(&mut self, id: Id) -> io::Result<Address> {
        let open = self.open(id)?;
        let known = match open.connection {
            Connection::None => Ok(()),
            _ => open.finish_connect(),
        };
        match &open.peer {
            Some(peer) if known.is_ok() => Ok(peer.clone()),
            Some(_) => Err(not_connected()),
            None => open.socket.peer_address(),
        }
    }

    fn set(&mut self, id: Id, option: SocketOption) -> io::Result<()> {
        options::set(&self.look(id)?.socket, option)
    }

    fn pools(&mut self) -> Option<&mut dyn Pools> {
        Some(&mut self.own_pools)
    }

    fn datagrams(&mut self) -> Option<&mut dyn Datagrams> {
        Some(self)
    }

    fn names(&mut self) -> Option<&mut dyn Names> {
        Some(self)
    }

    #[cfg(all(unix, feature = "signals"))]
    fn signals(&mut self) -> Option<&mut dyn crate::Signals> {
        Some(self)
    }

    #[cfg(unix)]
    fn standard_io(&mut self) -> Option<&mut dyn crate::StandardIo> {
        Some(self)
    }

    #[cfg(all(unix, feature = "processes"))]
    fn processes(&mut self) -> Option<&mut dyn crate::Processes> {
        Some(self)
    }

    #[cfg(unix)]
    fn descriptors(&mut self) -> Option<&mut dyn crate::Descriptors> {
        Some(self)
    }

    #[cfg(unix)]
    fn raw_fd(&self) -> Option<std::os::fd::RawFd> {
        use std::os::fd::AsRawFd;
        Some(self.poll.as_raw_fd())
    }
}

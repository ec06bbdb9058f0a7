//! The operating system as a world: sockets and readiness by mio, a clock, a pool of threads.
use crate::{Address, Id, Job, Readiness, Ready, Signal, Time, World};
use mio::{
    Events, Interest, Poll, Token,
    event::Source,
    net::{TcpListener, TcpStream},
};
use pool::Pool;
use std::{
    cell::Cell,
    collections::hash_map::RandomState,
    hash::{BuildHasher, Hasher},
    io::{self, ErrorKind, IoSlice},
    net::Shutdown,
    sync::Arc,
    task::{Wake, Waker},
    time::{Duration, Instant},
};

mod pool;
#[cfg(all(unix, feature = "signals"))]
mod signals;
mod socket;

use socket::Socket;

/// The token of the waker; no socket has it, for an index is never that great.
const WAKE: Token = Token(usize::MAX);

/// How many events one wait can tell. If there are more, the next wait tells the rest.
const EVENTS: usize = 1024;

#[cfg(not(target_pointer_width = "64"))]
compile_error!("`Os` keeps index and generation of a socket in one 64-bit token");

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
    sockets: Vec<Slot>,
    free: Vec<u32>,
    waker: Arc<PollWaker>,
    pool: Pool,
    random: u64,
}

struct Slot {
    generation: u32,
    socket: Option<Socket>,
}

struct PollWaker(mio::Waker);

impl Wake for PollWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // It fails only when the poll is gone, and then nobody waits.
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

/// The standard library's hash maps get their seed from the system; so do we.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place where real chance comes in"
)]
fn seed() -> u64 {
    RandomState::new().build_hasher().finish()
}

impl Os {
    /// A world that begins now, with a poll of its own.
    ///
    /// # Errors
    /// When the system gives no poll: out of descriptors.
    pub fn new() -> io::Result<Os> {
        let poll = Poll::new()?;
        let waker = Arc::new(PollWaker(mio::Waker::new(poll.registry(), WAKE)?));
        Ok(Os {
            start: clock(),
            read: Cell::new(Time::ZERO),
            poll,
            events: Events::with_capacity(EVENTS),
            sockets: Vec::new(),
            free: Vec::new(),
            waker,
            pool: Pool::default(),
            random: seed(),
        })
    }

    /// Keeps a socket and tells the poll of it, once.
    fn add(&mut self, mut socket: Socket, interest: Interest) -> io::Result<Id> {
        let index = match self.free.last() {
            Some(index) => *index,
            None => {
                self.sockets.push(Slot {
                    generation: 0,
                    socket: None,
                });
                let index = u32::try_from(self.sockets.len() - 1).map_err(io::Error::other)?;
                self.free.push(index);
                index
            }
        };
        let slot = &mut self.sockets[index as usize];
        let id = Id {
            index,
            generation: slot.generation.wrapping_add(1),
        };
        self.poll
            .registry()
            .register(&mut socket, token(id), interest)?;
        self.free.pop();
        slot.generation = id.generation;
        slot.socket = Some(socket);
        Ok(id)
    }

    #[inline]
    fn socket(&mut self, id: Id) -> io::Result<&mut Socket> {
        match self.sockets.get_mut(id.index as usize) {
            Some(slot) if slot.generation == id.generation => slot
                .socket
                .as_mut()
                .ok_or_else(|| ErrorKind::NotConnected.into()),
            _ => Err(ErrorKind::NotConnected.into()),
        }
    }
}

fn token(id: Id) -> Token {
    Token((id.generation as usize) << 32 | id.index as usize)
}

fn id(token: Token) -> Id {
    Id {
        index: token.0 as u32,
        generation: (token.0 >> 32) as u32,
    }
}

const BOTH: Interest = Interest::READABLE.add(Interest::WRITABLE);

impl World for Os {
    fn now(&self) -> Time {
        let now = Time::ZERO + clock().duration_since(self.start);
        self.read.set(now);
        now
    }

    fn wait(&mut self, until: Option<Time>, ready: &mut Vec<Ready>) -> io::Result<()> {
        let timeout = match until {
            None => None,
            // What has passed already needs no second look at the clock.
            Some(until) if until <= self.read.get() => Some(Duration::ZERO),
            Some(until) => Some(until - self.now()),
        };
        match self.poll.poll(&mut self.events, timeout) {
            // A signal handler ran. Whoever waits for the signal is told through a socket, now or next time.
            Err(error) if error.kind() == ErrorKind::Interrupted => return Ok(()),
            result => result?,
        }
        for event in self.events.iter().filter(|event| event.token() != WAKE) {
            let what = Readiness {
                read: event.is_readable(),
                write: event.is_writable(),
                read_closed: event.is_read_closed() || event.is_error(),
            };
            ready.push(Ready {
                id: id(event.token()),
                what,
            });
        }
        Ok(())
    }

    fn waker(&self) -> Waker {
        Arc::clone(&self.waker).into()
    }

    fn random(&mut self) -> u64 {
        crate::chance::next(&mut self.random)
    }

    fn offload(&mut self, job: Job) {
        self.pool.run(job);
    }

    fn listen(&mut self, at: &Address) -> io::Result<Id> {
        let listener = match at {
            Address::Inet(at) => Socket::TcpListener(TcpListener::bind(*at)?),
            Address::Unix(path) => Socket::listen_unix(path)?,
        };
        self.add(listener, Interest::READABLE)
    }

    fn accept(&mut self, listener: Id) -> io::Result<(Id, Address)> {
        let (stream, peer) = self.socket(listener)?.accept()?;
        Ok((self.add(stream, BOTH)?, peer))
    }

    fn connect(&mut self, to: &Address) -> io::Result<Id> {
        let stream = match to {
            Address::Inet(to) => Socket::TcpStream(TcpStream::connect(*to)?),
            Address::Unix(path) => Socket::connect_unix(path)?,
        };
        self.add(stream, BOTH)
    }

    fn finish_connect(&mut self, stream: Id) -> io::Result<()> {
        self.socket(stream)?.finish_connect()
    }

    fn read(&mut self, stream: Id, buffer: &mut [u8]) -> io::Result<usize> {
        self.socket(stream)?.stream()?.read(buffer)
    }

    fn write(&mut self, stream: Id, buffers: &[IoSlice<'_>]) -> io::Result<usize> {
        let stream = self.socket(stream)?.stream()?;
        match buffers {
            [one] => stream.write(one), // a plain send is cheaper than one that gathers
            many => stream.write_vectored(many),
        }
    }

    fn shutdown(&mut self, stream: Id) -> io::Result<()> {
        self.socket(stream)?.shutdown(Shutdown::Write)
    }

    fn close(&mut self, id: Id, reset: bool) {
        let Some(slot) = self.sockets.get_mut(id.index as usize) else {
            return;
        };
        if slot.generation != id.generation {
            return;
        }
        if let Some(mut socket) = slot.socket.take() {
            if reset {
                socket.reset_on_close();
            }
            // Some systems deregister a closed descriptor by themselves; none minds being told.
            let _ = socket.deregister(self.poll.registry());
            self.free.push(id.index);
        }
    }

    fn local_address(&self, id: Id) -> io::Result<Address> {
        match self.sockets.get(id.index as usize) {
            Some(Slot {
                generation,
                socket: Some(socket),
            }) if *generation == id.generation => socket.local_address(),
            _ => Err(ErrorKind::NotConnected.into()),
        }
    }

    #[cfg(all(unix, feature = "signals"))]
    fn signals(&mut self, which: &[Signal]) -> io::Result<Id> {
        self.add(
            Socket::Signals(signals::Signals::new(which)?),
            Interest::READABLE,
        )
    }

    #[cfg(all(unix, feature = "signals"))]
    fn next_signal(&mut self, signals: Id) -> io::Result<Signal> {
        match self.socket(signals)? {
            Socket::Signals(signals) => signals.next().ok_or_else(|| ErrorKind::WouldBlock.into()),
            _ => Err(ErrorKind::NotConnected.into()),
        }
    }

    #[cfg(unix)]
    fn raw_fd(&self) -> Option<std::os::fd::RawFd> {
        use std::os::fd::AsRawFd;
        Some(self.poll.as_raw_fd())
    }
}

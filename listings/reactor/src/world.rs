//! The seam: all that a reactor knows of the outside, as one trait.
use crate::{Handle, Time};
use std::{
    fmt,
    io::{self, IoSlice},
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
    process::Command,
    rc::Rc,
    task::Waker,
};

/// Names a socket of a world.
///
/// Worlds use the index again when a socket is closed, each time with the next generation. So an event that
/// was on its way to the old socket does not hit the new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id {
    /// A small number, used again.
    pub index: u32,
    /// Which use of that number this is.
    pub generation: u32,
}

/// What a socket is ready for. Several can be true at once, also data and the end of the stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Readiness {
    /// Bytes can be read, or a connection accepted.
    pub read: bool,
    /// Bytes can be written, or the connection is made (or refused).
    pub write: bool,
    /// The peer sends no more, or the connection is lost: read until it says so.
    pub read_closed: bool,
}

impl Readiness {
    /// Ready to read.
    pub const READ: Readiness = Readiness {
        read: true,
        write: false,
        read_closed: false,
    };
    /// Ready to write.
    pub const WRITE: Readiness = Readiness {
        read: false,
        write: true,
        read_closed: false,
    };

    /// Both at once.
    #[must_use]
    pub fn and(self, other: Readiness) -> Readiness {
        Readiness {
            read: self.read | other.read,
            write: self.write | other.write,
            read_closed: self.read_closed | other.read_closed,
        }
    }
}

impl fmt::Display for Readiness {
    /// `read+write+closed`, or `nothing`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = [
            (self.read, "read"),
            (self.write, "write"),
            (self.read_closed, "closed"),
        ];
        let mut before = "";
        for (_, name) in names.iter().filter(|(is, _)| *is) {
            write!(f, "{before}{name}")?;
            before = "+";
        }
        if before.is_empty() {
            f.write_str("nothing")
        } else {
            Ok(())
        }
    }
}

/// A socket and what it is ready for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ready {
    /// The socket.
    pub id: Id,
    /// What it is ready for.
    pub what: Readiness,
}

/// Work for another thread. It must not wait for the reactor.
pub type Job = Box<dyn FnOnce() + Send>;

/// The work of finding the addresses of a name; see [`World::resolve`].
pub type Lookup = Box<dyn FnOnce() -> io::Result<Vec<IpAddr>> + Send>;

/// Where a listener listens, or a peer is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Address {
    /// An IP address and a port. Port 0 lets the world choose one.
    Inet(SocketAddr),
    /// A path of a Unix socket; the empty path for a peer that has none.
    Unix(PathBuf),
}

impl Address {
    /// That port of 127.0.0.1.
    ///
    /// ```
    /// assert_eq!(reactor::Address::loopback(4080).to_string(), "127.0.0.1:4080");
    /// ```
    pub const fn loopback(port: u16) -> Address {
        Address::Inet(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port))
    }

    /// The port, if it is an address that has one.
    pub fn port(&self) -> Option<u16> {
        match self {
            Address::Inet(at) => Some(at.port()),
            Address::Unix(_) => None,
        }
    }
}

impl From<SocketAddr> for Address {
    fn from(at: SocketAddr) -> Address {
        Address::Inet(at)
    }
}

impl From<PathBuf> for Address {
    fn from(path: PathBuf) -> Address {
        Address::Unix(path)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Address::Inet(at) => at.fmt(f),
            Address::Unix(path) => path.display().fmt(f),
        }
    }
}

/// A signal that a program can be told about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Signal {
    /// SIGINT: somebody pressed Ctrl-C.
    Interrupt,
    /// SIGTERM: somebody asks the program to end.
    Terminate,
    /// SIGHUP: the terminal is gone, or "read your configuration again".
    HangUp,
    /// SIGUSR1: whatever the program says it means.
    User1,
}

impl Signal {
    /// Its number, the same on Linux and macOS except for SIGUSR1
    /// ([signal(7)](https://man7.org/linux/man-pages/man7/signal.7.html)).
    pub const fn number(self) -> i32 {
        match self {
            Signal::HangUp => 1,
            Signal::Interrupt => 2,
            Signal::User1 if cfg!(target_os = "macos") => 30,
            Signal::User1 => 10,
            Signal::Terminate => 15,
        }
    }
}

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Signal::Interrupt => "SIGINT",
            Signal::Terminate => "SIGTERM",
            Signal::HangUp => "SIGHUP",
            Signal::User1 => "SIGUSR1",
        })
    }
}

/// Somebody who wants to hear when a socket is ready. Registered with [`Handle::register`].
pub trait Source {
    /// Something became ready. Readiness is told once, at the edge: go on until the world answers
    /// `WouldBlock`, or reads or writes less than you asked for, or ask for another turn with [`Handle::again`].
    fn ready(self: Rc<Self>, reactor: &Handle, what: Readiness);

    /// Callbacks have run; called once after each [`Handle::after_callbacks`]. The moment to poll tasks. `waited` says
    /// whether this turn's wait is over.
    fn callbacks_ran(self: Rc<Self>, reactor: &Handle, waited: bool) {
        let _ = (reactor, waited);
    }

    /// The turn ends; called once after each [`Handle::at_end`]. A good moment to send what was gathered.
    fn turn_ends(self: Rc<Self>, reactor: &Handle) {
        let _ = reactor;
    }
}

// ANCHOR: world
/// Clock, readiness, byte streams, other threads' work and chance: all that a reactor knows of the outside.
///
/// Readiness is edge-triggered, and each source is registered once, by the call that makes it. A short read or
/// write means "drained" in every world: the rest will be announced. All calls but [`wait`](World::wait)
/// return at once; what cannot be done yet is `WouldBlock`.
///
/// An [`Id`] that is closed, or was never given out, is answered with `NotConnected`.
pub trait World {
    /// Reads the clock.
    fn now(&self) -> Time;
    /// Waits until something is ready, the waker is woken, or `until` has come (`None`: for ever), and appends
    /// what is ready. It may also return early with nothing.
    fn wait(&mut self, until: Option<Time>, ready: &mut Vec<Ready>) -> io::Result<()>;
    /// Ends a wait, from any thread; ends the next one at once if none is going on.
    fn waker(&self) -> Waker;
    /// A random number.
    fn random(&mut self) -> u64;
    /// Runs `job` elsewhere.
    fn offload(&mut self, job: Job);

    /// Opens a listener. It becomes ready to read when a connection can be accepted.
    fn listen(&mut self, at: &Address) -> io::Result<Id>;
    /// Takes the next connection, and the address of the peer.
    fn accept(&mut self, listener: Id) -> io::Result<(Id, Address)>;
    /// Begins to connect. The stream becomes ready to write when [`finish_connect`](World::finish_connect) knows more.
    fn connect(&mut self, to: &Address) -> io::Result<Id>;
    /// Whether the connection is made: `Ok`, or why not, or `WouldBlock`.
    fn finish_connect(&mut self, stream: Id) -> io::Result<()>;
    /// Reads what is there. 0 is the end of the stream.
    fn read(&mut self, stream: Id, buffer: &mut [u8]) -> io::Result<usize>;
    /// Writes what fits.
    fn write(&mut self, stream: Id, buffers: &[IoSlice<'_>]) -> io::Result<usize>;
    /// Says that nothing more will be written. What the peer sends can still be read.
    fn shutdown(&mut self, stream: Id) -> io::Result<()>;
    /// Gives the socket up: in good order, or with a reset that throws away what was not sent yet.
    fn close(&mut self, id: Id, reset: bool);
    /// The address of this side.
    fn local_address(&self, id: Id) -> io::Result<Address>;
    // ANCHOR_END: world

    /// Asks to be told of signals: the source becomes ready to read when one came.
    fn signals(&mut self, which: &[Signal]) -> io::Result<Id> {
        let _ = which;
        unsupported("signals")
    }
    /// The next signal that came, or `WouldBlock`.
    fn next_signal(&mut self, signals: Id) -> io::Result<Signal> {
        let _ = signals;
        unsupported("signals")
    }

    /// Opens a socket for datagrams.
    fn bind(&mut self, at: &Address) -> io::Result<Id> {
        let _ = at;
        unsupported("datagrams")
    }
    /// Takes the next datagram and its sender. What does not fit into `buffer` is lost.
    fn receive_from(&mut self, socket: Id, buffer: &mut [u8]) -> io::Result<(usize, Address)> {
        let _ = (socket, buffer);
        unsupported("datagrams")
    }
    /// Sends one datagram.
    fn send_to(&mut self, socket: Id, datagram: &[u8], to: &Address) -> io::Result<usize> {
        let _ = (socket, datagram, to);
        unsupported("datagrams")
    }
    /// The work of finding the addresses of `name`, to be given to [`offload`](World::offload): it may block.
    fn resolve(&mut self, name: &str) -> io::Result<Lookup> {
        let _ = name;
        unsupported("names")
    }
    /// Starts a child process: the source that becomes ready when it ends, and its three pipes.
    fn spawn(&mut self, command: &mut Command) -> io::Result<[Id; 4]> {
        let _ = command;
        unsupported("child processes")
    }
    /// Standard input and standard output as streams.
    fn standard_io(&mut self) -> io::Result<[Id; 2]> {
        unsupported("standard input")
    }

    /// What another event loop watches to know that [`wait`](World::wait) would not wait.
    #[cfg(unix)]
    fn raw_fd(&self) -> Option<std::os::fd::RawFd> {
        None
    }
}

fn unsupported<T>(what: &str) -> io::Result<T> {
    Err(io::Error::new(
        io::ErrorKind::Unsupported,
        format!("this world has no {what}"),
    ))
}

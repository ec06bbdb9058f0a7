//! The seam: all that a reactor knows of the outside, as one trait.
#[cfg(unix)]
use crate::Descriptors;
use crate::{Address, Datagrams, Names, Pools, Processes, Signals, SocketOption, StandardIo, Time};
use std::{
    fmt,
    io::{self, IoSlice},
    task::Waker,
    time::Duration,
};

/// Names a socket of a world.
///
/// Worlds use the index again when a socket is closed, each time with another generation. So an
/// event that was on its way to the old socket does not hit the new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id {
    /// A small number, used again.
    pub index: u32,
    /// Which use of that number this is.
    pub generation: u32,
}

/// What a socket is ready for. Several can be true at once, also data and the end of the stream.
///
/// What is closed is ready, too: the next call tells the end, or the error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Readiness {
    /// Bytes can be read, or a connection accepted.
    pub read: bool,
    /// Bytes can be written, or the connection is made (or refused).
    pub write: bool,
    /// The peer sends no more, or the connection is lost: read until it says so.
    pub read_closed: bool,
    /// Nothing can be sent any more: the connection is lost or shut on both sides, or the reader of
    /// a pipe is gone.
    pub write_closed: bool,
    /// An error is to be told: that a connection was refused or reset, or that a datagram did not
    /// arrive. The next call says which.
    pub error: bool,
}

impl Readiness {
    /// Ready to read.
    pub const READ: Readiness = Readiness {
        read: true,
        ..Readiness::NOTHING
    };
    /// Ready to write.
    pub const WRITE: Readiness = Readiness {
        write: true,
        ..Readiness::NOTHING
    };
    /// All that a connection that is lost is ready for.
    pub(crate) const LOST: Readiness = Readiness {
        read: true,
        write: true,
        read_closed: true,
        write_closed: true,
        error: true,
    };
    const NOTHING: Readiness = Readiness {
        read: false,
        write: false,
        read_closed: false,
        write_closed: false,
        error: false,
    };

    /// Both at once.
    #[must_use]
    pub fn and(self, other: Readiness) -> Readiness {
        Readiness {
            read: self.read | other.read,
            write: self.write | other.write,
            read_closed: self.read_closed | other.read_closed,
            write_closed: self.write_closed | other.write_closed,
            error: self.error | other.error,
        }
    }
}

impl Readiness {
    /// Returns what is said by both.
    pub(crate) fn but_only(self, other: Readiness) -> Readiness {
        Readiness {
            read: self.read & other.read,
            write: self.write & other.write,
            read_closed: self.read_closed & other.read_closed,
            write_closed: self.write_closed & other.write_closed,
            error: self.error & other.error,
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
            (self.write_closed, "write_closed"),
            (self.error, "error"),
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

/// After so long a world tells again what it would not be told: that a listener has connections to
/// accept, when the last `accept` failed.
pub(crate) const PAUSE: Duration = Duration::from_millis(100);

/// Work for another thread. It must not wait for the reactor.
pub type Job = Box<dyn FnOnce() + Send>;

// ANCHOR: world
/// Clock, readiness, byte streams, other threads' work and randomness: all that a reactor knows of
/// the outside.
///
/// Readiness is edge-triggered, and each source is registered once, by the call that makes it. A
/// short read or write means "drained" in every world: the rest will be announced. All calls but
/// [`wait`](World::wait) return at once; what cannot be done yet is `WouldBlock`.
///
/// An [`Id`] that is closed, or was never given out, is answered with `NotConnected`.
pub trait World {
    /// Reads the clock.
    fn now(&self) -> Time;
    /// Waits until something is ready, the waker is woken, or `until` has come (`None`: for ever),
    /// and appends what is ready. It may also return early with nothing.
    fn wait(&mut self, until: Option<Time>, ready: &mut Vec<Ready>) -> io::Result<()>;
    /// Ends a wait, from any thread; ends the next one at once if none is going on.
    fn waker(&self) -> Waker;
    /// Returns a random number.
    fn random(&mut self) -> u64;
    /// Runs `job` elsewhere.
    fn offload(&mut self, job: Job);

    /// Opens a listener; `backlog` connections can wait for an `accept`. It becomes ready to read
    /// when one can be accepted.
    fn listen(&mut self, at: &Address, backlog: u32) -> io::Result<Id>;
    /// Takes the next connection, and the address of the peer. After an error other than
    /// `WouldBlock` the listener is announced again by itself.
    fn accept(&mut self, listener: Id) -> io::Result<(Id, Address)>;
    /// Begins to connect. The stream becomes ready to write when
    /// [`finish_connect`](World::finish_connect) knows more.
    fn connect(&mut self, to: &Address) -> io::Result<Id>;
    /// Returns whether the connection is made: `Ok`, or why not, or `WouldBlock`. Asked again, it
    /// answers the same.
    fn finish_connect(&mut self, stream: Id) -> io::Result<()>;
    /// Reads what is there. 0 is the end of the stream.
    fn read(&mut self, stream: Id, buffer: &mut [u8]) -> io::Result<usize>;
    /// Writes what fits.
    fn write(&mut self, stream: Id, buffers: &[IoSlice<'_>]) -> io::Result<usize>;
    /// Says that nothing more will be written. What the peer sends can still be read.
    fn shutdown(&mut self, stream: Id) -> io::Result<()>;
    /// Closes the socket: in good order, or with a reset that throws away what was not sent yet.
    fn close(&mut self, id: Id, reset: bool);
    /// Returns the address of this side.
    fn local_address(&self, id: Id) -> io::Result<Address>;
    /// Returns the address of the other side.
    fn peer_address(&mut self, id: Id) -> io::Result<Address>;
    /// Changes how a socket behaves.
    fn set(&mut self, id: Id, option: SocketOption) -> io::Result<()>;
    // ANCHOR_END: world

    /// Returns a job that is to run now and in this thread. The caller takes them after each wait,
    /// until there is none, and runs them outside of any borrow: they are the program's own code.
    /// Only a world without threads has any.
    fn job(&mut self) -> Option<Job> {
        None
    }

    /// Datagrams, in a world that has them.
    fn datagrams(&mut self) -> Option<&mut dyn Datagrams> {
        None
    }
    /// Pools of threads for one kind of work, in a world that has threads.
    fn pools(&mut self) -> Option<&mut dyn Pools> {
        None
    }
    /// Names of hosts, in a world that knows them.
    fn names(&mut self) -> Option<&mut dyn Names> {
        None
    }
    /// Signals, in a world that has them.
    fn signals(&mut self) -> Option<&mut dyn Signals> {
        None
    }
    /// Standard input and output as streams, in a world that has them.
    fn standard_io(&mut self) -> Option<&mut dyn StandardIo> {
        None
    }
    /// Child processes, in a world that has them.
    fn processes(&mut self) -> Option<&mut dyn Processes> {
        None
    }
    /// Descriptors of the system, in a world that has them.
    #[cfg(unix)]
    fn descriptors(&mut self) -> Option<&mut dyn Descriptors> {
        None
    }

    /// Returns what another event loop watches to know that [`wait`](World::wait) would not wait.
    #[cfg(unix)]
    fn raw_fd(&self) -> Option<std::os::fd::RawFd> {
        None
    }
}

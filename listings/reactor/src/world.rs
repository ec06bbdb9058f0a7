//! The seam: all that a reactor knows of the outside, as one trait.
#[cfg(unix)]
use crate::Descriptors;
use crate::{
    Address, Datagrams, Id, Job, Names, Pools, Processes, Ready, Signals, SocketOption, StandardIo,
    Time,
};
use std::{
    io::{self, IoSlice},
    task::Waker,
    time::Duration,
};

/// After so long a world tells again what it would not be told: that a listener has connections to
/// accept, when the last `accept` failed.
pub(crate) const PAUSE: Duration = Duration::from_millis(100);

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

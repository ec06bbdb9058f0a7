//! What not every world has: datagrams, names, signals, standard input and output, children,
//! descriptors.
//!
//! A [`World`](crate::World) that has one of these returns it; the others return `None`, and the
//! functions of the [`Handle`](crate::Handle) answer `Unsupported`.
use crate::{Address, Id};
use std::{
    fmt, io,
    net::IpAddr,
    process::{Command, ExitStatus},
    time::Duration,
};

/// Work for another thread. It must not wait for the reactor.
pub type Job = Box<dyn FnOnce() + Send>;

/// How a socket behaves; see [`World::set`](crate::World::set). One that the kind of socket does
/// not have is answered with an error.
///
/// A listener for TCP can take the address of one that was closed a moment ago (`SO_REUSEADDR`), in
/// every world and without an option: after `listen` it would come too late.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SocketOption {
    /// Small writes are sent at once (`TCP_NODELAY`). It is on unless it is turned off.
    NoDelay(bool),
    /// A TCP connection that was silent for so long, in whole seconds, is asked whether the peer is
    /// there (`SO_KEEPALIVE`); `None` turns it off, as it is at first.
    KeepAlive(Option<Duration>),
    /// So many bytes the system keeps for what was written and not sent (`SO_SNDBUF`). It may
    /// round.
    SendBuffer(usize),
    /// So many bytes the system keeps for what arrived and was not read (`SO_RCVBUF`). It may
    /// round.
    ReceiveBuffer(usize),
    /// So many routers a packet may pass (`IP_TTL`, or the hop limit of IPv6).
    TimeToLive(u32),
    /// Datagrams may go to a broadcast address (`SO_BROADCAST`).
    Broadcast(bool),
    /// Datagrams to that group arrive here, too.
    JoinGroup(IpAddr),
    /// Datagrams to that group do not arrive any more.
    LeaveGroup(IpAddr),
    /// What is sent to a group arrives at this host, too.
    GroupLoop(bool),
    /// So many routers a datagram to a group may pass; 1 at first, and it stays in the local
    /// network.
    GroupTimeToLive(u32),
}

/// Returns what both worlds answer to an option that a kind of socket does not have: systems
/// differ.
pub(crate) fn unsuitable() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidInput,
        "this kind of socket does not have this option",
    )
}

/// Returns what both worlds answer to a datagram that fits into no packet.
pub(crate) fn too_long() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "the datagram is too long")
}

/// Pools of threads, each for one kind of work. They are numbered from 0, and no number is used
/// again.
pub trait Pools {
    /// Opens a pool of `most` threads at most, which are started when there is work.
    fn open(&mut self, most: usize) -> u64;
    /// Runs `job` in a thread of that pool, after those that wait there already.
    fn run(&mut self, pool: u64, job: Job);
    /// No more work comes. What it was given is done, and then its threads end.
    fn close(&mut self, pool: u64);
}

/// Datagrams: each arrives whole, or not at all, and in any order. The addresses are those of UDP,
/// or paths of Unix datagram sockets.
///
/// A socket becomes ready to read when a datagram came, and ready with an error when one that it
/// sent was refused.
pub trait Datagrams {
    /// Opens a socket. Port 0 lets the world choose; the empty path is an address that cannot be
    /// sent to. With `reuse` several sockets can have one address, as those who listen to a group
    /// do.
    fn bind(&mut self, at: &Address, reuse: bool) -> io::Result<Id>;
    /// Only `peer` is sent to and heard from now on, and a refusal is told: `ConnectionRefused`,
    /// once.
    fn set_peer(&mut self, socket: Id, peer: &Address) -> io::Result<()>;
    /// Sends one datagram: to that address, or to the peer. It is sent whole or not at all.
    fn send(&mut self, socket: Id, datagram: &[u8], to: Option<&Address>) -> io::Result<()>;
    /// Takes the next datagram and its sender. What does not fit into `buffer` is lost.
    fn receive(&mut self, socket: Id, buffer: &mut [u8]) -> io::Result<(usize, Address)>;
}

/// What is to be called with the addresses of a name. It may be called in another thread.
pub type Found = Box<dyn FnOnce(io::Result<Vec<IpAddr>>) + Send>;

/// Names of hosts.
pub trait Names {
    /// Looks the addresses of `name` up and calls `found`, once: the addresses in the order in
    /// which they are to be tried, at least one; or why there is none. A name that is an address is
    /// its own answer.
    fn look_up(&mut self, name: &str, found: Found);
}

/// Signals of the system.
pub trait Signals {
    /// Asks to be told of signals: the source becomes ready to read when one came.
    fn watch(&mut self, which: &[Signal]) -> io::Result<Id>;
    /// Returns the next signal that came, or `WouldBlock`.
    fn next(&mut self, signals: Id) -> io::Result<Signal>;
    /// Returns whether the program was started with that signal ignored, and it still is: then it
    /// is not meant to end by it.
    fn is_ignored(&self, signal: Signal) -> bool {
        let _ = signal;
        false
    }
}

/// Standard input, output and error as streams.
pub trait StandardIo {
    /// Opens one of them. It is read or written like any stream, and a close lets what was written
    /// get out. While it is open it cannot be opened again: `ResourceBusy`.
    fn open(&mut self, which: StandardStream) -> io::Result<Id>;
}

/// One of the three streams that a program is born with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StandardStream {
    /// Descriptor 0.
    Input,
    /// Descriptor 1.
    Output,
    /// Descriptor 2.
    Error,
}

/// Child processes.
pub trait Processes {
    /// Starts a child. Those of its standard streams that `command` wants piped become streams.
    fn spawn(&mut self, command: &mut Command) -> io::Result<Child>;
    /// Returns how it ended; `WouldBlock` while it runs. Asked again, it answers the same.
    fn exit_status(&mut self, child: Id) -> io::Result<ExitStatus>;
    /// Sends it a signal. One that has ended is `NotFound`.
    fn kill(&mut self, child: Id, signal: Signal) -> io::Result<()>;
}

/// A child process that was started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Child {
    /// The source that becomes ready to read when it ends.
    pub id: Id,
    /// Its number in the system.
    pub pid: u32,
    /// What it reads, if that is piped: ours to write.
    pub stdin: Option<Id>,
    /// What it writes, if that is piped: ours to read.
    pub stdout: Option<Id>,
    /// What it complains, if that is piped: ours to read.
    pub stderr: Option<Id>,
}

/// Descriptors of the system.
#[cfg(unix)]
pub trait Descriptors {
    /// Takes a descriptor in, which is of that kind. It is made non-blocking, with all that share
    /// it.
    fn adopt(&mut self, fd: std::os::fd::OwnedFd, kind: Kind) -> io::Result<Id>;
}

/// What a descriptor is.
#[cfg(unix)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A TCP socket that listens.
    TcpListener,
    /// A TCP connection.
    TcpStream,
    /// A Unix socket that listens. Its path stays when it is closed: the process that bound it
    /// removes it.
    UnixListener,
    /// A Unix connection, or one half of a pair.
    UnixStream,
    /// A UDP socket.
    Udp,
    /// A Unix datagram socket.
    UnixDatagram,
    /// The end of a pipe that is read.
    PipeReader,
    /// The end of a pipe that is written.
    PipeWriter,
}

/// A signal that a program can be told about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Signal {
    /// SIGINT: Ctrl-C was pressed.
    Interrupt,
    /// SIGTERM: the program is asked to end.
    Terminate,
    /// SIGHUP: the terminal is gone, or "read your configuration again".
    HangUp,
    /// SIGUSR1: whatever the program says it means.
    User1,
    /// SIGKILL: ends a program that is not asked. It can be sent to a child, and no program is told
    /// of its own.
    Kill,
}

impl Signal {
    /// Returns its number, the same on Linux and macOS except for SIGUSR1
    /// ([signal(7)](https://man7.org/linux/man-pages/man7/signal.7.html)).
    pub const fn number(self) -> i32 {
        match self {
            Signal::HangUp => 1,
            Signal::Interrupt => 2,
            Signal::User1 if cfg!(target_os = "macos") => 30,
            Signal::User1 => 10,
            Signal::Kill => 9,
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
            Signal::Kill => "SIGKILL",
        })
    }
}

//! The kinds of sockets that the operating system's world keeps.
use crate::{Address, Readiness};
use mio::{
    Interest,
    event::{Event, Source},
    net::{TcpListener, TcpStream, UdpSocket},
};
use std::{
    io::{self, ErrorKind, Read, Write},
    net::Shutdown,
    time::Duration,
};

#[cfg(unix)]
use super::unix::{self, unix_address};
#[cfg(unix)]
use mio::{
    net::{UnixDatagram, UnixListener, UnixStream},
    unix::pipe,
};

/// Everything that has an id.
pub(super) enum Socket {
    TcpListener(TcpListener),
    TcpStream(TcpStream),
    Udp(UdpSocket),
    #[cfg(unix)]
    UnixListener(UnixListener),
    #[cfg(unix)]
    UnixStream(UnixStream),
    #[cfg(unix)]
    UnixDatagram(UnixDatagram),
    #[cfg(unix)]
    PipeReader(pipe::Receiver),
    #[cfg(unix)]
    PipeWriter(pipe::Sender),
    #[cfg(all(unix, feature = "signals"))]
    Signals(super::signals::Signals),
    #[cfg(all(unix, feature = "processes"))]
    Child(super::processes::Running),
}

const BOTH: Interest = Interest::READABLE.add(Interest::WRITABLE);

pub(super) fn none<T>() -> io::Result<T> {
    Err(ErrorKind::NotConnected.into())
}

impl Socket {
    pub(super) fn interest(&self) -> Interest {
        match self {
            Socket::TcpListener(_) => Interest::READABLE,
            #[cfg(unix)]
            Socket::UnixListener(_) | Socket::PipeReader(_) => Interest::READABLE,
            #[cfg(unix)]
            Socket::PipeWriter(_) => Interest::WRITABLE,
            #[cfg(all(unix, feature = "signals"))]
            Socket::Signals(_) => Interest::READABLE,
            #[cfg(all(unix, feature = "processes"))]
            Socket::Child(_) => Interest::READABLE,
            #[cfg(any(target_os = "linux", target_os = "android"))]
            Socket::TcpStream(_) => BOTH | Interest::PRIORITY,
            _ => BOTH,
        }
    }

    /// Returns what the poll says of it, in the words of both worlds.
    pub(super) fn readiness(&self, event: &Event) -> Readiness {
        let (read_closed, write_closed) = (event.is_read_closed(), event.is_write_closed());
        let error = event.is_error();
        let (read_closed, write_closed, error) = match self {
            // An error of a datagram ends nothing.
            Socket::Udp(_) => (false, false, error),
            #[cfg(unix)]
            Socket::UnixDatagram(_) => (false, false, error),
            // The other end of a pipe is gone: systems say it in several ways, and a call tells no
            // error.
            #[cfg(unix)]
            Socket::PipeReader(_) => (read_closed || error, false, false),
            #[cfg(unix)]
            Socket::PipeWriter(_) => (false, write_closed || read_closed || error, false),
            _ => (read_closed || error, write_closed || error, error),
        };
        Readiness {
            read: event.is_readable() || read_closed,
            write: event.is_writable() || write_closed,
            read_closed,
            write_closed,
            error,
        }
    }

    /// Takes the next connection; an error of one that is gone concerns no caller.
    pub(super) fn accept(&self) -> io::Result<(Socket, Address)> {
        loop {
            match self.accept_one() {
                Err(error)
                    if matches!(
                        error.kind(),
                        ErrorKind::ConnectionAborted | ErrorKind::Interrupted
                    ) => {}
                result => return result,
            }
        }
    }

    fn accept_one(&self) -> io::Result<(Socket, Address)> {
        match self {
            Socket::TcpListener(listener) => {
                let (stream, peer) = listener.accept()?;
                small_writes_at_once(&stream);
                Ok((Socket::TcpStream(stream), peer.into()))
            }
            #[cfg(unix)]
            Socket::UnixListener(listener) => {
                let (stream, peer) = listener.accept()?;
                Ok((Socket::UnixStream(stream), unix_address(&peer)))
            }
            _ => none(),
        }
    }

    pub(super) fn finish_connect(&self) -> io::Result<()> {
        let (error, peer) = match self {
            Socket::TcpStream(stream) => {
                small_writes_at_once(stream);
                (stream.take_error()?, stream.peer_addr().map(drop))
            }
            #[cfg(unix)]
            Socket::UnixStream(stream) => (stream.take_error()?, stream.peer_addr().map(drop)),
            _ => return none(),
        };
        match (error, peer) {
            (Some(error), _) => Err(error),
            // Without an error and without a peer it goes on connecting.
            (None, Err(error)) if error.kind() == ErrorKind::NotConnected => {
                Err(ErrorKind::WouldBlock.into())
            }
            (None, peer) => peer,
        }
    }

    #[inline]
    pub(super) fn reader(&mut self) -> io::Result<&mut dyn Read> {
        match self {
            Socket::TcpStream(stream) => Ok(stream),
            #[cfg(unix)]
            Socket::UnixStream(stream) => Ok(stream),
            #[cfg(unix)]
            Socket::PipeReader(pipe) => Ok(pipe),
            _ => none(),
        }
    }

    #[inline]
    pub(super) fn writer(&mut self) -> io::Result<&mut dyn Write> {
        match self {
            Socket::TcpStream(stream) => Ok(stream),
            #[cfg(unix)]
            Socket::UnixStream(stream) => Ok(stream),
            #[cfg(unix)]
            Socket::PipeWriter(pipe) => Ok(pipe),
            _ => none(),
        }
    }

    pub(super) fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        match self {
            Socket::TcpStream(stream) => stream.shutdown(how),
            #[cfg(unix)]
            Socket::UnixStream(stream) => stream.shutdown(how),
            _ => none(),
        }
    }

    /// A TCP stream that lingers for no time is closed with a reset
    /// ([socket(7)](https://man7.org/linux/man-pages/man7/socket.7.html), SO_LINGER).
    pub(super) fn reset_on_close(&self) {
        if let Socket::TcpStream(stream) = self {
            // When the connection is lost already, there is nothing to reset.
            let _ = socket2::SockRef::from(stream).set_linger(Some(Duration::ZERO));
        }
    }

    pub(super) fn local_address(&self) -> io::Result<Address> {
        match self {
            Socket::TcpListener(listener) => listener.local_addr().map(Address::Inet),
            Socket::TcpStream(stream) => stream.local_addr().map(Address::Inet),
            Socket::Udp(socket) => socket.local_addr().map(Address::Inet),
            #[cfg(unix)]
            other => unix::local_address(other),
        }
    }

    pub(super) fn peer_address(&self) -> io::Result<Address> {
        match self {
            Socket::TcpStream(stream) => stream.peer_addr().map(Address::Inet),
            Socket::Udp(socket) => socket.peer_addr().map(Address::Inet),
            #[cfg(unix)]
            other => unix::peer_address(other),
            #[cfg(not(unix))]
            _ => none(),
        }
    }

    pub(super) fn source(&mut self) -> &mut dyn Source {
        match self {
            Socket::TcpListener(listener) => listener,
            Socket::TcpStream(stream) => stream,
            Socket::Udp(socket) => socket,
            #[cfg(unix)]
            Socket::UnixListener(listener) => listener,
            #[cfg(unix)]
            Socket::UnixStream(stream) => stream,
            #[cfg(unix)]
            Socket::UnixDatagram(socket) => socket,
            #[cfg(unix)]
            Socket::PipeReader(pipe) => pipe,
            #[cfg(unix)]
            Socket::PipeWriter(pipe) => pipe,
            #[cfg(all(unix, feature = "signals"))]
            Socket::Signals(signals) => signals.source(),
            #[cfg(all(unix, feature = "processes"))]
            Socket::Child(running) => running.source(),
        }
    }
}

/// The reactor gathers small writes itself, so the kernel need not wait for more (RFC 896,
/// TCP_NODELAY).
fn small_writes_at_once(stream: &TcpStream) {
    // When the connection is lost already, there is nothing to hurry.
    let _ = stream.set_nodelay(true);
}

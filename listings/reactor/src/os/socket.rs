//! The kinds of sockets that the operating system's world keeps.
use crate::Address;
use mio::{
    Interest, Registry, Token,
    event::Source,
    net::{TcpListener, TcpStream},
};
use std::{
    io::{self, ErrorKind, Read, Write},
    net::Shutdown,
    path::Path,
};

#[cfg(unix)]
use mio::net::{UnixListener, UnixStream};

/// Everything that has an id.
pub(super) enum Socket {
    TcpListener(TcpListener),
    TcpStream(TcpStream),
    #[cfg(unix)]
    UnixListener(UnixListener),
    #[cfg(unix)]
    UnixStream(UnixStream),
    #[cfg(all(unix, feature = "signals"))]
    Signals(super::signals::Signals),
}

/// What streams have in common.
pub(super) trait Stream: Read + Write {}
impl<S: Read + Write> Stream for S {}

fn none<T>() -> io::Result<T> {
    Err(ErrorKind::NotConnected.into())
}

#[cfg(unix)]
fn unix_address(address: &std::os::unix::net::SocketAddr) -> Address {
    Address::Unix(
        address
            .as_pathname()
            .map(Path::to_owned)
            .unwrap_or_default(),
    )
}

impl Socket {
    #[cfg(unix)]
    pub(super) fn listen_unix(path: &Path) -> io::Result<Socket> {
        UnixListener::bind(path).map(Socket::UnixListener)
    }

    #[cfg(unix)]
    pub(super) fn connect_unix(path: &Path) -> io::Result<Socket> {
        UnixStream::connect(path).map(Socket::UnixStream)
    }

    #[cfg(not(unix))]
    pub(super) fn listen_unix(_: &Path) -> io::Result<Socket> {
        Err(ErrorKind::Unsupported.into())
    }

    #[cfg(not(unix))]
    pub(super) fn connect_unix(_: &Path) -> io::Result<Socket> {
        Err(ErrorKind::Unsupported.into())
    }

    pub(super) fn accept(&self) -> io::Result<(Socket, Address)> {
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
    pub(super) fn stream(&mut self) -> io::Result<&mut dyn Stream> {
        match self {
            Socket::TcpStream(stream) => Ok(stream),
            #[cfg(unix)]
            Socket::UnixStream(stream) => Ok(stream),
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
            let _ = socket2::SockRef::from(stream).set_linger(Some(std::time::Duration::ZERO));
        }
    }

    pub(super) fn local_address(&self) -> io::Result<Address> {
        match self {
            Socket::TcpListener(listener) => listener.local_addr().map(Address::Inet),
            Socket::TcpStream(stream) => stream.local_addr().map(Address::Inet),
            #[cfg(unix)]
            Socket::UnixListener(listener) => listener.local_addr().map(|at| unix_address(&at)),
            #[cfg(unix)]
            Socket::UnixStream(stream) => stream.local_addr().map(|at| unix_address(&at)),
            #[cfg(all(unix, feature = "signals"))]
            Socket::Signals(_) => none(),
        }
    }

    fn source(&mut self) -> &mut dyn Source {
        match self {
            Socket::TcpListener(listener) => listener,
            Socket::TcpStream(stream) => stream,
            #[cfg(unix)]
            Socket::UnixListener(listener) => listener,
            #[cfg(unix)]
            Socket::UnixStream(stream) => stream,
            #[cfg(all(unix, feature = "signals"))]
            Socket::Signals(signals) => signals.source(),
        }
    }
}

/// The reactor gathers small writes itself, so the kernel need not wait for more (RFC 896, TCP_NODELAY).
fn small_writes_at_once(stream: &TcpStream) {
    // When the connection is lost already, there is nothing to hurry.
    let _ = stream.set_nodelay(true);
}

impl Source for Socket {
    fn register(&mut self, r: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        self.source().register(r, token, interest)
    }

    fn reregister(&mut self, r: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        self.source().reregister(r, token, interest)
    }

    fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        self.source().deregister(registry)
    }
}

//! Unix sockets and pipes, where there are any.
use super::{
    options,
    socket::{Socket, none},
};
use crate::{Address, Kind};
use mio::{
    net::{TcpListener, TcpStream, UdpSocket, UnixDatagram, UnixListener, UnixStream},
    unix::pipe,
};
use socket2::{Domain, SockAddr, SockRef, Type};
use std::{
    fs, io,
    os::{
        fd::OwnedFd,
        unix::{fs::MetadataExt, net::SocketAddr},
    },
    path::{self, Path, PathBuf},
};

/// The path that a socket of ours was bound to. Its drop removes it, unless another file has it by
/// now.
pub(super) struct Bound {
    path: PathBuf,
    file: (u64, u64),
}

impl Bound {
    fn new(path: &Path) -> io::Result<Bound> {
        let file = fs::symlink_metadata(path)?;
        Ok(Bound {
            path: path::absolute(path)?,
            file: (file.dev(), file.ino()),
        })
    }
}

impl Drop for Bound {
    fn drop(&mut self) {
        let is_ours = fs::symlink_metadata(&self.path)
            .is_ok_and(|file| (file.dev(), file.ino()) == self.file);
        if is_ours {
            // Our right to it may have been taken away: then it stays.
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn bound(path: &Path, kind: Type) -> io::Result<(socket2::Socket, Option<Bound>)> {
    let socket = socket2::Socket::new(Domain::UNIX, kind, None)?;
    socket.set_nonblocking(true)?;
    if path.as_os_str().is_empty() {
        return Ok((socket, None));
    }
    socket.bind(&SockAddr::unix(path)?)?;
    Ok((socket, Some(Bound::new(path)?)))
}

pub(super) fn listen(path: &Path, backlog: u32) -> io::Result<(Socket, Option<Bound>)> {
    let (socket, bound) = bound(path, Type::STREAM)?;
    socket.listen(options::backlog(backlog))?;
    let listener = UnixListener::from(OwnedFd::from(socket));
    Ok((Socket::UnixListener(listener), bound))
}

pub(super) fn bind(path: &Path) -> io::Result<(Socket, Option<Bound>)> {
    let (socket, bound) = bound(path, Type::DGRAM)?;
    let socket = UnixDatagram::from(OwnedFd::from(socket));
    Ok((Socket::UnixDatagram(socket), bound))
}

pub(super) fn connect(path: &Path) -> io::Result<Socket> {
    UnixStream::connect(path).map(Socket::UnixStream)
}

pub(super) fn unix_address(address: &SocketAddr) -> Address {
    let path = address.as_pathname();
    Address::Unix(path.map(Path::to_owned).unwrap_or_default())
}

pub(super) fn local_address(socket: &Socket) -> io::Result<Address> {
    match socket {
        Socket::UnixListener(socket) => socket.local_addr(),
        Socket::UnixStream(socket) => socket.local_addr(),
        Socket::UnixDatagram(socket) => socket.local_addr(),
        _ => return none(),
    }
    .map(|at| unix_address(&at))
}

pub(super) fn peer_address(socket: &Socket) -> io::Result<Address> {
    match socket {
        Socket::UnixStream(socket) => socket.peer_addr(),
        Socket::UnixDatagram(socket) => socket.peer_addr(),
        _ => return none(),
    }
    .map(|at| unix_address(&at))
}

/// Returns a descriptor of that kind as a socket. It is made non-blocking.
pub(super) fn adopt(fd: OwnedFd, kind: Kind) -> io::Result<Socket> {
    SockRef::from(&fd).set_nonblocking(true)?; // that is fcntl(2), which takes a pipe, too
    Ok(match kind {
        Kind::TcpListener => Socket::TcpListener(TcpListener::from(fd)),
        Kind::TcpStream => Socket::TcpStream(TcpStream::from(fd)),
        Kind::UnixListener => Socket::UnixListener(UnixListener::from(fd)),
        Kind::UnixStream => Socket::UnixStream(UnixStream::from(fd)),
        Kind::Udp => Socket::Udp(UdpSocket::from(fd)),
        Kind::UnixDatagram => Socket::UnixDatagram(UnixDatagram::from(fd)),
        Kind::PipeReader => Socket::PipeReader(pipe::Receiver::from(fd)),
        Kind::PipeWriter => Socket::PipeWriter(pipe::Sender::from(fd)),
    })
}

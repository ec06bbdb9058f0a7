//! An open socket of the operating system's world, and what the system would not tell again.
#[cfg(unix)]
use super::unix;
use super::{not_connected, socket::Socket};
use crate::Address;
use std::io::{self, ErrorKind, IoSlice};

/// So many pieces Linux and macOS write at once (IOV_MAX); mio leaves the others out.
const PIECES: usize = 1024;

/// An open socket, and what the system would not tell again.
pub(super) struct Open {
    pub(super) socket: Socket,
    pub(super) connection: Connection,
    /// The peer has sent urgent data (RFC 9293, 3.8.5), and a read stops where that stood.
    pub(super) urgent: bool,
    /// Who is on the other side: the system forgets it with the connection.
    pub(super) peer: Option<Address>,
    /// The path to be removed when it is closed.
    #[cfg(unix)]
    pub(super) _bound: Option<unix::Bound>,
}

pub(super) enum Connection {
    /// It is no stream that connects.
    None,
    Coming,
    There,
    /// It was there, and is lost for this reason, which the system tells once.
    Owes(io::Error),
    Failed(io::Error),
}

impl Open {
    /// Whether the connection is made, as far as it is known. The system tells it once, so it is
    /// kept.
    pub(super) fn finish_connect(&mut self) -> io::Result<()> {
        if let Connection::Coming = self.connection {
            match self.socket.finish_connect() {
                Ok(()) => {
                    self.connection = Connection::There;
                    // Asked now: once the connection is reset, the system has forgotten it.
                    if let Ok(peer) = self.socket.peer_address() {
                        self.peer = Some(peer);
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Err(error),
                // Only what was made can be lost; what has arrived before that can be read.
                Err(error)
                    if matches!(
                        error.kind(),
                        ErrorKind::ConnectionReset | ErrorKind::BrokenPipe
                    ) =>
                {
                    self.connection = Connection::Owes(error);
                }
                Err(error) => self.connection = Connection::Failed(error),
            }
        }
        match &self.connection {
            Connection::Coming | Connection::There | Connection::Owes(_) => Ok(()),
            Connection::Failed(error) => Err(again(error)),
            Connection::None => Err(not_connected()),
        }
    }

    /// Returns whether a read can end before all that is there: where urgent data of TCP stood, or
    /// where the peer attached descriptors or credentials to what it wrote to a Unix socket
    /// ([unix(7)](https://man7.org/linux/man-pages/man7/unix.7.html)).
    #[inline]
    fn stops_short(&self) -> bool {
        self.is_unix() || self.urgent
    }

    #[inline]
    fn is_unix(&self) -> bool {
        match self.socket {
            #[cfg(unix)]
            Socket::UnixStream(_) => true,
            _ => false,
        }
    }

    #[inline]
    pub(super) fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.socket.reader()?.read(buffer)?;
        if count > 0 && count < buffer.len() && self.stops_short() {
            return Ok(self.read_on(count, buffer));
        }
        if count == 0 && !buffer.is_empty() {
            self.pay(false)?;
        }
        Ok(count)
    }

    /// Reads until nothing is left, for a short read says so. An error is told by the next call.
    fn read_on(&mut self, mut count: usize, buffer: &mut [u8]) -> usize {
        while count < buffer.len() {
            let read = self
                .socket
                .reader()
                .and_then(|r| r.read(&mut buffer[count..]));
            match read {
                Ok(0) => break, // that is said again
                Ok(more) => count += more,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => {
                    self.connection = Connection::Owes(error);
                    break;
                }
            }
        }
        count
    }

    #[inline]
    pub(super) fn write(&mut self, buffers: &[IoSlice<'_>]) -> io::Result<usize> {
        self.pay(true)?;
        let writer = self.socket.writer()?;
        match buffers {
            [one] => writer.write(one), // a plain send is cheaper than one that gathers
            many if many.len() <= PIECES => writer.write_vectored(many),
            many => self.write_all(many),
        }
    }

    /// Writes piece after piece until all are written or one does not fit. An error is told by the
    /// next call.
    fn write_all(&mut self, buffers: &[IoSlice<'_>]) -> io::Result<usize> {
        let mut written = 0;
        for some in buffers.chunks(PIECES) {
            let given: usize = some.iter().map(|piece| piece.len()).sum();
            match self.socket.writer()?.write_vectored(some) {
                Ok(count) => {
                    written += count;
                    // The system is full: another try would only be refused.
                    if count < given {
                        break;
                    }
                }
                Err(error) if written == 0 => return Err(error),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => {
                    self.connection = Connection::Owes(error);
                    break;
                }
            }
        }
        Ok(written)
    }

    /// Tells the error that the system has told already, and would not again: when all was read, or
    /// with the next write. That the peer reads no more (EPIPE) is no matter of reading; a Unix
    /// socket tells a reset to readers only.
    #[inline]
    fn pay(&mut self, writes: bool) -> io::Result<()> {
        let Connection::Owes(error) = &self.connection else {
            return Ok(());
        };
        let now = match writes {
            true => !self.is_unix(),
            false => error.kind() != ErrorKind::BrokenPipe,
        };
        match std::mem::replace(&mut self.connection, Connection::There) {
            Connection::Owes(error) if now => Err(error),
            owes => {
                self.connection = owes;
                Ok(())
            }
        }
    }
}

/// Returns the same error once more.
fn again(error: &io::Error) -> io::Error {
    match error.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code),
        None => error.kind().into(),
    }
}

//! The open sockets of the operating system's world by their ids, and what is to be told of one
//! again.
#[cfg(unix)]
use super::unix;
use super::{
    Os, not_connected,
    open::{Connection, Open},
    socket::Socket,
};
use crate::{Id, Ready, World, world::PAUSE};
use mio::Token;
use std::{
    fs::File,
    io::{self, ErrorKind},
};

impl Os {
    /// Keeps a socket and tells the poll of it, once.
    pub(super) fn add(&mut self, socket: Socket, connection: Connection) -> io::Result<Id> {
        self.keep(Open {
            socket,
            connection,
            urgent: false,
            peer: None,
            #[cfg(unix)]
            _bound: None,
        })
    }

    pub(super) fn keep(&mut self, mut open: Open) -> io::Result<Id> {
        // It is stored once the poll has it: a registration that fails leaves nothing behind.
        let token = Token(self.sockets.vacant_index());
        let interest = open.socket.interest();
        self.poll
            .registry()
            .register(open.socket.source(), token, interest)?;
        Ok(self.sockets.insert(open))
    }

    #[cfg(unix)]
    pub(super) fn keep_bound(
        &mut self,
        (socket, bound): (Socket, Option<unix::Bound>),
    ) -> io::Result<Id> {
        self.keep(Open {
            socket,
            connection: Connection::None,
            urgent: false,
            peer: None,
            _bound: bound,
        })
    }

    #[inline]
    pub(super) fn open(&mut self, id: Id) -> io::Result<&mut Open> {
        self.sockets.get_mut(id).ok_or_else(not_connected)
    }

    /// Tells that again after a pause: the system would not.
    pub(super) fn announce(&mut self, ready: Ready) {
        let at = self.now() + PAUSE;
        if !self.announced.iter().any(|(_, said)| *said == ready) {
            self.announced.push_back((at, ready));
        }
    }

    pub(super) fn tell_announced(&mut self, ready: &mut Vec<Ready>) {
        if self.announced.is_empty() {
            return;
        }
        let now = self.now();
        while let Some((at, said)) = self.announced.front()
            && *at <= now
        {
            if self.look(said.id).is_ok() {
                ready.push(*said);
            }
            self.announced.pop_front();
        }
    }

    /// Without a descriptor a connection cannot even be refused. One is kept for that. Says whether
    /// there was one to be turned away.
    pub(super) fn turn_one_away(&mut self, listener: Id) -> bool {
        self.reserve = None;
        let accepted = self.open(listener).and_then(|open| open.socket.accept());
        let nobody = matches!(&accepted, Err(error) if error.kind() == ErrorKind::WouldBlock);
        drop(accepted);
        self.reserve = reserve();
        !nobody
    }

    /// Returns a stream that is connected. An error of its connect comes before any other.
    #[inline]
    pub(super) fn stream(&mut self, id: Id) -> io::Result<&mut Open> {
        let open = self.open(id)?;
        if !matches!(open.connection, Connection::There) {
            open.finish_connect()?;
        }
        Ok(open)
    }

    pub(super) fn look(&self, id: Id) -> io::Result<&Open> {
        self.sockets.get(id).ok_or_else(not_connected)
    }
}

/// Returns a descriptor that can be spared.
pub(super) fn reserve() -> Option<File> {
    let nothing = if cfg!(windows) { "NUL" } else { "/dev/null" };
    File::open(nothing).ok()
}

//! The open sockets of the operating system's world by their ids, and what is to be told of one again.
#[cfg(unix)]
use super::unix;
use super::{
    Os, gone,
    open::{Connection, Open},
    socket::Socket,
};
use crate::{Id, Ready, World, world::PAUSE};
use mio::Token;
use std::{
    fs::File,
    io::{self, ErrorKind},
};

#[derive(Default)]
pub(super) struct Slot {
    pub(super) generation: u32,
    pub(super) open: Option<Open>,
}

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
        let index = match self.free.last() {
            Some(index) => *index,
            None => {
                self.sockets.push(Slot::default());
                let index = u32::try_from(self.sockets.len() - 1).map_err(io::Error::other)?;
                self.free.push(index);
                index
            }
        };
        let interest = open.socket.interest();
        self.poll
            .registry()
            .register(open.socket.source(), Token(index as usize), interest)?;
        self.free.pop();
        let slot = &mut self.sockets[index as usize];
        slot.generation = slot.generation.wrapping_add(1);
        slot.open = Some(open);
        Ok(Id {
            index,
            generation: slot.generation,
        })
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
        match self.sockets.get_mut(id.index as usize) {
            Some(slot) if slot.generation == id.generation => slot.open.as_mut().ok_or_else(gone),
            _ => Err(gone()),
        }
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

    /// Without a descriptor a connection cannot even be refused. One is kept for that. Says whether there was one to
    /// be turned away.
    pub(super) fn turn_one_away(&mut self, listener: Id) -> bool {
        self.reserve = None;
        let accepted = self.open(listener).and_then(|open| open.socket.accept());
        let nobody = matches!(&accepted, Err(error) if error.kind() == ErrorKind::WouldBlock);
        drop(accepted);
        self.reserve = reserve();
        !nobody
    }

    /// A stream that is connected: what it has to tell of its beginning comes before anything else.
    #[inline]
    pub(super) fn stream(&mut self, id: Id) -> io::Result<&mut Open> {
        let open = self.open(id)?;
        if !matches!(open.connection, Connection::There) {
            open.finish_connect()?;
        }
        Ok(open)
    }

    pub(super) fn look(&self, id: Id) -> io::Result<&Open> {
        match self.sockets.get(id.index as usize) {
            Some(Slot {
                generation,
                open: Some(open),
            }) if *generation == id.generation => Ok(open),
            _ => Err(gone()),
        }
    }
}

/// A descriptor that nobody needs.
pub(super) fn reserve() -> Option<File> {
    let nothing = if cfg!(windows) { "NUL" } else { "/dev/null" };
    File::open(nothing).ok()
}

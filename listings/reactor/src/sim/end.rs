//! One end of a simulated stream: what arrived, what it may still send, and how it ended.
use crate::{Address, Id, Readiness, Time};
use std::{
    collections::VecDeque,
    io::{self, ErrorKind},
};

/// What `finish_connect` knows.
#[derive(Clone, Copy)]
pub(super) enum Connection {
    Coming,
    There,
    Failed(ErrorKind),
}

/// One side of a stream.
pub(super) struct End {
    pub(super) connection: Connection,
    pub(super) local: Address,
    pub(super) peer_address: Address,
    /// The other side, once it exists.
    pub(super) peer: Option<Id>,
    /// Which connection of this world it is, counted from 1.
    pub(super) number: u32,
    /// What arrived and was not read yet.
    pub(super) arrived: VecDeque<u8>,
    /// The peer said that it sends no more.
    pub(super) ended: bool,
    /// The connection is lost; the next read or write says so, once.
    pub(super) lost: Option<ErrorKind>,
    pub(super) was_lost: bool,
    /// We said that we send no more.
    pub(super) shut: bool,
    /// When the last thing that we sent arrives: nothing later may overtake it.
    pub(super) last_arrival: Time,
    /// Bytes that we sent and the peer has not read: at most the knob `buffer`.
    pub(super) unread_by_peer: usize,
    /// We could not send all that we wanted, and wait to be told that we can.
    pub(super) wants_room: bool,
}

impl End {
    pub(super) fn new(connection: Connection, number: u32, local: Address, peer: Address) -> End {
        End {
            connection,
            local,
            peer_address: peer,
            peer: None,
            number,
            arrived: VecDeque::new(),
            ended: false,
            lost: None,
            was_lost: false,
            shut: false,
            last_arrival: Time::ZERO,
            unread_by_peer: 0,
            wants_room: false,
        }
    }

    pub(super) fn finish_connect(&mut self) -> io::Result<()> {
        match self.connection {
            Connection::Coming => Err(ErrorKind::WouldBlock.into()),
            Connection::There => Ok(()),
            Connection::Failed(kind) => Err(kind.into()),
        }
    }

    /// What a new owner of this end must hear at once.
    pub(super) fn readiness(&self) -> Readiness {
        Readiness {
            read: !self.arrived.is_empty() || self.ended || self.lost.is_some(),
            write: true,
            read_closed: self.ended || self.lost.is_some(),
            ..Readiness::default()
        }
    }

    /// Takes what arrived; after that the loss, once; after that the end of the stream.
    pub(super) fn take(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.connection {
            Connection::Coming => return Err(ErrorKind::WouldBlock.into()),
            Connection::Failed(kind) => return Err(kind.into()), // as a socket does
            Connection::There => {}
        }
        let count = buffer.len().min(self.arrived.len());
        if count > 0 {
            for (to, byte) in buffer.iter_mut().zip(self.arrived.drain(..count)) {
                *to = byte;
            }
            return Ok(count);
        }
        if let Some(kind) = self.lost.take() {
            return Err(kind.into());
        }
        if self.ended || self.was_lost || buffer.is_empty() {
            return Ok(0);
        }
        Err(ErrorKind::WouldBlock.into())
    }

    /// Whether it can be written to.
    pub(super) fn check_writable(&mut self) -> io::Result<()> {
        match self.connection {
            Connection::Coming => return Err(ErrorKind::WouldBlock.into()),
            Connection::Failed(kind) => return Err(kind.into()),
            Connection::There => {}
        }
        if let Some(kind) = self.lost.take() {
            return Err(kind.into());
        }
        if self.was_lost || self.shut {
            return Err(ErrorKind::BrokenPipe.into());
        }
        Ok(())
    }

    /// The connection is lost. What has arrived can still be read.
    pub(super) fn lose(&mut self, kind: ErrorKind) {
        if !self.was_lost {
            self.lost = Some(kind);
            self.was_lost = true;
        }
    }
}

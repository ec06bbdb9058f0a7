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
pub(super) struct StreamSocket {
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
    /// The peer has heard that.
    pub(super) heard: bool,
    /// When the last thing that we sent arrives: nothing later may overtake it.
    pub(super) last_arrival: Time,
    /// Bytes that we sent and the peer has not read: at most the knob `buffer`.
    pub(super) unread_by_peer: usize,
    /// We could not send all that we wanted, and wait to be told that we can.
    pub(super) wants_room: bool,
}

impl StreamSocket {
    pub(super) fn new(
        connection: Connection,
        number: u32,
        local: Address,
        peer: Address,
    ) -> StreamSocket {
        StreamSocket {
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
            heard: false,
            last_arrival: Time::ZERO,
            unread_by_peer: 0,
            wants_room: false,
        }
    }

    pub(super) fn is_unix(&self) -> bool {
        matches!(self.local, Address::Unix(_))
    }

    /// Both sides of it have ended in good order: nothing can go wrong with it any more.
    pub(super) fn is_over(&self) -> bool {
        self.ended && self.heard
    }

    pub(super) fn finish_connect(&self) -> io::Result<()> {
        match self.connection {
            Connection::Coming => Err(ErrorKind::WouldBlock.into()),
            Connection::There => Ok(()),
            Connection::Failed(kind) => Err(kind.into()),
        }
    }

    /// Returns what it is ready for right now.
    pub(super) fn readiness(&self) -> Readiness {
        match self.connection {
            Connection::Coming => return Readiness::default(),
            Connection::Failed(_) => return Readiness::LOST,
            Connection::There => {}
        }
        let hung_up = self.was_lost || self.shut && self.ended;
        Readiness {
            read: !self.arrived.is_empty() || self.ended || self.was_lost,
            write: !self.wants_room || hung_up,
            read_closed: self.ended || self.was_lost,
            write_closed: hung_up,
            error: self.lost.is_some(),
        }
    }

    /// Takes what arrived; after that the loss, once; after that the end of the stream.
    pub(super) fn take(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.finish_connect()?;
        // What arrived before a loss can still be read, as on a system.
        let count = buffer.len().min(self.arrived.len());
        if count > 0 {
            for (to, byte) in buffer.iter_mut().zip(self.arrived.drain(..count)) {
                *to = byte;
            }
            return Ok(count);
        }
        // A TCP stream that ended stays at its end, whatever comes then.
        if self.ended && !self.is_unix() || buffer.is_empty() {
            return Ok(0);
        }
        if let Some(kind) = self.lost.take() {
            return Err(kind.into());
        }
        // An error is told once; after that a lost stream reads as one that has ended.
        if self.ended || self.was_lost {
            return Ok(0);
        }
        Err(ErrorKind::WouldBlock.into())
    }

    /// Returns whether it can be written to.
    pub(super) fn check_writable(&mut self) -> io::Result<()> {
        self.finish_connect()?;
        // A Unix socket keeps the reason for the next read.
        if !self.is_unix()
            && let Some(kind) = self.lost.take()
        {
            return Err(kind.into());
        }
        if self.was_lost || self.shut {
            return Err(ErrorKind::BrokenPipe.into());
        }
        Ok(())
    }

    /// Returns whether it can be shut.
    pub(super) fn check_shutdown(&self) -> io::Result<()> {
        self.finish_connect()?;
        if !self.is_unix() && (self.was_lost || self.is_over()) {
            return Err(ErrorKind::NotConnected.into());
        }
        Ok(())
    }

    /// A reset came. What has arrived can still be read.
    pub(super) fn reset(&mut self) {
        if !self.was_lost && !self.is_over() {
            // A side that heard the end and went on writing finds no peer.
            self.lost = Some(match self.ended && !self.shut {
                true => ErrorKind::BrokenPipe,
                false => ErrorKind::ConnectionReset,
            });
            self.was_lost = true;
        }
    }

    /// The other end of a Unix stream was closed, and had something to read, or had not.
    pub(super) fn peer_is_gone(&mut self, unread: bool) {
        self.ended = true;
        self.was_lost = true;
        if unread {
            self.lost = Some(ErrorKind::ConnectionReset);
        }
    }
}

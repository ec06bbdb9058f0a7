//! Sockets by their ids, and what they are ready for.
use std::fmt;

/// Names a socket of a world.
///
/// Worlds use the index again when a socket is closed, each time with another generation. So an
/// event that was on its way to the old socket does not hit the new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id {
    /// A small number, used again.
    pub index: u32,
    /// Which use of that number this is.
    pub generation: u32,
}

/// What a socket is ready for. Several can be true at once, also data and the end of the stream.
///
/// What is closed is ready, too: the next call tells the end, or the error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Readiness {
    /// Bytes can be read, or a connection accepted.
    pub read: bool,
    /// Bytes can be written, or the connection is made (or refused).
    pub write: bool,
    /// The peer sends no more, or the connection is lost: read until it says so.
    pub read_closed: bool,
    /// Nothing can be sent any more: the connection is lost or shut on both sides, or the reader of
    /// a pipe is gone.
    pub write_closed: bool,
    /// An error is to be told: that a connection was refused or reset, or that a datagram did not
    /// arrive. The next call says which.
    pub error: bool,
}

impl Readiness {
    /// Ready to read.
    pub const READ: Readiness = Readiness {
        read: true,
        ..Readiness::NOTHING
    };
    /// Ready to write.
    pub const WRITE: Readiness = Readiness {
        write: true,
        ..Readiness::NOTHING
    };
    /// All that a connection that is lost is ready for.
    pub(crate) const LOST: Readiness = Readiness {
        read: true,
        write: true,
        read_closed: true,
        write_closed: true,
        error: true,
    };
    const NOTHING: Readiness = Readiness {
        read: false,
        write: false,
        read_closed: false,
        write_closed: false,
        error: false,
    };

    /// Both at once.
    #[must_use]
    pub fn and(self, other: Readiness) -> Readiness {
        Readiness {
            read: self.read | other.read,
            write: self.write | other.write,
            read_closed: self.read_closed | other.read_closed,
            write_closed: self.write_closed | other.write_closed,
            error: self.error | other.error,
        }
    }
}

impl Readiness {
    /// Returns what is said by both.
    pub(crate) fn but_only(self, other: Readiness) -> Readiness {
        Readiness {
            read: self.read & other.read,
            write: self.write & other.write,
            read_closed: self.read_closed & other.read_closed,
            write_closed: self.write_closed & other.write_closed,
            error: self.error & other.error,
        }
    }
}

impl fmt::Display for Readiness {
    /// `read+write+closed`, or `nothing`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = [
            (self.read, "read"),
            (self.write, "write"),
            (self.read_closed, "closed"),
            (self.write_closed, "write_closed"),
            (self.error, "error"),
        ];
        let mut before = "";
        for (_, name) in names.iter().filter(|(is, _)| *is) {
            write!(f, "{before}{name}")?;
            before = "+";
        }
        if before.is_empty() {
            f.write_str("nothing")
        } else {
            Ok(())
        }
    }
}

/// A socket and what it is ready for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ready {
    /// The socket.
    pub id: Id,
    /// What it is ready for.
    pub what: Readiness,
}

//! A traffic log: a line for each thing that a connection hears.
use crate::wrapped::{Policy, WithPolicy};
use deferreds::Failure;
use std::{cell::Cell, fmt, rc::Rc};
use transports::{Address, Factory, Loss, Transport};

/// How many bytes of a piece are shown.
const SHOWN: usize = 40;

/// Returns a factory that builds what `factory` builds, and calls `log` with everything that their
/// connections hear.
///
/// What a protocol *writes* is not seen here, since it writes to its transport and not to its
/// wrapper; only that all of it has been taken. Put a log around both ends, or around a
/// [`forward`](crate::forward), to see both directions.
///
/// What comes from a peer may be anything. A [`Traffic`] shows it with everything escaped that is
/// no plain character, and no more than its beginning, so a peer can neither write lines of its own
/// into your log nor fill it with one piece.
///
/// ```
/// use protocols::{Traffic, log_traffic};
/// use std::rc::Rc;
/// use transports::Address;
/// # use deferreds::Failure;
/// # use transports::{Protocol, Transport};
/// # struct Echo;
/// # impl Protocol for Echo {
/// #     fn data_received(&mut self, _: &Transport, _: &[u8]) -> Result<(), Failure> { Ok(()) }
/// # }
/// let factory = log_traffic(Rc::new(|_: &Address| Echo), |line| println!("{line}"));
/// # drop(factory);
/// ```
///
/// Source:
/// [`TrafficLoggingFactory`](https://docs.twisted.org/en/stable/api/twisted.protocols.policies.TrafficLoggingFactory.html).
pub fn log_traffic(
    factory: Rc<dyn Factory>,
    log: impl Fn(&Traffic<'_>) + 'static,
) -> Rc<dyn Factory> {
    let (log, next): (Log, _) = (Rc::new(log), Cell::new(0));
    WithPolicy::factory(factory, move |_| {
        next.set(next.get() + 1);
        Logged {
            log: Rc::clone(&log),
            connection: next.get(),
            received: 0,
        }
    })
}

type Log = Rc<dyn Fn(&Traffic<'_>)>;

/// One line of a traffic log.
#[derive(Debug)]
pub struct Traffic<'a> {
    /// Which connection of this factory, counted from 1.
    pub connection: u64,
    /// Where its other side is.
    pub peer: &'a Address,
    /// What it heard.
    pub heard: Heard<'a>,
}

/// What a connection heard.
#[derive(Debug)]
#[non_exhaustive]
pub enum Heard<'a> {
    /// It was made.
    Made,
    /// These bytes have come.
    Received(&'a [u8]),
    /// All that was written has been taken by the operating system.
    Drained,
    /// The peer sends no more.
    PeerClosed,
    /// It is gone, after so many bytes.
    Lost(&'a Loss, u64),
}

impl fmt::Display for Traffic<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{} ", self.connection)?;
        match self.heard {
            Heard::Made => write!(f, "made: {}", self.peer),
            Heard::Received(bytes) => {
                let (shown, more) = bytes.split_at(bytes.len().min(SHOWN));
                write!(f, "< \"{}\"", shown.escape_ascii())?;
                match more.len() {
                    0 => Ok(()),
                    more => write!(f, " and {more} bytes"),
                }
            }
            Heard::Drained => f.write_str("drained"),
            Heard::PeerClosed => f.write_str("the peer sends no more"),
            Heard::Lost(why, received) => write!(f, "lost: {why}, {received} bytes received"),
        }
    }
}

struct Logged {
    log: Log,
    connection: u64,
    received: u64,
}

impl Logged {
    fn says(&self, transport: &Transport, heard: Heard<'_>) {
        (self.log)(&Traffic {
            connection: self.connection,
            peer: transport.peer(),
            heard,
        });
    }
}

// ANCHOR: logged
impl Policy for Logged {
    fn made(&mut self, transport: &Transport) {
        self.says(transport, Heard::Made);
    }

    fn received(&mut self, transport: &Transport, data: &[u8]) -> Result<(), Failure> {
        self.received += data.len() as u64;
        self.says(transport, Heard::Received(data));
        Ok(())
    }

    fn peer_closed(&mut self, transport: &Transport) {
        self.says(transport, Heard::PeerClosed);
    }

    fn drained(&mut self, transport: &Transport) {
        self.says(transport, Heard::Drained);
    }

    fn lost(&mut self, transport: &Transport, why: Loss) -> Loss {
        self.says(transport, Heard::Lost(&why, self.received));
        why
    }
}
// ANCHOR_END: logged

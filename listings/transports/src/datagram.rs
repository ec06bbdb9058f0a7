//! Datagrams: UDP and Unix datagram sockets. No connection, no order, no stream.
use crate::{
    Address, Loss,
    panics::{catch_and_report, catch_panic, report},
    read_buffers::ReadBuffers,
};
use deferreds::Failure;
use reactor::{Handle, Id, Readiness, Ready, Source};
use std::{
    cell::Cell,
    fmt,
    io::{self, ErrorKind},
    panic::Location,
    rc::Rc,
};

/// How many datagrams one turn takes from a socket; the others are taken in the next ones.
const BATCH: usize = 64;

// ANCHOR: protocol
/// What to do with datagrams. Each arrives whole or not at all, twice perhaps, and in any order.
///
/// An `Err`, or a panic, costs the datagram and not the port: it is reported, and the next one is
/// received.
///
/// Source:
/// [`DatagramProtocol`](https://docs.twisted.org/en/stable/api/twisted.internet.protocol.DatagramProtocol.html).
pub trait DatagramProtocol {
    /// A datagram has come, from that address. It may be empty.
    ///
    /// # Errors
    /// Your own; it is reported.
    fn datagram_received(
        &mut self,
        port: &DatagramPort,
        datagram: &[u8],
        from: &Address,
    ) -> Result<(), Failure>;

    /// An earlier datagram was not delivered, and the network said so: a port that is closed, for
    /// example. Told only when a peer was [set](DatagramPort::set_peer).
    fn send_failed(&mut self, port: &DatagramPort, why: io::Error) {
        let _ = (port, why);
    }

    /// The port is closed. The protocol is dropped afterwards.
    fn stopped(&mut self, port: &DatagramPort, why: Loss) {
        let _ = (port, why);
    }
}
// ANCHOR_END: protocol

/// Opens a port for datagrams: UDP, or a Unix socket when `at` is a path. Port 0 lets the world
/// choose.
///
/// # Errors
/// `AddrInUse` and others ([bind(2)](https://man7.org/linux/man-pages/man2/bind.2.html));
/// `Unsupported` in a world without datagrams.
///
/// Source:
/// [`listenUDP`](https://docs.twisted.org/en/stable/api/twisted.internet.interfaces.IReactorUDP.html).
#[track_caller]
pub fn listen_datagrams(
    reactor: &Handle,
    at: &Address,
    protocol: Box<dyn DatagramProtocol>,
) -> io::Result<DatagramPort> {
    let id = reactor.bind(at, false)?;
    let port = DatagramPort(Rc::new(Inner {
        id,
        reactor: reactor.clone(),
        buffers: reactor.extension(),
        is_unix: matches!(at, Address::Unix(_)),
        protocol: Cell::new(Some(protocol)),
        stopped: Cell::new(false),
        queued: Cell::new(false),
    }));
    reactor.register(id, Rc::new(DatagramSource(port.clone())));
    Ok(port)
}

/// A port for datagrams. Clones are cheap and mean the same port.
#[derive(Clone)]
pub struct DatagramPort(Rc<Inner>);

struct Inner {
    id: Id,
    reactor: Handle,
    buffers: Rc<ReadBuffers>,
    is_unix: bool,
    protocol: Cell<Option<Box<dyn DatagramProtocol>>>,
    stopped: Cell<bool>,
    queued: Cell<bool>,
}

impl DatagramPort {
    /// Sends one datagram to `to`, whole or not at all. Nothing is kept: what does not fit now is
    /// an error, and lost.
    ///
    /// # Errors
    /// `WouldBlock` when there is no room; others when it is too long, or cannot be sent there. An
    /// error never closes the port.
    #[track_caller]
    pub fn send_to(&self, datagram: impl AsRef<[u8]>, to: &Address) -> io::Result<()> {
        self.send_somewhere(datagram.as_ref(), Some(to))
    }

    /// Sends one datagram to the [peer](DatagramPort::set_peer).
    ///
    /// # Errors
    /// Those of [`send_to`](DatagramPort::send_to); `NotConnected` without a peer.
    #[track_caller]
    pub fn send(&self, datagram: impl AsRef<[u8]>) -> io::Result<()> {
        self.send_somewhere(datagram.as_ref(), None)
    }

    #[track_caller]
    fn send_somewhere(&self, datagram: &[u8], to: Option<&Address>) -> io::Result<()> {
        let result = self.0.reactor.send(self.0.id, datagram, to);
        match result {
            // An earlier one was refused; this one has not been sent yet.
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => {
                self.tell_later(error);
                self.0.reactor.send(self.0.id, datagram, to)
            }
            result => result,
        }
    }

    /// Tells the protocol in a later turn, not inside `send`.
    fn tell_later(&self, error: io::Error) {
        let port = self.clone();
        self.0.reactor.call_soon(move |_| {
            port.call(|protocol, port| {
                protocol.send_failed(port, error);
                Ok(())
            });
        });
    }

    /// Receives from `peer` only, and reports what the network says of datagrams that were sent.
    ///
    /// # Errors
    /// `InvalidInput` for an address of another family; `NotConnected` when the port is closed.
    pub fn set_peer(&self, peer: &Address) -> io::Result<()> {
        self.0.reactor.set_peer(self.0.id, peer)
    }

    /// Returns where it listens.
    ///
    /// # Errors
    /// `NotConnected` when it is closed.
    pub fn address(&self) -> io::Result<Address> {
        self.0.reactor.local_address(self.0.id)
    }

    /// Returns the socket, for [`Handle::set`]: broadcast, groups, time to live.
    #[must_use]
    pub fn id(&self) -> Id {
        self.0.id
    }

    /// Returns the reactor that this port lives in.
    #[must_use]
    pub fn handle(&self) -> &Handle {
        &self.0.reactor
    }

    /// Closes the port. The protocol hears of it later, once, as [`Loss::Done`]. Twice is once.
    #[track_caller]
    pub fn stop_listening(&self) {
        if !self.0.queued.replace(true) {
            let port = self.clone();
            let asked_at = Location::caller();
            self.0.reactor.call_soon(move |_| {
                trace::on_behalf(Some(asked_at), || port.stop(Loss::Done));
            });
        }
    }

    fn stop(&self, why: Loss) {
        if self.0.stopped.replace(true) {
            return;
        }
        self.0.reactor.close(self.0.id, false);
        if let Some(protocol) = self.0.protocol.take() {
            self.tell_end(protocol, why);
        }
    }

    fn tell_end(&self, mut protocol: Box<dyn DatagramProtocol>, why: Loss) {
        catch_and_report("stopped", || protocol.stopped(self, why));
        catch_and_report("a protocol's destructor", || drop(protocol));
    }

    fn call(
        &self,
        call: impl FnOnce(&mut dyn DatagramProtocol, &DatagramPort) -> Result<(), Failure>,
    ) {
        let Some(mut protocol) = self.0.protocol.take() else {
            return;
        };
        let result = catch_panic(|| call(&mut *protocol, self));
        match self.0.stopped.get() {
            // The reactor was told to close the socket meanwhile: now it can hear of that.
            true => self.tell_end(protocol, Loss::Aborted),
            false => self.0.protocol.set(Some(protocol)),
        }
        if let Err(failure) | Ok(Err(failure)) = result {
            report("a protocol failed over a datagram", &failure);
        }
    }

    // ANCHOR: receive
    /// Takes what has come, as many as one turn may.
    fn receive(&self) {
        let mut buffer = self.0.buffers.take_datagram_buffer(self.0.is_unix);
        let mut left = BATCH;
        while left > 0 && !self.0.queued.get() {
            left -= 1;
            match self.0.reactor.receive(self.0.id, &mut buffer) {
                Ok((count, from)) => self.call(|protocol, port| {
                    protocol.datagram_received(port, &buffer[..count], &from)
                }),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::NotConnected => break,
                // One of those that were sent did not arrive. The next ones may.
                Err(error) => self.call(|protocol, port| {
                    protocol.send_failed(port, error);
                    Ok(())
                }),
            }
        }
        self.0
            .buffers
            .return_datagram_buffer(buffer, self.0.is_unix);
        // The batch is full, so more may be there; the world announces only what is new.
        if left == 0 {
            let (id, what) = (self.0.id, Readiness::READ);
            self.0.reactor.again(Ready { id, what });
        }
    }
    // ANCHOR_END: receive
}

impl fmt::Debug for DatagramPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DatagramPort")
            .field("address", &self.address().ok())
            .finish()
    }
}

/// What the reactor owns of a port, which is closed when the reactor drops this.
struct DatagramSource(DatagramPort);

impl Source for DatagramSource {
    fn ready(self: Rc<Self>, _: &Handle, _: Id, what: Readiness) {
        if what.read || what.error {
            self.0.receive();
        }
    }
}

impl Drop for DatagramSource {
    fn drop(&mut self) {
        self.0.stop(Loss::Aborted);
    }
}

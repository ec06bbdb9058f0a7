//! Listening: each connection that a port accepts gets a protocol of its factory.
use crate::{
    Factory,
    connection::Connection,
    panics::{catch_and_report, catch_panic, report},
};
use reactor::{Address, Handle, Id, Readiness, Ready, Source};
use std::{cell::Cell, fmt, io, rc::Rc};

/// How many connections one turn accepts; the others are accepted in the next ones.
const BATCH: usize = 100;

/// Listens at `at`. For each connection `factory` builds a protocol.
///
/// Port 0 lets the world choose; [`Port::address`] tells which. Of a Unix socket the path is bound,
/// and removed when it stops; a path that a killed process left behind is taken over, one that
/// answers is not.
///
/// # Errors
/// `AddrInUse`, `PermissionDenied` and others
/// ([bind(2)](https://man7.org/linux/man-pages/man2/bind.2.html)).
///
/// ```
/// use deferreds::Failure;
/// use reactor::{Address, Reactor, Sim};
/// use std::rc::Rc;
/// use transports::{Protocol, Transport, listen};
///
/// struct Echo;
///
/// impl Protocol for Echo {
///     fn data_received(&mut self, transport: &Transport, data: &[u8]) -> Result<(), Failure> {
///         transport.write(data);
///         Ok(())
///     }
/// }
///
/// let reactor = Reactor::new(Sim::new(1));
/// let port = listen(&reactor.handle(), &Address::loopback(0), Rc::new(|_: &Address| Echo))?;
/// println!("echoes at {}", port.address());
/// port.stop_listening();
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// Source:
/// [`listenTCP`](https://docs.twisted.org/en/stable/api/twisted.internet.interfaces.IReactorTCP.html).
#[track_caller]
pub fn listen(reactor: &Handle, at: &Address, factory: Rc<dyn Factory>) -> io::Result<Port> {
    let id = match reactor.listen(at) {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse && remove_stale(reactor, at) => {
            reactor.listen(at)?
        }
        result => result?,
    };
    listen_on(reactor, id, factory)
}

/// Accepts at a socket that listens already, such as one that was [adopted](Handle::adopt).
///
/// # Errors
/// `NotConnected` when there is no such socket.
#[track_caller]
pub fn listen_on(reactor: &Handle, id: Id, factory: Rc<dyn Factory>) -> io::Result<Port> {
    let address = match reactor.local_address(id) {
        Ok(address) => address,
        Err(error) => {
            reactor.close(id, false);
            return Err(error);
        }
    };
    let factory = Some(factory);
    reactor.register(id, Rc::new(Listener { factory }));
    Ok(Port {
        id,
        address,
        reactor: reactor.clone(),
        open: Cell::new(true),
    })
}

/// Removes the path of a Unix socket that a killed process left behind: one at which a connection
/// is refused. Where a server answers, or where the file is no socket, everything stays. Returns
/// whether to try again.
#[cfg(unix)]
fn remove_stale(reactor: &Handle, at: &Address) -> bool {
    use std::os::unix::fs::FileTypeExt;
    let Address::Unix(path) = at else {
        return false;
    };
    let is_socket = |metadata: std::fs::Metadata| metadata.file_type().is_socket();
    if !std::fs::symlink_metadata(path).is_ok_and(is_socket) {
        return false;
    }
    match reactor.connect(at) {
        Ok(answered) => {
            reactor.close(answered, false);
            false
        }
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            std::fs::remove_file(path).is_ok()
        }
        Err(_) => false,
    }
}

#[cfg(not(unix))]
fn remove_stale(_: &Handle, _: &Address) -> bool {
    false
}

/// Somewhere to connect to. Dropping it stops nothing: the reactor owns what listens.
pub struct Port {
    id: Id,
    address: Address,
    reactor: Handle,
    open: Cell<bool>,
}

impl Port {
    /// Returns where it listens, with the port that the world chose.
    #[must_use]
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// Accepts nothing more, and drops the factory. Connections that were made live on. Twice is
    /// once.
    pub fn stop_listening(&self) {
        if self.open.replace(false) {
            self.reactor.close(self.id, false);
        }
    }

    /// Whether it still listens, as far as [`stop_listening`](Port::stop_listening) knows.
    #[must_use]
    pub fn is_listening(&self) -> bool {
        self.open.get()
    }
}

impl fmt::Debug for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Port")
            .field("address", &self.address)
            .field("listening", &self.open.get())
            .finish()
    }
}

struct Listener {
    /// There until this is dropped.
    factory: Option<Rc<dyn Factory>>,
}

impl Drop for Listener {
    fn drop(&mut self) {
        let factory = self.factory.take();
        catch_and_report("a factory's destructor", || drop(factory));
    }
}

impl Source for Listener {
    // ANCHOR: accept
    fn ready(self: Rc<Self>, reactor: &Handle, id: Id, _: Readiness) {
        for _ in 0..BATCH {
            match reactor.accept(id) {
                Ok((stream, peer)) => self.build(reactor, stream, peer),
                // This client has left again; the next one may be there.
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
                // No client waits, or there is no descriptor for the one that does: either way the
                // world announces the next time that it is worth a try.
                Err(_) => return,
            }
        }
        // More may wait. They were announced with these, and the world does not repeat itself.
        let what = Readiness::READ;
        reactor.again(Ready { id, what });
    }
    // ANCHOR_END: accept
}

impl Listener {
    fn build(&self, reactor: &Handle, stream: Id, peer: Address) {
        let Some(factory) = &self.factory else {
            return;
        };
        match catch_panic(|| factory.build_protocol(&peer)) {
            Ok(Some(protocol)) => {
                Connection::start(reactor, stream, peer, protocol)
                    .0
                    .tell_made();
            }
            Ok(None) => reactor.close(stream, false),
            Err(failure) => {
                report("a factory failed and lost a connection", &failure);
                reactor.close(stream, true);
            }
        }
    }
}

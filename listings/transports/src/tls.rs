//! TLS by rustls: around a whole connection, or from the middle of one on.
use crate::{
    Address, Factory, Loss, Protocol, Transport, layer::Layer, panics::catch_and_report,
    write_buffer::WriteBuffer,
};
use deferreds::Failure;
use reactor::DelayedCall;
use rustls::{ClientConfig, ClientConnection, Connection, ServerConfig, ServerConnection};
use std::{
    any::Any,
    fmt,
    io::{self, Read, Write},
    rc::Rc,
    sync::Arc,
    time::Duration,
};

pub use crate::cryptography::provider;
pub use rustls;

/// A handshake that takes longer fails.
const HANDSHAKE: Duration = Duration::from_secs(30);

/// Which side of TLS to be, and with what configuration.
#[derive(Clone)]
pub struct Tls(Side);

#[derive(Clone)]
enum Side {
    Client(Arc<ClientConfig>, rustls::pki_types::ServerName<'static>),
    Server(Arc<ServerConfig>),
}

impl Tls {
    /// Returns the side that connects. The peer's certificate must be good for `name`: a host name
    /// or an IP address.
    ///
    /// # Errors
    /// When `name` is neither.
    pub fn client(config: Arc<ClientConfig>, name: &str) -> Result<Tls, Failure> {
        let name = rustls::pki_types::ServerName::try_from(name.to_owned())?;
        Ok(Tls(Side::Client(config, name)))
    }

    /// Returns the side that listens. The configuration has its certificates.
    #[must_use]
    pub fn server(config: Arc<ServerConfig>) -> Tls {
        Tls(Side::Server(config))
    }

    /// Names the protocols that the factory speaks, unless the configuration has named some.
    fn offer(&mut self, protocols: Vec<Vec<u8>>) {
        if protocols.is_empty() {
            return;
        }
        match &mut self.0 {
            Side::Server(config) if config.alpn_protocols.is_empty() => {
                Arc::make_mut(config).alpn_protocols = protocols;
            }
            Side::Client(config, _) if config.alpn_protocols.is_empty() => {
                Arc::make_mut(config).alpn_protocols = protocols;
            }
            Side::Server(_) | Side::Client(..) => {}
        }
    }

    fn begin(&self) -> Result<TlsLayer, Failure> {
        let mut connection = match &self.0 {
            Side::Client(config, name) => {
                Connection::from(ClientConnection::new(config.clone(), name.clone())?)
            }
            Side::Server(config) => Connection::from(ServerConnection::new(config.clone())?),
        };
        // Too much to send is noticed in `waiting`, which counts what is in here as well.
        connection.set_buffer_limit(None);
        Ok(TlsLayer {
            connection,
            early: 0,
            peer_closed: false,
            closed: false,
        })
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Side::Client(_, name) => f.debug_tuple("Tls::client").field(name).finish(),
            Side::Server(_) => f.write_str("Tls::server"),
        }
    }
}

/// The connection ended without the peer's `close_notify`: what was received may be cut off. An
/// attacker can do that, and so can a peer that crashed ([RFC 8446,
/// 6.1](https://www.rfc-editor.org/rfc/rfc8446#section-6.1)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Truncated;

impl fmt::Display for Truncated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the peer ended without close_notify: what was received may be cut off")
    }
}

impl std::error::Error for Truncated {}

/// What both sides agreed on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsFacts {
    /// The protocol chosen by ALPN, such as `h2`.
    pub alpn: Option<Vec<u8>>,
    /// The name that the client asked for; only a server knows it.
    pub server_name: Option<String>,
    /// The peer's certificates in DER, its own first.
    pub peer_certificates: Vec<Vec<u8>>,
}

struct TlsLayer {
    connection: Connection,
    /// Bytes that were written before the handshake was done, and wait for it.
    early: usize,
    peer_closed: bool,
    closed: bool,
}

impl Layer for TlsLayer {
    // ANCHOR: received
    fn received(&mut self, mut bytes: &[u8], plain: &mut Vec<u8>) -> Result<(), Failure> {
        while !bytes.is_empty() && !self.peer_closed {
            self.connection.read_tls(&mut bytes)?;
            let state = self.connection.process_new_packets()?;
            let start = plain.len();
            plain.resize(start + state.plaintext_bytes_to_read(), 0);
            self.connection.reader().read_exact(&mut plain[start..])?;
            self.peer_closed = state.peer_has_closed();
        }
        Ok(())
    }
    // ANCHOR_END: received

    fn ended(&mut self) -> Result<(), Failure> {
        match self.peer_closed {
            true => Ok(()),
            false => Err(Failure::new(Truncated)),
        }
    }

    fn peer_closed(&self) -> bool {
        self.peer_closed
    }

    fn is_ready(&self) -> bool {
        !self.connection.is_handshaking()
    }

    fn write(&mut self, plain: &[u8]) {
        if self.connection.is_handshaking() {
            self.early += plain.len();
        }
        // Without a limit it takes everything.
        let _ = self.connection.writer().write_all(plain);
    }

    fn close(&mut self) {
        if !std::mem::replace(&mut self.closed, true) {
            self.connection.send_close_notify();
        }
    }

    fn send(&mut self, out: &mut WriteBuffer) {
        while self.connection.wants_write() {
            // Writing into memory does not fail.
            let Ok(1..) = self.connection.write_tls(out) else {
                break;
            };
        }
        if !self.connection.is_handshaking() {
            self.early = 0;
        }
    }

    fn waiting(&self) -> usize {
        self.early
    }

    fn facts(&self) -> &dyn Any {
        &self.connection
    }
}

impl Write for WriteBuffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.push(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl crate::connection::Connection {
    /// Puts a layer between socket and protocol. `rest` is its first input.
    fn insert_layer(self: &Rc<Self>, layer: Box<dyn Layer>, rest: &[u8]) -> Result<(), Failure> {
        let ending = self.closing.get() || self.write_closing.get() || self.aborting.get();
        if self.lost.get() || ending {
            return Err(Failure::new("start_tls: the connection is ending"));
        }
        if self.layer.borrow().is_some() {
            return Err(Failure::new(
                "start_tls: this connection speaks TLS already",
            ));
        }
        *self.layer.borrow_mut() = Some(layer);
        self.send_layer_output();
        if !rest.is_empty() {
            self.push_back(rest);
        }
        Ok(())
    }

    fn with_layer<R>(&self, look: impl FnOnce(&dyn Layer) -> R) -> Option<R> {
        self.layer.borrow().as_deref().map(look)
    }
}

impl Transport {
    /// From here on, this connection speaks TLS. What was written before goes out as it is; what is
    /// written from now on waits for the handshake. When that is done, `handshake_completed` is
    /// called.
    ///
    /// `rest` is what was received and not used yet. It is read as TLS: bytes that an attacker
    /// slipped in before the handshake are garbage there, and end the connection
    /// ([CVE-2011-0411](https://nvd.nist.gov/vuln/detail/CVE-2011-0411) is what happens otherwise).
    ///
    /// # Errors
    /// When the connection speaks TLS already, or is about to end; and when rustls does not like
    /// the configuration.
    pub fn start_tls(&self, tls: &Tls, rest: &[u8]) -> Result<(), Failure> {
        let layer = tls.begin()?;
        self.0.insert_layer(Box::new(layer), rest)
    }

    /// Returns what the two sides of TLS agreed on. `None` without TLS, and before its handshake is
    /// done.
    #[must_use]
    pub fn tls_facts(&self) -> Option<TlsFacts> {
        self.0.with_layer(|layer| {
            let connection = layer.facts().downcast_ref::<Connection>()?;
            if connection.is_handshaking() {
                return None;
            }
            let certificates = connection.peer_certificates().unwrap_or_default();
            Some(TlsFacts {
                alpn: connection.alpn_protocol().map(<[u8]>::to_vec),
                server_name: match connection {
                    Connection::Server(server) => server.server_name().map(ToOwned::to_owned),
                    Connection::Client(_) => None,
                },
                peer_certificates: certificates.iter().map(|c| c.to_vec()).collect(),
            })
        })?
    }
}

/// Returns a factory whose connections speak TLS from their first byte. `factory` builds a protocol when
/// the handshake is done; when it fails, its `connection_failed` says why, on either side.
///
/// ```no_run
/// # fn main() -> Result<(), deferreds::Failure> {
/// # let reactor = reactor::Reactor::new(reactor::Sim::new(1));
/// # let factory: std::rc::Rc<dyn transports::Factory> = unimplemented!();
/// # let config: std::sync::Arc<transports::tls::rustls::ClientConfig> = unimplemented!();
/// use transports::{Address, connect, tls::{Tls, secure}};
/// let tls = Tls::client(config, "untwisted.test")?;
/// connect(&reactor.handle(), &Address::loopback(4443), secure(tls, factory));
/// # Ok(())
/// # }
/// ```
#[must_use]
pub fn secure(mut tls: Tls, factory: Rc<dyn Factory>) -> Rc<dyn Factory> {
    tls.offer(factory.alpn());
    Rc::new(Secure { tls, factory })
}

struct Secure {
    tls: Tls,
    factory: Rc<dyn Factory>,
}

impl Factory for Secure {
    fn build_protocol(&self, _: &Address) -> Option<Box<dyn Protocol>> {
        Some(Box::new(Handshake {
            tls: self.tls.clone(),
            factory: Some(Rc::clone(&self.factory)),
            protocol: None,
            limit: None,
        }))
    }

    fn connection_failed(&self, to: &Address, why: Failure) {
        self.factory.connection_failed(to, why);
    }
}

/// Waits for the handshake, and then is the protocol that the factory builds.
struct Handshake {
    tls: Tls,
    /// There until the handshake is done.
    factory: Option<Rc<dyn Factory>>,
    protocol: Option<Box<dyn Protocol>>,
    limit: Option<DelayedCall>,
}

impl Handshake {
    fn cancel_limit(&mut self) {
        if let Some(limit) = self.limit.take() {
            let _ = limit.cancel(); // it may have run
        }
    }
}

impl Protocol for Handshake {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        transport.start_tls(&self.tls, &[])?;
        let late = transport.clone();
        self.limit = Some(transport.handle().call_later(HANDSHAKE, move |_| {
            let why = format!("no TLS handshake within {HANDSHAKE:?}");
            late.0
                .fail(Failure::new(io::Error::new(io::ErrorKind::TimedOut, why)));
        }));
        Ok(())
    }

    fn handshake_completed(&mut self, transport: &Transport) -> Result<(), Failure> {
        self.cancel_limit();
        let Some(factory) = self.factory.take() else {
            return Ok(());
        };
        match factory.build_protocol(transport.peer()) {
            Some(mut protocol) => {
                let made = protocol.connection_made(transport);
                self.protocol = Some(protocol);
                made
            }
            None => {
                transport.lose_connection();
                Ok(())
            }
        }
    }

    fn data_received(&mut self, transport: &Transport, data: &[u8]) -> Result<(), Failure> {
        match &mut self.protocol {
            Some(protocol) => protocol.data_received(transport, data),
            None => Ok(()), // it was refused, and is closing
        }
    }

    fn write_drained(&mut self, transport: &Transport) {
        if let Some(protocol) = &mut self.protocol {
            protocol.write_drained(transport);
        }
    }

    fn peer_closed(&mut self, transport: &Transport) {
        match &mut self.protocol {
            Some(protocol) => protocol.peer_closed(transport),
            None => transport.lose_connection(),
        }
    }

    fn connection_lost(&mut self, transport: &Transport, why: Loss) {
        self.cancel_limit();
        if let Some(mut protocol) = self.protocol.take() {
            protocol.connection_lost(transport, why);
            catch_and_report("a protocol's destructor", || drop(protocol));
        } else if let Some(factory) = self.factory.take() {
            let why = match why {
                Loss::Failed(failure) => failure,
                _ => Failure::new("the connection ended before the TLS handshake was done"),
            };
            factory.connection_failed(transport.peer(), why);
        }
    }
}

//! Connecting, and the protocol of a connection: asks for TLS, logs in, hands each answer to the
//! oldest question.
use crate::{
    Connection, ConnectionLost, DatabaseError, ProtocolError, Settings,
    session::{Event, Session},
    shared_state::SharedState,
};
use bytes::BytesMut;
use deferreds::{Deferred, Failure, Resolver};
use reactor::Handle;
use std::{cell::Cell, rc::Rc};
use transports::{Address, Connector, Factory, Loss, Protocol, Transport};

/// Connects and logs in. Fires with a [`Connection`] that can be asked.
///
/// It fails with a [`transports::ConnectError`] when there is no server, with a
/// [`DatabaseError`](crate::DatabaseError) when it refuses (`28P01` for a wrong password, `3D000`
/// for a database that it does not have), and with a [`LoginError`](crate::LoginError). Cancelled,
/// it gives up. A server that takes the connection and stays silent is waited for: add a timeout.
#[track_caller]
pub fn connect(reactor: &Handle, settings: &Settings) -> Deferred<Connection> {
    connect_with(reactor, settings, Security::None)
}

/// As [`connect`], with TLS. A server that has none is refused with
/// [`LoginError::NoTls`](crate::LoginError::NoTls), before it has been told anything.
#[cfg(feature = "tls")]
#[track_caller]
pub fn connect_tls(
    reactor: &Handle,
    settings: &Settings,
    tls: &transports::tls::Tls,
) -> Deferred<Connection> {
    connect_with(reactor, settings, Security::Tls(tls.clone()))
}

/// Makes the state, the protocol and the Deferred, which is cancelled by ending whichever of
/// connector and connection there is.
#[track_caller]
fn connect_with(reactor: &Handle, settings: &Settings, security: Security) -> Deferred<Connection> {
    let shared = Rc::new(SharedState::default());
    // Empty until `transports::connect` has returned it, below; the canceller is made before that.
    let connector: Rc<Cell<Option<Connector>>> = Rc::default();
    let (aborted, attempt) = (Rc::clone(&shared), Rc::clone(&connector));
    let (resolver, connection) = Deferred::with_canceller(move |_| {
        if let Some(connector) = attempt.take() {
            connector.cancel();
        }
        aborted.abort();
    });
    let factory = InstanceFactory(Cell::new(Some(PostgresProtocol {
        session: Session::new(settings.clone()),
        shared,
        security,
        login: Some(resolver),
        failed: None,
    })));
    let attempt = transports::connect(reactor, &settings.address, Rc::new(factory));
    connector.set(Some(attempt));
    connection
}

/// Whether a connection is to be encrypted.
enum Security {
    None,
    #[cfg(feature = "tls")]
    Tls(transports::tls::Tls),
    /// TLS has been asked for, or is there.
    #[cfg(feature = "tls")]
    Requested,
}

/// The protocol of one connection.
struct PostgresProtocol {
    session: Session,
    shared: Rc<SharedState>,
    security: Security,
    /// Taken when the login has succeeded or failed.
    login: Option<Resolver<Connection>>,
    /// What the server said last, when it ends the connection.
    failed: Option<DatabaseError>,
}

impl PostgresProtocol {
    /// Reads the one byte with which the server answers whether it speaks TLS, and starts the
    /// handshake. Returns whether `data` was that byte.
    #[cfg(feature = "tls")]
    fn secure(&mut self, transport: &Transport, data: &[u8]) -> Result<bool, Failure> {
        let Security::Tls(tls) = &self.security else {
            return Ok(false);
        };
        if data.first() != Some(&b'S') {
            return Err(crate::LoginError::NoTls.into());
        }
        // What follows was sent before the handshake, by an attacker in between. Read as TLS, it
        // ends the connection (CVE-2021-23222).
        transport.start_tls(tls, &data[1..])?;
        self.security = Security::Requested;
        Ok(true)
    }

    #[cfg(not(feature = "tls"))]
    fn secure(&mut self, _: &Transport, _: &[u8]) -> Result<bool, Failure> {
        Ok(false)
    }
}

impl Protocol for PostgresProtocol {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        *self.shared.transport.borrow_mut() = Some(transport.clone());
        match &self.security {
            Security::None => transport.write(self.session.startup()?),
            #[cfg(feature = "tls")]
            _ => {
                let mut out = BytesMut::new();
                postgres_protocol::message::frontend::ssl_request(&mut out);
                transport.write(out);
            }
        }
        Ok(())
    }

    #[cfg(feature = "tls")]
    fn handshake_completed(&mut self, transport: &Transport) -> Result<(), Failure> {
        transport.write(self.session.startup()?);
        Ok(())
    }

    fn data_received(&mut self, transport: &Transport, data: &[u8]) -> Result<(), Failure> {
        if self.secure(transport, data)? {
            return Ok(());
        }
        self.session.feed(data);
        // One event at a time: a resolver that fires may ask, cancel, or close this connection.
        loop {
            let mut out = BytesMut::new();
            let event = self.session.next_event(&mut out)?;
            if !out.is_empty() {
                transport.write(&out);
            }
            // Before the event: a callback may look whether a transaction is open.
            self.shared.status.set(self.session.status);
            match event {
                None => return Ok(()),
                Some(Event::Ready) => {
                    self.shared.key.set(self.session.key);
                    if let Some(login) = self.login.take() {
                        login.callback(Connection::new(&self.shared));
                    }
                }
                Some(Event::Answer(answer)) => {
                    let oldest = self.shared.pending.take_oldest();
                    let Some(resolver) = oldest else {
                        return Err(ProtocolError("an answer to no question".to_owned()).into());
                    };
                    resolver.fire(answer.map_err(Failure::from));
                }
                Some(Event::Notified(notification)) => self.shared.notify(notification),
                Some(Event::Fatal(error)) => {
                    self.failed = Some(error);
                    transport.lose_connection();
                    return Ok(());
                }
            }
        }
    }

    fn connection_lost(&mut self, _: &Transport, why: Loss) {
        self.shared.transport.take();
        let server = self.failed.take();
        let lost = ConnectionLost {
            why: server
                .as_ref()
                .map_or_else(|| why.to_string(), ToString::to_string),
            server: server.clone(),
        };
        if let Some(login) = self.login.take() {
            login.errback(match (server, why) {
                (Some(error), _) => error.into(),
                (None, Loss::Failed(failure)) => failure,
                (None, _) => Failure::from(lost.clone()),
            });
        }
        self.shared.fail_all(&lost);
    }
}

/// Builds one protocol, which existed before the connection.
struct InstanceFactory(Cell<Option<PostgresProtocol>>);

impl Factory for InstanceFactory {
    fn build_protocol(&self, _: &Address) -> Option<Box<dyn Protocol>> {
        Some(Box::new(self.0.take()?))
    }

    fn connection_failed(&self, _: &Address, why: Failure) {
        if let Some(login) = self.0.take().and_then(|protocol| protocol.login) {
            login.errback(why);
        }
    }
}

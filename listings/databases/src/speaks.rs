//! The protocol of a connection: asks for TLS, logs in, takes what comes.
use crate::{
    Connection, ConnectionLost, DatabaseError, ProtocolError, Settings,
    connection::Shared,
    session::{Event, Session},
};
use bytes::BytesMut;
use deferreds::{Deferred, Failure, Resolver};
use reactor::Handle;
use std::{cell::Cell, rc::Rc};
use transports::{Address, Connector, Factory, Loss, Protocol, Transport};

/// Whether a connection is to be secret.
pub(crate) enum Security {
    None,
    #[cfg(feature = "tls")]
    Tls(transports::tls::Tls),
    /// TLS has been asked for, or is there.
    #[cfg(feature = "tls")]
    Begun,
}

#[track_caller]
pub(crate) fn connect(
    reactor: &Handle,
    settings: &Settings,
    security: Security,
) -> Deferred<Connection> {
    let shared = Rc::new(Shared::default());
    let connector: Rc<Cell<Option<Connector>>> = Rc::default();
    let (gives_up, attempt) = (Rc::clone(&shared), Rc::clone(&connector));
    let (resolver, connection) = Deferred::with_canceller(move |_| {
        if let Some(connector) = attempt.take() {
            connector.cancel();
        }
        gives_up.abort();
    });
    let factory = Once(Cell::new(Some(Speaks {
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

/// The protocol of one connection.
struct Speaks {
    session: Session,
    shared: Rc<Shared>,
    security: Security,
    /// There until it is decided whether this side is in.
    login: Option<Resolver<Connection>>,
    /// What the server said last, when it ends the connection.
    failed: Option<DatabaseError>,
}

impl Speaks {
    /// The server has answered whether it speaks TLS, with one byte and no more.
    #[cfg(feature = "tls")]
    fn secure(&mut self, transport: &Transport, data: &[u8]) -> Result<bool, Failure> {
        let Security::Tls(tls) = &self.security else {
            return Ok(false);
        };
        if data.first() != Some(&b'S') {
            return Err(crate::LoginError::NoTls.into());
        }
        // What follows was sent before the handshake, by whoever sits in between. Read as TLS, it ends the connection
        // (CVE-2021-23222).
        transport.start_tls(tls, &data[1..])?;
        self.security = Security::Begun;
        Ok(true)
    }

    #[cfg(not(feature = "tls"))]
    fn secure(&mut self, _: &Transport, _: &[u8]) -> Result<bool, Failure> {
        Ok(false)
    }
}

impl Protocol for Speaks {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        *self.shared.transport.borrow_mut() = Some(transport.clone());
        match &self.security {
            Security::None => transport.write(self.session.hello()?),
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
        transport.write(self.session.hello()?);
        Ok(())
    }

    fn data_received(&mut self, transport: &Transport, data: &[u8]) -> Result<(), Failure> {
        if self.secure(transport, data)? {
            return Ok(());
        }
        self.session.feed(data);
        loop {
            let mut out = BytesMut::new();
            let event = self.session.next_event(&mut out)?;
            if !out.is_empty() {
                transport.write(&out);
            }
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
                    let oldest = self.shared.pending.oldest();
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

/// Builds one protocol, which was there before.
struct Once(Cell<Option<Speaks>>);

impl Factory for Once {
    fn build_protocol(&self, _: &Address) -> Option<Box<dyn Protocol>> {
        Some(Box::new(self.0.take()?))
    }

    fn connection_failed(&self, _: &Address, why: Failure) {
        if let Some(login) = self.0.take().and_then(|speaks| speaks.login) {
            login.errback(why);
        }
    }
}

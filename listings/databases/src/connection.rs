//! A connection: logs in, sends questions without waiting, hands each answer to the oldest question that has none.
use crate::{
    ConnectionLost, DatabaseError, ProtocolError, Row, Settings,
    session::{Event, Session, goodbye, question},
};
use bytes::BytesMut;
use deferreds::{Deferred, Failure, Resolver};
use reactor::Handle;
use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    fmt,
    rc::Rc,
};
use transports::{Address, Connector, Factory, Loss, Protocol, Transport};

/// Connects and logs in. Fires with a [`Connection`] that can be asked.
///
/// It fails with a [`transports::ConnectError`] when there is no server, with a [`DatabaseError`] when it refuses (`28P01`
/// for a wrong password, `3D000` for a database that it does not have), and with a [`LoginError`](crate::LoginError).
/// Cancelled, it gives up. A server that takes the connection and stays silent is waited for: add a timeout.
#[track_caller]
pub fn connect(reactor: &Handle, settings: &Settings) -> Deferred<Connection> {
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
        login: Some(resolver),
        failed: None,
    })));
    let attempt = transports::connect(reactor, &settings.address, Rc::new(factory));
    connector.set(Some(attempt));
    connection
}

/// A connection to a database that is logged in. Clones are cheap and mean the same connection; when the last one is
/// dropped, what was asked is answered, and the connection ends.
#[derive(Clone)]
pub struct Connection(Rc<Owned>);

impl Connection {
    // ANCHOR: query
    /// Asks: `$1` in the SQL stands for the first of the `values`, which are text; `None` is NULL. Fires with the rows.
    ///
    /// It sends at once, also while other questions are on their way. PostgreSQL answers one after the other, each as if it
    /// were alone: a question that fails takes nothing with it. Cancelling takes back the wish for the answer, and
    /// not the question.
    ///
    /// It fails with a [`DatabaseError`] when PostgreSQL refuses, and with [`ConnectionLost`].
    #[track_caller]
    pub fn query(&self, sql: &str, values: &[Option<&str>]) -> Deferred<Vec<Row>> {
        let shared = &self.0.0;
        if let Some(lost) = shared.lost.borrow().clone() {
            return Deferred::fail(lost);
        }
        let bytes = match question(sql, values) {
            Ok(bytes) => bytes,
            Err(failure) => return Deferred::fail(failure),
        };
        let (resolver, rows) = Deferred::new();
        shared.pending.borrow_mut().push_back(resolver);
        shared.write(&bytes);
        rows
    }
    // ANCHOR_END: query

    /// Returns how many questions have no answer yet.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.0.0.pending.borrow().len()
    }

    /// Whether it is gone, or going: what is asked now fails.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.0.0.lost.borrow().is_some()
    }

    /// Ends it when all that was asked before is answered.
    pub fn close(&self) {
        self.0.0.close();
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("pending", &self.pending())
            .field("lost", &self.is_lost())
            .finish()
    }
}

/// What the clones of a connection share; dropped with the last of them.
struct Owned(Rc<Shared>);

impl Drop for Owned {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// What the connection and its protocol share.
#[derive(Default)]
struct Shared {
    transport: RefCell<Option<Transport>>,
    pending: RefCell<VecDeque<Resolver<Vec<Row>>>>,
    lost: RefCell<Option<ConnectionLost>>,
}

impl Shared {
    fn write(&self, bytes: &[u8]) {
        let transport = self.transport.borrow().clone();
        if let Some(transport) = transport {
            transport.write(bytes);
        }
    }

    fn abort(&self) {
        let transport = self.transport.borrow().clone();
        if let Some(transport) = transport {
            transport.abort_connection();
        }
    }

    fn close(&self) {
        if self.lost.borrow().is_some() {
            return;
        }
        *self.lost.borrow_mut() = Some(ConnectionLost {
            why: "closed by this side".to_owned(),
            server: None,
        });
        self.write(&goodbye());
    }

    /// Fires all that have waited, oldest first; what one of them asks meanwhile fails, too.
    fn fail_all(&self, lost: &ConnectionLost) {
        *self.lost.borrow_mut() = Some(lost.clone());
        loop {
            let next = self.pending.borrow_mut().pop_front();
            let Some(resolver) = next else { return };
            resolver.errback(lost.clone());
        }
    }
}

/// The protocol of one connection.
struct Speaks {
    session: Session,
    shared: Rc<Shared>,
    /// There until it is decided whether this side is in.
    login: Option<Resolver<Connection>>,
    /// What the server said last, when it ends the connection.
    failed: Option<DatabaseError>,
}

impl Protocol for Speaks {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        *self.shared.transport.borrow_mut() = Some(transport.clone());
        transport.write(self.session.hello()?);
        Ok(())
    }

    fn data_received(&mut self, transport: &Transport, data: &[u8]) -> Result<(), Failure> {
        self.session.feed(data);
        loop {
            let mut out = BytesMut::new();
            let event = self.session.next_event(&mut out)?;
            if !out.is_empty() {
                transport.write(&out);
            }
            match event {
                None => return Ok(()),
                Some(Event::Ready) => {
                    if let Some(login) = self.login.take() {
                        login.callback(Connection(Rc::new(Owned(Rc::clone(&self.shared)))));
                    }
                }
                Some(Event::Answer(answer)) => {
                    let oldest = self.shared.pending.borrow_mut().pop_front();
                    let Some(resolver) = oldest else {
                        return Err(ProtocolError("an answer to no question".to_owned()).into());
                    };
                    resolver.fire(answer.map_err(Failure::from));
                }
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

//! A connection: sends questions without waiting, and hands each answer to the oldest question that has none.
use crate::{
    ConnectionLost, Row, Settings, SimpleAnswer, ToValue, cancel,
    pending::{Pending, TooManyPending},
    session::{self, Answer, Status, goodbye, question},
    speaks,
};
use bytes::BytesMut;
use deferreds::{Deferred, Failure, Resolver};
use reactor::Handle;
use std::{
    cell::{Cell, RefCell},
    fmt,
    rc::{Rc, Weak},
};
use transports::Transport;

/// Connects and logs in. Fires with a [`Connection`] that can be asked.
///
/// It fails with a [`transports::ConnectError`] when there is no server, with a [`DatabaseError`](crate::DatabaseError) when
/// it refuses (`28P01` for a wrong password, `3D000` for a database that it does not have), and with a
/// [`LoginError`](crate::LoginError). Cancelled, it gives up. A server that takes the connection and stays silent is waited
/// for: add a timeout.
#[track_caller]
pub fn connect(reactor: &Handle, settings: &Settings) -> Deferred<Connection> {
    speaks::connect(reactor, settings, speaks::Security::None)
}

/// As [`connect`], with TLS. A server that has none is refused with [`LoginError::NoTls`](crate::LoginError::NoTls), before
/// it has been told anything.
#[cfg(feature = "tls")]
#[track_caller]
pub fn connect_tls(
    reactor: &Handle,
    settings: &Settings,
    tls: &transports::tls::Tls,
) -> Deferred<Connection> {
    speaks::connect(reactor, settings, speaks::Security::Tls(tls.clone()))
}

/// A connection to a database that is logged in. Clones are cheap and mean the same connection; when the last one is
/// dropped, what was asked is answered, and the connection ends.
#[derive(Clone)]
pub struct Connection(Rc<Owned>);

impl Connection {
    pub(crate) fn new(shared: &Rc<Shared>) -> Connection {
        Connection(Rc::new(Owned(Rc::clone(shared))))
    }

    // ANCHOR: query
    /// Asks: `$1` in the SQL stands for the first of the `values`. Fires with the rows.
    ///
    /// It sends at once, also while other questions are on their way. PostgreSQL answers one after the other, each as if it
    /// were alone: a question that fails takes nothing with it. Cancelling takes back the wish for the answer, and
    /// not the question; [`cancel`](Connection::cancel) interrupts the server.
    ///
    /// It fails with a [`DatabaseError`](crate::DatabaseError) when PostgreSQL refuses, with [`ConnectionLost`], and with
    /// [`TooManyPending`](crate::TooManyPending) when 10,000 questions have no answer yet.
    #[track_caller]
    pub fn query(&self, sql: &str, values: &[&dyn ToValue]) -> Deferred<Vec<Row>> {
        self.ask(question(sql, values))
            .add_callback(|answer| Ok(answer.rows))
    }

    /// Asks for something to be done, and fires with the number of rows that it changed.
    #[track_caller]
    pub fn operation(&self, sql: &str, values: &[&dyn ToValue]) -> Deferred<u64> {
        self.ask(question(sql, values))
            .add_callback(|answer| Ok(answer.count()))
    }

    /// Sends a question and puts its resolver at the end of the queue, if that has room.
    #[track_caller]
    pub(crate) fn ask(&self, bytes: Result<BytesMut, Failure>) -> Deferred<Answer> {
        match self.has_room() {
            Ok(()) => self.send(bytes),
            Err(full) => Deferred::fail(full),
        }
    }

    /// Whether one more may be asked. One that is lost has its own error for that.
    fn has_room(&self) -> Result<(), TooManyPending> {
        let shared = &self.0.0;
        if self.is_lost() {
            return Ok(());
        }
        shared.pending.has_room(shared.transport.borrow().as_ref())
    }

    /// As `ask`, without a limit: what ends a transaction or a statement must not be refused because much was asked before.
    #[track_caller]
    pub(crate) fn send(&self, bytes: Result<BytesMut, Failure>) -> Deferred<Answer> {
        let shared = &self.0.0;
        if let Some(lost) = shared.lost.borrow().clone() {
            return Deferred::fail(lost);
        }
        let bytes = match bytes {
            Ok(bytes) => bytes,
            Err(failure) => return Deferred::fail(failure),
        };
        let answer = shared.pending.enter();
        shared.write(&bytes);
        answer
    }
    // ANCHOR_END: query

    /// Has the server run several statements, separated by semicolons, in one transaction: when one fails, what those before it
    /// did is undone, unless the SQL itself says BEGIN or COMMIT. Fires with the answer of each.
    ///
    /// This is PostgreSQL's simple protocol: there are no `$1`, and all values come as text. Use it for SQL that is written down
    /// as a whole, such as a schema, and for servers that know no other, such as pgbouncer's own console. Never put a value from
    /// outside into its SQL.
    ///
    /// It fails as [`query`](Connection::query) does.
    #[track_caller]
    pub fn simple_query(&self, sql: &str) -> Deferred<Vec<SimpleAnswer>> {
        self.ask(session::script(sql))
            .add_callback(|answer| Ok(answer.into_simple()))
    }

    /// Sets how many questions may be without an answer at one time; 10,000 unless set. One more fails with
    /// [`TooManyPending`](crate::TooManyPending) and is not sent.
    pub fn limit_pending(&self, most: usize) {
        self.0.0.pending.limit(most);
    }

    /// Has the server read the SQL once and keep it, so that it can be [run](Statement::query) many times. The name by which
    /// server and client mean it belongs to this connection: behind a pool outside of this program that changes servers
    /// between two questions (pgbouncer's transaction mode), it is lost or taken, and running it fails with `26000` or
    /// preparing with `42P05`. Use [`query`](Connection::query) there, which names nothing.
    #[track_caller]
    pub fn prepare(&self, sql: &str) -> Deferred<Statement> {
        if let Err(full) = self.has_room() {
            return Deferred::fail(full); // the server has nothing to forget
        }
        let shared = &self.0.0;
        let number = shared.prepared.get();
        shared.prepared.set(number + 1);
        let name = format!("s{number}");
        let asked = self.ask(session::preparation(&name, sql));
        let statement = Statement(Rc::new(Named {
            name,
            connection: Rc::downgrade(&self.0),
        }));
        asked.add_callback(|_| Ok(statement))
    }

    /// Has the server interrupt what this connection runs now: that question fails with `57014`. Fires when the server has
    /// heard it, over a second connection, which is read to its end. Until then, do not ask anything that must not be hit:
    /// the request names a connection and not a question. When nothing runs, it does nothing.
    ///
    /// The request itself is not secret: it goes without TLS.
    #[track_caller]
    pub fn cancel(&self) -> Deferred<()> {
        let shared = &self.0.0;
        let transport = shared.transport.borrow().clone();
        match (transport, shared.key.get()) {
            (Some(transport), Some(key)) => {
                cancel::cancel(transport.handle(), transport.peer(), key)
            }
            _ => Deferred::succeed(()), // nothing runs
        }
    }

    /// Returns how many questions have no answer yet.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.0.0.pending.len()
    }

    /// Whether it is gone, or going: what is asked now fails.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.0.0.lost.borrow().is_some()
    }

    /// Whether a transaction is open, as of the last answer.
    #[must_use]
    pub fn is_in_transaction(&self) -> bool {
        self.status() != Status::Idle
    }

    pub(crate) fn status(&self) -> Status {
        self.0.0.status.get()
    }

    /// Whether there are questions on their way, and no answer is wanted any more.
    pub(crate) fn is_unwanted(&self) -> bool {
        self.0.0.pending.are_unwanted()
    }

    /// Fires when the connection is gone.
    pub(crate) fn when_lost(&self) -> Deferred<ConnectionLost> {
        match self.0.0.lost.borrow().clone() {
            Some(lost) => Deferred::succeed(lost),
            None => {
                let (resolver, lost) = Deferred::new();
                self.0.0.watchers.borrow_mut().push(resolver);
                lost
            }
        }
    }

    /// What is called with each notification, instead of what was before.
    pub(crate) fn on_notification(&self, f: impl Fn(Notification) + 'static) {
        *self.0.0.notified.borrow_mut() = Some(Rc::new(f));
    }

    /// Ends it when all that was asked before is answered.
    pub fn close(&self) {
        self.0.0.close();
    }

    /// Ends it now: what has no answer fails.
    pub fn abort(&self) {
        self.0.0.abort();
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

/// SQL that the server has read and keeps, made by [`Connection::prepare`]. Clones mean the same one; dropping the last has
/// the server forget it.
#[derive(Clone, Debug)]
pub struct Statement(Rc<Named>);

impl Statement {
    /// Runs it with these values, and fires with the rows. After its connection is gone it fails with [`ConnectionLost`].
    #[track_caller]
    pub fn query(&self, values: &[&dyn ToValue]) -> Deferred<Vec<Row>> {
        let Some(connection) = self.0.connection.upgrade() else {
            return Deferred::fail(ConnectionLost::here());
        };
        let mut out = BytesMut::new();
        let bytes = session::execute(&self.0.name, values, &mut out).map(|()| out);
        Connection(connection)
            .ask(bytes)
            .add_callback(|answer| Ok(answer.rows))
    }
}

#[derive(Debug)]
struct Named {
    name: String,
    connection: Weak<Owned>,
}

impl Drop for Named {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.upgrade() {
            // Whatever becomes of it: the name is not used again.
            Connection(connection)
                .send(session::forget(&self.name))
                .on_result(|_| {});
        }
    }
}

/// What another client said on a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// The channel.
    pub channel: String,
    /// What was said; at most 8000 bytes.
    pub payload: String,
    /// The number of the server's process that spoke for the other client.
    pub process: i32,
}

/// What the clones of a connection share; dropped with the last of them.
#[derive(Debug)]
struct Owned(Rc<Shared>);

impl Drop for Owned {
    fn drop(&mut self) {
        self.0.close();
    }
}

type Notified = Rc<dyn Fn(Notification)>;

/// What the connection and its protocol share.
#[derive(Default)]
pub(crate) struct Shared {
    pub(crate) transport: RefCell<Option<Transport>>,
    pub(crate) pending: Pending<Answer>,
    lost: RefCell<Option<ConnectionLost>>,
    watchers: RefCell<Vec<Resolver<ConnectionLost>>>,
    notified: RefCell<Option<Notified>>,
    pub(crate) status: Cell<Status>,
    pub(crate) key: Cell<Option<session::Key>>,
    /// How many statements have been given names.
    prepared: Cell<u64>,
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

impl Shared {
    fn write(&self, bytes: &[u8]) {
        let transport = self.transport.borrow().clone();
        if let Some(transport) = transport {
            transport.write(bytes);
        }
    }

    pub(crate) fn abort(&self) {
        let transport = self.transport.borrow().clone();
        if let Some(transport) = transport {
            transport.abort_connection();
        }
    }

    fn close(&self) {
        if self.lost.borrow().is_some() {
            return;
        }
        *self.lost.borrow_mut() = Some(ConnectionLost::here());
        self.write(&goodbye());
    }

    pub(crate) fn notify(&self, notification: Notification) {
        let notified = self.notified.borrow().clone();
        if let Some(notified) = notified {
            notified(notification);
        }
    }

    /// Fires all that have waited, oldest first; what one of them asks meanwhile fails, too.
    pub(crate) fn fail_all(&self, lost: &ConnectionLost) {
        *self.lost.borrow_mut() = Some(lost.clone());
        loop {
            // Its own statement: nothing may be borrowed when the resolver fires.
            let next = self.pending.oldest();
            let Some(resolver) = next else { break };
            resolver.errback(lost.clone());
        }
        self.notified.take();
        for watcher in self.watchers.take() {
            watcher.callback(lost.clone());
        }
    }
}

impl ConnectionLost {
    fn here() -> ConnectionLost {
        ConnectionLost {
            why: "closed by this side".to_owned(),
            server: None,
        }
    }
}

//! A connection: sends questions without waiting, and hands each answer to the oldest question that
//! has none.
use crate::{
    ConnectionLost, Notification, Row, SimpleAnswer, ToValue, cancel,
    pending::TooManyPending,
    session::{self, Answer, Status, extended_query},
    shared_state::SharedState,
};
use bytes::BytesMut;
use deferreds::{Deferred, Failure};
use std::{
    fmt,
    rc::{Rc, Weak},
};

/// A connection to a database that is logged in. Clones are cheap and mean the same connection;
/// when the last one is dropped, what was asked is answered, and the connection ends.
#[derive(Clone)]
pub struct Connection(Rc<CloseOnDrop>);

impl Connection {
    pub(crate) fn new(shared: &Rc<SharedState>) -> Connection {
        Connection(Rc::new(CloseOnDrop(Rc::clone(shared))))
    }

    // ANCHOR: query
    /// Asks: `$1` in the SQL stands for the first of the `values`. Fires with the rows.
    ///
    /// It sends at once, also while other questions are on their way. PostgreSQL answers one after
    /// the other, each as if it were alone: a question that fails takes nothing with it. Cancelling
    /// takes back the wish for the answer, and not the question; [`cancel`](Connection::cancel)
    /// interrupts the server.
    ///
    /// It fails with a [`DatabaseError`](crate::DatabaseError) when PostgreSQL refuses, with
    /// [`ConnectionLost`], and with [`TooManyPending`](crate::TooManyPending) when 10,000 questions
    /// have no answer yet.
    #[track_caller]
    pub fn query(&self, sql: &str, values: &[&dyn ToValue]) -> Deferred<Vec<Row>> {
        self.ask(extended_query(sql, values))
            .add_callback(|answer| Ok(answer.rows))
    }

    /// Asks for something to be done, and fires with the number of rows that it changed.
    #[track_caller]
    pub fn operation(&self, sql: &str, values: &[&dyn ToValue]) -> Deferred<u64> {
        self.ask(extended_query(sql, values))
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

    /// Fails when no more may be asked. A lost connection has its own error for that.
    fn has_room(&self) -> Result<(), TooManyPending> {
        let shared = &self.0.0;
        if self.is_lost() {
            return Ok(());
        }
        shared.pending.has_room(shared.transport.borrow().as_ref())
    }

    /// As `ask`, without a limit: what ends a transaction or a statement must not be refused
    /// because much was asked before.
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
        let answer = shared.pending.push();
        shared.write(&bytes);
        answer
    }
    // ANCHOR_END: query

    /// Has the server run several statements, separated by semicolons, in one transaction: when one
    /// fails, what those before it did is undone, unless the SQL itself says BEGIN or COMMIT. Fires
    /// with the answer of each.
    ///
    /// This is PostgreSQL's simple protocol: there are no `$1`, and all values come as text. Use it
    /// for SQL that is written down as a whole, such as a schema, and for servers that know no
    /// other, such as pgbouncer's own console. Never put a value from outside into its SQL.
    ///
    /// It fails as [`query`](Connection::query) does.
    #[track_caller]
    pub fn simple_query(&self, sql: &str) -> Deferred<Vec<SimpleAnswer>> {
        self.ask(session::simple_query(sql))
            .add_callback(|answer| Ok(answer.into_simple()))
    }

    /// Sets how many questions may be without an answer at one time; 10,000 unless set. One more
    /// fails with [`TooManyPending`](crate::TooManyPending) and is not sent.
    pub fn limit_pending(&self, most: usize) {
        self.0.0.pending.limit(most);
    }

    /// Has the server read the SQL once and keep it, so that it can be [run](Statement::query) many
    /// times. The name that server and client use for it belongs to this connection: behind a pool
    /// outside of this program that changes servers between two questions (pgbouncer's transaction
    /// mode), it is lost or taken, and running it fails with `26000` or preparing with `42P05`. Use
    /// [`query`](Connection::query) there, which names nothing.
    #[track_caller]
    pub fn prepare(&self, sql: &str) -> Deferred<Statement> {
        if let Err(full) = self.has_room() {
            return Deferred::fail(full); // the server has nothing to forget
        }
        let shared = &self.0.0;
        let number = shared.prepared.get();
        shared.prepared.set(number + 1);
        let name = format!("s{number}");
        let asked = self.ask(session::prepare(&name, sql));
        let statement = Statement(Rc::new(StatementInner {
            name,
            connection: Rc::downgrade(&self.0),
        }));
        asked.add_callback(|_| Ok(statement))
    }

    /// Has the server interrupt what this connection runs now: that question fails with `57014`.
    /// Fires when the server has heard it, over a second connection, which is read to its end.
    /// Until then, do not ask anything that must not be hit: the request names a connection and not
    /// a question. When nothing runs, it does nothing.
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

    /// Whether there are questions on their way, and all of them have been cancelled.
    pub(crate) fn has_only_cancelled(&self) -> bool {
        self.0.0.pending.has_only_cancelled()
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

    /// Has `f` called with each notification, instead of what was before.
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

/// SQL that the server has read and keeps, made by [`Connection::prepare`]. Clones mean the same
/// one; dropping the last has the server forget it.
#[derive(Clone, Debug)]
pub struct Statement(Rc<StatementInner>);

impl Statement {
    /// Runs it with these values, and fires with the rows. After its connection is gone it fails
    /// with [`ConnectionLost`].
    #[track_caller]
    pub fn query(&self, values: &[&dyn ToValue]) -> Deferred<Vec<Row>> {
        let Some(connection) = self.0.connection.upgrade() else {
            return Deferred::fail(ConnectionLost::closed_here());
        };
        let mut out = BytesMut::new();
        let bytes = session::execute(&self.0.name, values, &mut out).map(|()| out);
        Connection(connection)
            .ask(bytes)
            .add_callback(|answer| Ok(answer.rows))
    }
}

/// Shared by the clones of a statement. It holds the connection weakly: a statement that is kept
/// does not keep its connection open.
#[derive(Debug)]
struct StatementInner {
    name: String,
    connection: Weak<CloseOnDrop>,
}

impl Drop for StatementInner {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.upgrade() {
            // Its result does not matter: the name is not used again.
            Connection(connection)
                .send(session::close_statement(&self.name))
                .on_result(|_| {});
        }
    }
}

/// Shared by the clones of a connection, so that dropping the last of them closes it.
#[derive(Debug)]
struct CloseOnDrop(Rc<SharedState>);

impl Drop for CloseOnDrop {
    fn drop(&mut self) {
        self.0.close();
    }
}

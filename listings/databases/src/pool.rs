//! A pool of connections to PostgreSQL: questions, operations, interactions.
use crate::{
    Connection, PoolOptions, PoolState, Row, Settings, SimpleAnswer, Statement, ToValue,
    Transaction, connect, functions, generic_pool,
    manager::PostgresManager,
    session::extended_query,
    transaction::{self, Isolation},
};
use deferreds::{Deferred, Failure, Outcome};
use reactor::Handle;
use std::{collections::BTreeSet, fmt};

/// A pool of connections, which makes them when they are needed and lends each to one borrower at a
/// time. Clones are cheap and mean the same pool.
///
/// ```
/// use databases::{ConnectionPool, PoolOptions, Server};
/// use deferreds::Failure;
/// use reactor::{Os, Reactor};
///
/// let server = Server::temporary()?; // gone at the end of this block
/// let mut reactor = Reactor::new(Os::new()?);
/// let handle = reactor.handle();
/// let pool = ConnectionPool::new(&handle, server.settings(), PoolOptions::default());
/// let made = pool.run_interaction(|transaction| {
///     let made = transaction.operation("CREATE TABLE poems (title text)", &[]);
///     made.add_callback(move |_| {
///         transaction.operation("INSERT INTO poems VALUES ($1), ($2)", &[&"Hope", &"The Tyger"])
///     })
/// });
/// let _done = made.add_callback(move |count| {
///     assert_eq!(count, 2);
///     Ok(handle.stop()?)
/// });
/// reactor.run()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Source:
/// [`twisted.enterprise.adbapi.ConnectionPool`](https://docs.twisted.org/en/stable/api/twisted.enterprise.adbapi.ConnectionPool.html),
/// whose connections block, each in a thread.
#[derive(Clone)]
pub struct ConnectionPool(generic_pool::GenericPool<PostgresManager>);

impl ConnectionPool {
    /// Returns a pool that connects there.
    ///
    /// # Panics
    /// When its size is 0.
    #[must_use]
    pub fn new(reactor: &Handle, settings: &Settings, options: PoolOptions) -> ConnectionPool {
        let settings = settings.clone();
        ConnectionPool::with_connector(reactor, options, move |reactor| connect(reactor, &settings))
    }

    /// Returns a pool that connects with `connect`: by TLS, or with a question that prepares each
    /// connection for its work.
    ///
    /// # Panics
    /// When its size is 0.
    #[must_use]
    pub fn with_connector(
        reactor: &Handle,
        options: PoolOptions,
        connect: impl Fn(&Handle) -> Deferred<Connection> + 'static,
    ) -> ConnectionPool {
        let manager = PostgresManager(Box::new(connect));
        ConnectionPool(generic_pool::GenericPool::new(reactor, manager, options))
    }

    /// Lends a connection, which comes back when it is dropped. Fails with
    /// [`PoolTimeout`](crate::PoolTimeout), with [`PoolClosed`](crate::PoolClosed), or with what
    /// [`connect`] fails with.
    ///
    /// You rarely need it: the functions below borrow for exactly as long as they must.
    #[track_caller]
    pub fn acquire(&self) -> Deferred<PooledConnection> {
        self.0
            .acquire()
            .add_callback(|loan| Ok(PooledConnection(loan)))
    }

    // ANCHOR: run_query
    /// Asks on any connection, and fires with the rows.
    #[track_caller]
    pub fn run_query(&self, sql: &str, values: &[&dyn ToValue]) -> Deferred<Vec<Row>> {
        // Encoded before the wait, so that the values need not live as long.
        let bytes = extended_query(sql, values);
        self.0.acquire().add_callback(move |loan| {
            let asked = loan.ask(bytes);
            asked.add_both(move |answer| {
                drop(loan);
                Ok(answer?.rows)
            })
        })
    }
    // ANCHOR_END: run_query

    /// As [`run_query`](ConnectionPool::run_query); fires with the number of rows that it changed.
    #[track_caller]
    pub fn run_operation(&self, sql: &str, values: &[&dyn ToValue]) -> Deferred<u64> {
        let bytes = extended_query(sql, values);
        self.0.acquire().add_callback(move |loan| {
            let asked = loan.ask(bytes);
            asked.add_both(move |answer| {
                drop(loan);
                Ok(answer?.count())
            })
        })
    }

    /// Runs `f` in a transaction: commits when its outcome is a value, rolls back when it is a
    /// failure.
    ///
    /// - When the rollback fails, too, the failure is a [`RollbackFailed`](crate::RollbackFailed),
    ///   which holds both.
    /// - When the connection is lost while COMMIT is on its way, it is a
    ///   [`CommitUnknown`](crate::CommitUnknown).
    /// - When PostgreSQL answers COMMIT by rolling back, because a statement had failed and `f`
    ///   went on, it is [`RolledBack`](crate::RolledBack).
    /// - Cancelled, or dropped by a task that awaits it, it is rolled back: what still runs is
    ///   interrupted, and no other borrower gets the connection before that. Once COMMIT is sent, a
    ///   cancel comes too late, and you are told what happened.
    ///
    /// `f` must ask the [`Transaction`] and not the pool: what it asks of the pool runs on another
    /// connection, outside of the transaction; and if all others are busy, it waits for itself
    /// until the pool says [`PoolTimeout`](crate::PoolTimeout).
    #[track_caller]
    pub fn run_interaction<R: Outcome>(
        &self,
        f: impl FnOnce(Transaction) -> R + 'static,
    ) -> Deferred<R::Value> {
        self.run_interaction_at(Isolation::ReadCommitted, f)
    }

    /// As [`run_interaction`](ConnectionPool::run_interaction), with more isolation from what
    /// others do at the same time.
    #[track_caller]
    pub fn run_interaction_at<R: Outcome>(
        &self,
        isolation: Isolation,
        f: impl FnOnce(Transaction) -> R + 'static,
    ) -> Deferred<R::Value> {
        let loan = self.0.acquire();
        loan.add_callback(move |loan| transaction::run(loan, isolation, f))
    }

    /// Runs `f` with a connection of its own and no transaction around it.
    #[track_caller]
    pub fn run_with_connection<R: Outcome>(
        &self,
        f: impl FnOnce(&PooledConnection) -> R + 'static,
    ) -> Deferred<R::Value> {
        self.acquire().add_callback(move |connection| {
            let outcome = deferreds::maybe_deferred(|| f(&connection));
            outcome.add_both(move |result| {
                drop(connection);
                result
            })
        })
    }

    /// Calls the stored function `function_<name>` with these values, and fires with its rows.
    ///
    /// Any function that the database's owner adds under the prefix can be called, and nothing else
    /// can: the name is quoted as one identifier, and the values are bound. One that does not exist
    /// fails with `42883`.
    #[track_caller]
    pub fn call(&self, name: &str, values: &[&dyn ToValue]) -> Deferred<Vec<Row>> {
        match functions::call(name, values.len()) {
            Ok(sql) => self.run_query(&sql, values),
            Err(error) => Deferred::fail(error),
        }
    }

    /// Fires with those of the names that cannot be [called](ConnectionPool::call), because there
    /// is no such function or this role may not. A program asks at its start for all that it needs,
    /// so that a schema of another version is found there and not by a visitor.
    #[track_caller]
    pub fn missing_functions(&self, names: &[&str]) -> Deferred<Vec<String>> {
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        let rows = self.run_query(functions::CALLABLE, &[]);
        rows.add_callback(move |rows| {
            let there = rows.iter().map(|row| Ok(row.get::<String>("name")?));
            let there: BTreeSet<_> = there.collect::<Result<_, Failure>>()?;
            Ok(names
                .into_iter()
                .filter(|name| !there.contains(name))
                .collect())
        })
    }

    /// Returns what it does right now.
    #[must_use]
    pub fn state(&self) -> PoolState {
        self.0.state()
    }

    /// Asks the server for a sign of life, on one connection.
    #[track_caller]
    pub fn check(&self) -> Deferred<()> {
        self.run_query("SELECT 1", &[]).add_callback(|_| Ok(()))
    }

    /// Takes no more questions, and fires when all connections have come back and are closed.
    #[track_caller]
    pub fn close(&self) -> Deferred<()> {
        self.0.close()
    }

    /// Returns the reactor that it is on.
    #[must_use]
    pub fn reactor(&self) -> &Handle {
        self.0.reactor()
    }
}

impl fmt::Debug for ConnectionPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ConnectionPool")
            .field(&self.state())
            .finish()
    }
}

/// A connection that a pool lends. Dropped, it goes back; a transaction that it left open is rolled
/// back, and a question that was cancelled is interrupted, before the next borrower has it.
pub struct PooledConnection(generic_pool::Loan<PostgresManager>);

impl PooledConnection {
    /// As [`Connection::query`].
    #[track_caller]
    pub fn query(&self, sql: &str, values: &[&dyn ToValue]) -> Deferred<Vec<Row>> {
        self.0.query(sql, values)
    }

    /// As [`Connection::operation`].
    #[track_caller]
    pub fn operation(&self, sql: &str, values: &[&dyn ToValue]) -> Deferred<u64> {
        self.0.operation(sql, values)
    }

    /// As [`Connection::simple_query`].
    #[track_caller]
    pub fn simple_query(&self, sql: &str) -> Deferred<Vec<SimpleAnswer>> {
        self.0.simple_query(sql)
    }

    /// As [`Connection::prepare`].
    #[track_caller]
    pub fn prepare(&self, sql: &str) -> Deferred<Statement> {
        self.0.prepare(sql)
    }

    /// As [`Connection::cancel`].
    #[track_caller]
    pub fn cancel(&self) -> Deferred<()> {
        self.0.cancel()
    }
}

impl fmt::Debug for PooledConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PooledConnection").field(&*self.0).finish()
    }
}

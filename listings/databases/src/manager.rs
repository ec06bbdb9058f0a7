//! What a pool must know of PostgreSQL's connections: how one is made, checked, and cleaned of what
//! a borrower left.
use crate::{
    Connection, generic_pool,
    session::{Status, extended_query},
};
use deferreds::{Deferred, Failure};
use reactor::Handle;

/// How a connection is made.
pub(crate) type Connect = Box<dyn Fn(&Handle) -> Deferred<Connection>>;

/// What the pool knows of PostgreSQL's connections; it holds how one is made.
pub(crate) struct PostgresManager(pub(crate) Connect);

impl generic_pool::ManageConnection for PostgresManager {
    type Connection = Connection;

    fn connect(&self, reactor: &Handle) -> Deferred<Connection> {
        (self.0)(reactor)
    }

    fn is_lost(&self, connection: &Connection) -> bool {
        connection.is_lost()
    }

    fn is_clean(&self, connection: &Connection) -> bool {
        connection.pending() == 0 && connection.status() == Status::Idle
    }

    // ANCHOR: clean
    /// Interrupts what was cancelled, waits for all answers, and rolls back. Outside of a
    /// transaction a ROLLBACK is a warning.
    fn clean(&self, connection: &Connection) -> Deferred<()> {
        let stopped = if connection.has_only_cancelled() {
            connection.cancel()
        } else {
            Deferred::succeed(())
        };
        let connection = connection.clone();
        stopped.add_both(move |_| {
            let back = connection.send(extended_query("ROLLBACK", &[]));
            back.add_callback(move |_| match connection.status() {
                Status::Idle => Ok(()),
                _ => Err(Failure::new("the transaction did not end")),
            })
        })
    }
    // ANCHOR_END: clean

    fn check(&self, connection: &Connection) -> Deferred<()> {
        connection.operation("", &[]).add_callback(|_| Ok(()))
    }

    fn abort(&self, connection: &Connection) {
        connection.abort();
    }
}

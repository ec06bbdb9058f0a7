//! The blocking way, to see what it costs: a connection that waits in its own thread, and threads
//! that keep one each.
use crate::{Connection, Row, Settings, ToValue, connect};
use deferreds::{Deferred, Failure, defer_to_thread};
use reactor::{Handle, Os, Reactor};
use std::{cell::RefCell, fmt, rc::Rc, time::Duration};

/// A connection whose questions return their answers, and block the thread until those are there.
/// This is how a blocking driver is made of one that does not block: with a loop of its own, which
/// turns until the answer is there. Do not use it in a callback.
pub struct BlockingConnection {
    connection: Connection,
    reactor: Reactor,
}

impl BlockingConnection {
    /// Connects and logs in.
    ///
    /// # Errors
    /// As [`connect`].
    pub fn new(settings: &Settings) -> Result<BlockingConnection, Failure> {
        let mut reactor = Reactor::new(Os::new()?);
        let made = connect(&reactor.handle(), settings);
        let connection = wait(&mut reactor, made)?;
        Ok(BlockingConnection {
            connection,
            reactor,
        })
    }

    /// Asks, waits, and returns the rows.
    ///
    /// # Errors
    /// As [`Connection::query`].
    pub fn query(&mut self, sql: &str, values: &[&dyn ToValue]) -> Result<Vec<Row>, Failure> {
        let rows = self.connection.query(sql, values);
        wait(&mut self.reactor, rows)
    }

    /// Runs `f` between BEGIN and COMMIT; when it fails, ROLLBACK takes the place of COMMIT.
    ///
    /// # Errors
    /// That of `f`, and those of BEGIN and COMMIT.
    pub fn transaction<T>(
        &mut self,
        f: impl FnOnce(&mut BlockingConnection) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        self.query("BEGIN", &[])?;
        let result = f(self);
        match result {
            Ok(value) => {
                self.query("COMMIT", &[])?;
                Ok(value)
            }
            Err(failure) => {
                self.query("ROLLBACK", &[])?;
                Err(failure)
            }
        }
    }
}

impl fmt::Debug for BlockingConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BlockingConnection")
            .field(&self.connection)
            .finish()
    }
}

// ANCHOR: wait
/// Turns until it has fired.
fn wait<T: 'static>(reactor: &mut Reactor, deferred: Deferred<T>) -> Result<T, Failure> {
    let found = Rc::new(RefCell::new(None));
    let keeps = Rc::clone(&found);
    deferred.on_result(move |result| *keeps.borrow_mut() = Some(result));
    loop {
        if let Some(result) = found.take() {
            return result;
        }
        reactor.turn(Some(Duration::from_secs(1)))?;
    }
}
// ANCHOR_END: wait

thread_local! {
    /// The connection of this thread, and to where.
    static THREAD_CONNECTION: RefCell<Option<(Settings, BlockingConnection)>> = const { RefCell::new(None) };
}

// ANCHOR: in_thread
/// Runs `f` in a thread of the reactor's, in a transaction on that thread's own connection, and
/// fires here with what it returns. A connection cannot move to another thread, so each thread
/// makes one when it first needs it, and keeps it.
///
/// Source: [`adbapi`](https://docs.twisted.org/en/stable/core/howto/rdbms.html), which does the
/// same with any blocking driver.
#[track_caller]
pub fn in_thread<T: Send + 'static>(
    reactor: &Handle,
    settings: &Settings,
    f: impl FnOnce(&mut BlockingConnection) -> Result<T, Failure> + Send + 'static,
) -> Deferred<T> {
    let settings = settings.clone();
    defer_to_thread(reactor, move || {
        let kept = THREAD_CONNECTION
            .take()
            .filter(|(to, kept)| *to == settings && !kept.connection.is_lost());
        let mut connection = match kept {
            Some((_, kept)) => kept,
            None => BlockingConnection::new(&settings)?,
        };
        let result = connection.transaction(f);
        // One whose transaction did not end is not kept.
        if !connection.connection.is_in_transaction() {
            THREAD_CONNECTION.set(Some((settings, connection)));
        }
        result
    })
}
// ANCHOR_END: in_thread

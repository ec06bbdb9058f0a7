//! A transaction: BEGIN, what you do, then COMMIT or ROLLBACK; and what can go wrong with the last
//! two.
use crate::{
    ConnectionLost, Row, ToValue, functions, generic_pool::Loan, manager::PostgresManager,
    session::Status, session::extended_query,
};
use deferreds::{Cancelled, Deferred, Failure, Outcome, Resolver, maybe_deferred};
use std::{cell::Cell, error::Error, fmt, rc::Rc};

/// How much a transaction sees of what others do at the same time.
///
/// Source: [PostgreSQL's levels](https://www.postgresql.org/docs/current/transaction-iso.html).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Isolation {
    /// Each statement sees what was committed before it began.
    #[default]
    ReadCommitted,
    /// All statements see what was committed before the first. May fail with `40001`: do it again.
    RepeatableRead,
    /// As if transactions ran one after the other. May fail with `40001`: do it again.
    Serializable,
}

impl Isolation {
    fn begin(self) -> &'static str {
        match self {
            Isolation::ReadCommitted => "BEGIN ISOLATION LEVEL READ COMMITTED",
            Isolation::RepeatableRead => "BEGIN ISOLATION LEVEL REPEATABLE READ",
            Isolation::Serializable => "BEGIN ISOLATION LEVEL SERIALIZABLE",
        }
    }
}

/// What an interaction asks. Clones mean the same one. When the interaction is over, whatever is
/// asked fails with [`TransactionOver`].
#[derive(Clone)]
pub struct Transaction(Rc<Inner>);

/// Shared by the clones of a transaction.
struct Inner {
    /// Taken when the transaction is over, and then back in the pool.
    loan: Cell<Option<Rc<Loan<PostgresManager>>>>,
}

impl Transaction {
    /// As [`Connection::query`](crate::Connection::query).
    #[track_caller]
    pub fn query(&self, sql: &str, values: &[&dyn ToValue]) -> Deferred<Vec<Row>> {
        match self.0.loan() {
            Some(loan) => loan.query(sql, values),
            None => Deferred::fail(TransactionOver),
        }
    }

    /// As [`Connection::operation`](crate::Connection::operation).
    #[track_caller]
    pub fn operation(&self, sql: &str, values: &[&dyn ToValue]) -> Deferred<u64> {
        match self.0.loan() {
            Some(loan) => loan.operation(sql, values),
            None => Deferred::fail(TransactionOver),
        }
    }

    /// As [`ConnectionPool::call`](crate::ConnectionPool::call), in this transaction.
    #[track_caller]
    pub fn call(&self, name: &str, values: &[&dyn ToValue]) -> Deferred<Vec<Row>> {
        match functions::call(name, values.len()) {
            Ok(sql) => self.query(&sql, values),
            Err(error) => Deferred::fail(error),
        }
    }
}

impl fmt::Debug for Transaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transaction")
            .field("over", &self.0.loan().is_none())
            .finish()
    }
}

impl Inner {
    fn loan(&self) -> Option<Rc<Loan<PostgresManager>>> {
        let loan = self.loan.take();
        self.loan.set(loan.clone());
        loan
    }

    fn end(&self) -> Option<Rc<Loan<PostgresManager>>> {
        self.loan.take()
    }
}

/// Ends the transaction with the interaction, however that ends: a stage that panics drops this,
/// and the pool rolls back.
struct EndOnDrop(Rc<Inner>);

impl Drop for EndOnDrop {
    fn drop(&mut self) {
        drop(self.0.end());
    }
}

// ANCHOR: run
/// Begins, runs `f`, and ends as its outcome says.
pub(crate) fn run<R: Outcome>(
    loan: Loan<PostgresManager>,
    isolation: Isolation,
    f: impl FnOnce(Transaction) -> R + 'static,
) -> Deferred<R::Value> {
    let inner = Rc::new(Inner {
        loan: Cell::new(Some(Rc::new(loan))),
    });
    let guard = EndOnDrop(Rc::clone(&inner));
    let transaction = Transaction(inner);
    // BEGIN is waited for. If it failed and the rest were under way, each statement would commit on
    // its own.
    let begun = transaction.operation(isolation.begin(), &[]);
    begun.add_callback(move |_| {
        let outcome = maybe_deferred(|| f(transaction));
        outcome.add_both(move |result| match result {
            Ok(value) => commit(&guard).add_callback(move |()| Ok(value)),
            Err(failure) => roll_back(&guard, failure),
        })
    })
}
// ANCHOR_END: run

/// Fires when it is committed. It cannot be cancelled: the server may have done it by then.
fn commit(guard: &EndOnDrop) -> Deferred<()> {
    let Some(loan) = guard.0.end() else {
        return Deferred::fail(TransactionOver);
    };
    if loan.pending() == 0 && loan.status() == Status::Idle {
        // `f` has ended the transaction itself.
        return Deferred::fail(TransactionOver);
    }
    // Cancelled, a Deferred would fail at once. The canceller keeps its resolver for later instead.
    let late: Rc<Cell<Option<Resolver<()>>>> = Rc::default();
    let keeps = Rc::clone(&late);
    let (resolver, committed) = Deferred::with_canceller(move |later| keeps.set(Some(later)));
    let asked = loan.send(extended_query("COMMIT", &[]));
    asked.on_result(move |result| {
        drop(loan);
        late.take().unwrap_or(resolver).fire(match result {
            Ok(answer) if answer.tag == "COMMIT" => Ok(()),
            Ok(_) => Err(RolledBack.into()),
            Err(failure) => Err(match failure.trap::<ConnectionLost>() {
                Ok(lost) => CommitUnknown(lost).into(),
                Err(failure) => failure,
            }),
        });
    });
    committed
}

/// Fires with the failure that made it necessary, when it is rolled back.
fn roll_back<T: 'static>(guard: &EndOnDrop, failure: Failure) -> Deferred<T> {
    let Some(loan) = guard.0.end() else {
        return Deferred::fail(failure);
    };
    // Cancelled, or gone: the pool does it, or has nothing to do. A cancel is answered at once.
    if failure.check::<Cancelled>().is_some() || loan.is_lost() || loan.pending() > 0 {
        return Deferred::fail(failure);
    }
    let asked = loan.send(extended_query("ROLLBACK", &[]));
    asked.add_both(move |result| {
        drop(loan);
        match result {
            Ok(_) => Err(failure),
            Err(rollback) => Err(RollbackFailed { failure, rollback }.into()),
        }
    })
}

/// The interaction is over, or has ended its own transaction: there is nothing to ask and nothing to
/// commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TransactionOver;

impl fmt::Display for TransactionOver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "the transaction is over: ask nothing after the interaction's outcome, and send no COMMIT or ROLLBACK of your own",
        )
    }
}

impl Error for TransactionOver {}

/// PostgreSQL rolled back although COMMIT was sent, because a statement of the transaction had
/// failed. (It says so in one word, and not as an error.)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RolledBack;

impl fmt::Display for RolledBack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "rolled back, not committed: a statement had failed, and the interaction went on as if it had not",
        )
    }
}

impl Error for RolledBack {}

/// The connection was lost while COMMIT was on its way. It may be done, or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitUnknown(ConnectionLost);

impl fmt::Display for CommitUnknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "committed or not, nobody knows: {}", self.0)
    }
}

impl Error for CommitUnknown {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

/// The interaction failed, and then its rollback did.
#[derive(Debug)]
pub struct RollbackFailed {
    failure: Failure,
    rollback: Failure,
}

impl RollbackFailed {
    /// Returns why it was to be rolled back.
    #[must_use]
    pub fn failure(&self) -> &Failure {
        &self.failure
    }

    /// Returns why the rollback failed.
    #[must_use]
    pub fn rollback(&self) -> &Failure {
        &self.rollback
    }
}

impl fmt::Display for RollbackFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let RollbackFailed { failure, rollback } = self;
        write!(f, "{failure}; and the rollback failed: {rollback}")
    }
}

impl Error for RollbackFailed {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(self.failure.error())
    }
}

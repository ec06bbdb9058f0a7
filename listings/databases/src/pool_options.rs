//! The options of a pool, its state, and its errors.
use std::{error::Error, fmt, panic::Location, time::Duration};

/// How large a pool is, and how long anything may take.
///
/// ```
/// use databases::PoolOptions;
/// let small = PoolOptions { size: 2, ..PoolOptions::default() };
/// assert_eq!(small.wait.as_secs(), 10);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolOptions {
    /// The most connections at one time; 10. A pool begins with none and makes them when they are
    /// needed.
    pub size: usize,
    /// How long a borrower waits for one; 10 s. Then it fails with [`PoolTimeout`].
    pub wait: Duration,
    /// The most borrowers that wait; 1000. One more fails at once with [`PoolTimeout`].
    pub most_waiting: usize,
    /// How long connecting and logging in may take, and a sign of life; 10 s.
    pub connect: Duration,
    /// How long it may take to end what a borrower left behind; 5 s. Then the connection is given
    /// up.
    pub clean: Duration,
    /// After how much idleness a connection has to show that it lives before it is lent; 30 s. One
    /// whose end has been heard of is never lent.
    pub check_after: Duration,
}

impl Default for PoolOptions {
    fn default() -> PoolOptions {
        PoolOptions {
            size: 10,
            wait: Duration::from_secs(10),
            most_waiting: 1000,
            connect: Duration::from_secs(10),
            clean: Duration::from_secs(5),
            check_after: Duration::from_secs(30),
        }
    }
}

/// What a pool does at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolState {
    /// The most connections that it may have.
    pub size: usize,
    /// Connections that are not in use.
    pub idle: usize,
    /// Connections that are lent, or made clean after that.
    pub busy: usize,
    /// Connections that are being made, or checked.
    pub connecting: usize,
    /// Borrowers that wait.
    pub waiting: usize,
}

impl fmt::Display for PoolState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let PoolState {
            size,
            idle,
            busy,
            connecting,
            waiting,
        } = self;
        write!(
            f,
            "size {size}, {busy} busy, {idle} idle, {connecting} connecting, {waiting} waiting"
        )
    }
}

/// No connection came in time. It says what the pool was doing, because that has many causes: all
/// busy is a pool too small, a connection that is not given back, or a borrower that asks for a
/// second one while it holds the last; none busy and some connecting is a server that does not
/// answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolTimeout {
    pub(crate) state: PoolState,
    pub(crate) waited: Duration,
    pub(crate) oldest: Option<(&'static Location<'static>, Duration)>,
}

impl PoolTimeout {
    /// Returns what the pool was doing.
    #[must_use]
    pub fn state(&self) -> PoolState {
        self.state
    }

    /// Returns where the connection was borrowed that has been away longest, and for how long.
    #[must_use]
    pub fn oldest_loan(&self) -> Option<(&'static Location<'static>, Duration)> {
        self.oldest
    }
}

impl fmt::Display for PoolTimeout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.waited.is_zero() {
            write!(f, "no more may wait for a connection: {}", self.state)?;
        } else {
            let waited = self.waited.as_secs_f64();
            write!(f, "no connection within {waited} s: {}", self.state)?;
        }
        if let Some((place, time)) = self.oldest {
            let time = time.as_secs_f64();
            write!(f, "; the oldest loan is {time:.1} s old, from {place}")?;
        }
        Ok(())
    }
}

impl Error for PoolTimeout {}

/// The pool was closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolClosed;

impl fmt::Display for PoolClosed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the pool is closed")
    }
}

impl Error for PoolClosed {}

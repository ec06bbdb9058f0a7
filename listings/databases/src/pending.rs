//! What has been asked and not answered yet, oldest first, and how much of it a connection takes.
use deferreds::{Deferred, Resolver};
use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    error::Error,
    fmt,
};
use transports::Transport;

/// The most questions without an answer, unless a connection is told otherwise.
pub(crate) const MAX_PENDING: usize = 10_000;

/// With this many bytes that the socket has not taken, no more questions are: 64 MiB.
const MAX_UNSENT: usize = 64 << 20;

/// The resolvers of all that has no answer. One whose caller has left stays: its answer will come,
/// and must go to no other caller.
pub(crate) struct Pending<T: 'static> {
    resolvers: RefCell<VecDeque<Resolver<T>>>,
    most: Cell<usize>,
}

impl<T: 'static> Default for Pending<T> {
    fn default() -> Self {
        Pending {
            resolvers: RefCell::default(),
            most: Cell::new(MAX_PENDING),
        }
    }
}

impl<T: 'static> Pending<T> {
    // ANCHOR: has_room
    /// Fails when no more may be asked.
    pub(crate) fn has_room(&self, transport: Option<&Transport>) -> Result<(), TooManyPending> {
        let pending = self.len();
        let unsent = transport.map_or(0, Transport::waiting);
        if pending >= self.most.get() || unsent >= MAX_UNSENT {
            return Err(TooManyPending { pending, unsent });
        }
        Ok(())
    }
    // ANCHOR_END: has_room

    pub(crate) fn limit(&self, most: usize) {
        self.most.set(most);
    }

    /// Adds a resolver at the end of the queue, and returns its Deferred.
    #[track_caller]
    pub(crate) fn push(&self) -> Deferred<T> {
        let (resolver, answer) = Deferred::new();
        self.resolvers.borrow_mut().push_back(resolver);
        answer
    }

    /// Takes the resolver that has waited longest.
    pub(crate) fn take_oldest(&self) -> Option<Resolver<T>> {
        self.resolvers.borrow_mut().pop_front()
    }

    pub(crate) fn len(&self) -> usize {
        self.resolvers.borrow().len()
    }

    /// Whether there are some, and all of them have been cancelled.
    pub(crate) fn has_only_cancelled(&self) -> bool {
        let resolvers = self.resolvers.borrow();
        !resolvers.is_empty() && resolvers.iter().all(Resolver::is_cancelled)
    }
}

/// The question was not sent: too many before it on this connection have no answer. Ask again when
/// some have, ask less at a time, or spread it over a pool. Typically caused by a loop that asks
/// without waiting, or by a server that has stopped answering while its callers time out and ask
/// again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyPending {
    pub(crate) pending: usize,
    pub(crate) unsent: usize,
}

impl TooManyPending {
    /// Returns how many questions had no answer.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.pending
    }

    /// Returns how many bytes the operating system had not taken.
    #[must_use]
    pub fn unsent(&self) -> usize {
        self.unsent
    }
}

impl fmt::Display for TooManyPending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let TooManyPending { pending, unsent } = self;
        write!(
            f,
            "not sent: {pending} questions before it have no answer yet ({unsent} bytes of them are not sent); \
             wait for some before you ask more"
        )
    }
}

impl Error for TooManyPending {}

//! The end of a Deferred that promises: it fires once.
use crate::{
    Cancelled, Failure,
    core::{
        chain::{Chain, Link, State},
        output::Promise,
        trampoline,
    },
};
use std::{cell::Cell, fmt, mem, panic::Location, rc::Rc};

/// The end that promises a result. Firing consumes it, so it fires once.
///
/// Dropped unfired, it fires the failure [`Abandoned`](crate::Abandoned): the waiting end hears
/// that nothing will come. That holds while a panic unwinds, too. When the loop is running a chain,
/// the chain of a dropped resolver runs after that one. A stage that owns the resolver of its own
/// chain waits for itself, which cannot be seen: then only cancelling frees both.
///
/// ```
/// use deferreds::Deferred;
/// let (resolver, poem) = Deferred::new();
/// resolver.callback("Gather ye rosebuds while ye may");
/// assert_eq!(poem.into_result().unwrap().unwrap().len(), 31);
/// ```
///
/// A second call does not compile:
///
/// ```compile_fail,E0382
/// let (resolver, poem) = deferreds::Deferred::<u32>::new();
/// resolver.callback(1);
/// resolver.callback(2);
/// ```
#[must_use = "dropping it fires the failure `Abandoned`"]
pub struct Resolver<T: 'static> {
    head: Option<Rc<dyn Promise<T>>>,
    /// The state of the chain in which this resolver may fire it.
    state: State,
}

impl<T: 'static> Resolver<T> {
    pub(crate) fn from_parts(head: Rc<dyn Promise<T>>, state: State) -> Resolver<T> {
        Resolver {
            head: Some(head),
            state,
        }
    }

    /// Returns the head of the chain that it fires, unless that was cancelled.
    pub(crate) fn head(&self) -> Option<Rc<dyn Link>> {
        let head = self.head.as_ref()?;
        self.may_fire(head.chain())
            .then(|| head.clone() as Rc<dyn Link>)
    }

    /// Returns what it fires, and in which state.
    #[inline]
    fn into_parts(mut self) -> Option<(Rc<dyn Promise<T>>, State)> {
        let (head, state) = (self.head.take()?, self.state);
        mem::forget(self); // It is empty.
        Some((head, state))
    }

    /// Fires with the result of a chain that this one waited for. Returns the link to run next.
    pub(crate) fn fire_next(
        self,
        at: &'static Location<'static>,
        result: Result<T, Failure>,
    ) -> Option<Rc<dyn Link>> {
        let (head, state) = self.into_parts()?;
        fire_waiting(head, state, at, result)
    }

    /// Fires with a value. All stages that can run do so before this returns, also when a stage of
    /// another chain calls it. Only when 16 chains run inside each other does the next one wait
    /// until the outermost is done, so that the stack does not overflow.
    #[track_caller]
    #[inline]
    pub fn callback(self, value: T) {
        self.fire(Ok(value));
    }

    /// Fires with a failure. A text is none, as it has no type to look for ([`Failure::new`] makes
    /// it one):
    ///
    /// ```compile_fail,E0277
    /// let (resolver, _poem) = deferreds::Deferred::<u32>::new();
    /// resolver.errback("text");
    /// ```
    ///
    /// ```
    /// use deferreds::Deferred;
    /// use std::io;
    /// let (resolver, poem) = Deferred::<String>::new();
    /// let (line, error) = (line!() + 1, io::Error::from(io::ErrorKind::ConnectionRefused));
    /// resolver.errback(error);
    /// let failure = poem.into_result().unwrap().unwrap_err();
    /// assert_eq!(failure.location().line(), line);
    /// ```
    #[track_caller]
    #[inline]
    pub fn errback(self, failure: impl Into<Failure>) {
        self.fire(Err(failure.into()));
    }

    /// Fires with a result of either kind.
    #[track_caller]
    #[inline]
    pub fn fire(self, result: Result<T, Failure>) {
        self.fire_at(Location::caller(), result);
    }

    #[inline]
    pub(crate) fn fire_at(self, at: &'static Location<'static>, result: Result<T, Failure>) {
        if let Some((head, state)) = self.into_parts() {
            head.fire(state, at, result);
        }
    }

    /// Fires what a cancelled one fires that has no canceller.
    pub(crate) fn cancelled(self) {
        if let Some(head) = &self.head {
            let at = head.chain().made;
            self.fire_at(at, Err(Failure::at(at, Cancelled)));
        }
    }

    /// Returns whether firing would be in vain, because the other end was cancelled.
    ///
    /// ```
    /// use deferreds::Deferred;
    /// let (resolver, poem) = Deferred::<String>::new();
    /// let canceller = poem.canceller();
    /// assert!(!resolver.is_cancelled());
    /// canceller.cancel();
    /// assert!(resolver.is_cancelled());
    /// # poem.add_errback(|_| Ok(String::new()));
    /// ```
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.head
            .as_ref()
            .is_none_or(|head| !self.may_fire(head.chain()))
    }

    fn may_fire(&self, chain: &Chain) -> bool {
        chain.state.get() == self.state
    }
}

impl<T: 'static> Drop for Resolver<T> {
    #[inline]
    fn drop(&mut self) {
        let Some(head) = self.head.take() else { return };
        if self.may_fire(head.chain()) {
            abandon(&head, self.state);
        }
        trampoline::let_go(head);
    }
}

/// A resolver was dropped unfired.
#[cold]
fn abandon<T: 'static>(head: &Rc<dyn Promise<T>>, state: State) {
    let chain = head.chain();
    // That is the answer of a canceller. It is fired when the canceller has returned.
    if state == State::Cancelling && chain.in_canceller.get() {
        return chain.state.set(State::Declined);
    }
    let at = chain.made;
    let failure = match state {
        State::Cancelling => Failure::at(at, Cancelled),
        _ => Failure::abandoned(at),
    };
    trampoline::step_inside(Rc::new(Abandon {
        head: head.clone(),
        state,
        failure: Cell::new(Some(failure)),
    }));
}

/// A link of its own, because the canceller that is dropped with the head may own the next
/// resolver.
struct Abandon<T: 'static> {
    head: Rc<dyn Promise<T>>,
    state: State,
    failure: Cell<Option<Failure>>,
}

impl<T: 'static> Link for Abandon<T> {
    fn chain(&self) -> &Chain {
        self.head.chain()
    }

    fn step(self: Rc<Self>) -> Option<Rc<dyn Link>> {
        let failure = self.failure.take()?;
        let at = self.head.chain().made;
        fire_waiting(self.head.clone(), self.state, at, Err(failure))
    }
}

/// Fires a chain that may have waited for another, and now waits no longer.
fn fire_waiting<T: 'static>(
    head: Rc<dyn Promise<T>>,
    state: State,
    at: &'static Location<'static>,
    result: Result<T, Failure>,
) -> Option<Rc<dyn Link>> {
    let chain = head.chain();
    if chain.state.get() == state {
        chain.stop_waiting();
    }
    head.fire_next(state, at, result)
}

impl<T: 'static> fmt::Debug for Resolver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resolver")
            .field("cancelled", &self.is_cancelled())
            .finish()
    }
}

//! The end of a Deferred that promises: it fires once.
use crate::{
    Cancelled, Failure,
    chain::{Shared, Turn},
    drive::{self, Part, Step},
    root::Origin,
};
use std::{cell::Cell, fmt, mem, panic::Location, rc::Rc};

/// The end that promises a result. Firing consumes it, so nobody fires twice.
///
/// Dropped unfired, it fires the failure [`Abandoned`](crate::Abandoned): whoever waits hears that nothing will come. That holds while a
/// panic unwinds, too. When the loop is running a chain, the chain of a dropped resolver runs after that one. A stage
/// that owns the resolver of its own chain waits for itself, which nobody can see: then only cancelling frees both.
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
    root: Option<Rc<dyn Origin<T>>>,
    turn: Turn,
}

impl<T: 'static> Resolver<T> {
    pub(crate) fn from_parts(root: Rc<dyn Origin<T>>, turn: Turn) -> Resolver<T> {
        Resolver {
            root: Some(root),
            turn,
        }
    }

    /// The chain that it fires, unless that was cancelled.
    pub(crate) fn shared(&self) -> Option<Shared> {
        let root = self.root.as_ref()?;
        self.may_fire(&**root).then(|| root.clone() as Shared)
    }

    /// What it fires, and as whom.
    #[inline]
    fn into_parts(mut self) -> Option<(Rc<dyn Origin<T>>, Turn)> {
        let (root, turn) = (self.root.take()?, self.turn);
        mem::forget(self); // Nothing is left in it.
        Some((root, turn))
    }

    /// Fires, and gives what is to run next.
    pub(crate) fn begin(
        self,
        at: &'static Location<'static>,
        result: Result<T, Failure>,
    ) -> Option<Rc<dyn Step>> {
        let (root, turn) = self.into_parts()?;
        root.begin(turn, at, result)
    }

    /// Fires with a value. All stages that can run do so before this returns, also when a stage of another chain calls
    /// it. Only when 16 chains run inside each other does the next one wait until the outermost is done, so that the
    /// stack does not overflow.
    #[track_caller]
    #[inline]
    pub fn callback(self, value: T) {
        self.fire(Ok(value));
    }

    /// Fires with a failure. A text is none, as it has no type to look for ([`Failure::new`] makes it one):
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
        if let Some((root, turn)) = self.into_parts() {
            root.fire(turn, at, result);
        }
    }

    /// Fires what a cancelled one fires that has no canceller.
    pub(crate) fn cancelled(self) {
        if let Some(root) = &self.root {
            let at = root.chain().made;
            self.fire_at(at, Err(Failure::at(at, Cancelled)));
        }
    }

    /// Whether firing would tell nobody, because the other end was cancelled.
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
        self.root
            .as_ref()
            .is_none_or(|root| !self.may_fire(&**root))
    }

    fn may_fire(&self, root: &dyn Origin<T>) -> bool {
        root.chain().turn.get() == self.turn
    }
}

impl<T: 'static> Drop for Resolver<T> {
    #[inline]
    fn drop(&mut self) {
        let Some(root) = self.root.take() else { return };
        if self.may_fire(&*root) {
            abandon(&root, self.turn);
        }
        drive::let_go(root);
    }
}

#[cold]
fn abandon<T: 'static>(root: &Rc<dyn Origin<T>>, turn: Turn) {
    let chain = root.chain();
    if turn == Turn::Second && chain.asking.get() {
        return chain.turn.set(Turn::Declined);
    }
    let at = chain.made;
    let failure = match turn {
        Turn::Second => Failure::at(at, Cancelled),
        _ => Failure::abandoned(at),
    };
    drive::step_inside(Rc::new(Abandon {
        root: root.clone(),
        turn,
        failure: Cell::new(Some(failure)),
    }));
}

/// A resolver was dropped. A step of its own, because the canceller that is dropped with it may own the next resolver.
struct Abandon<T: 'static> {
    root: Rc<dyn Origin<T>>,
    turn: Turn,
    failure: Cell<Option<Failure>>,
}

impl<T> Part for Abandon<T> {}

impl<T> Step for Abandon<T> {
    fn step(self: Rc<Self>) -> Option<Rc<dyn Step>> {
        let failure = self.failure.take()?;
        let at = self.root.chain().made;
        self.root.clone().begin(self.turn, at, Err(failure))
    }
}

impl<T: 'static> fmt::Debug for Resolver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resolver")
            .field("cancelled", &self.is_cancelled())
            .finish()
    }
}

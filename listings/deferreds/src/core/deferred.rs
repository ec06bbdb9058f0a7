//! The end of a Deferred that waits: what to do with a result that is not there yet.
use crate::{
    Canceller, Failure, Next, Outcome, Pauser, Resolver,
    core::{
        chain::{Link, State},
        head::{Head, NoUndo, Undo},
        output::Tail,
        stage::{Rails, Stage},
        trampoline,
    },
};
use std::{fmt, panic::Location, rc::Rc};

/// A result that is not there yet, and what is to be done with it.
///
/// Each stage consumes the Deferred and returns the next one. A stage returns a `Result`, or a
/// Deferred to wait for: see [`Outcome`]. A value skips errbacks, a failure skips callbacks. A
/// stage that is added after the result came runs at once. A failure that is left unhandled is
/// reported when the Deferred is dropped: to the subscriber of `tracing`, as an error, and without
/// one on standard error.
///
/// ```
/// use deferreds::Deferred;
/// use std::num::ParseIntError;
///
/// let (resolver, answer) = Deferred::<String>::new();
/// let number = answer
///     .add_callback(|text| Ok(text.parse::<u32>()?))
///     .add_errback(|failure| {
///         failure.trap::<ParseIntError>()?;
///         Ok(0)
///     });
/// resolver.callback("forty-two".into());
/// assert_eq!(number.into_result().unwrap().unwrap(), 0);
/// ```
///
/// A stage consumes it, so it has one reader, and two stages cannot both return it:
///
/// ```compile_fail,E0382
/// let (_resolver, poem) = deferreds::Deferred::<String>::new();
/// let length = poem.add_callback(|text| Ok(text.len()));
/// let shout = poem.add_callback(|text| Ok(text.to_uppercase()));
/// ```
///
/// ```compile_fail,E0382
/// use deferreds::Deferred;
/// let (_resolver, poem) = Deferred::<String>::new();
/// let one = Deferred::succeed(()).add_callback(move |()| poem);
/// let two = Deferred::succeed(()).add_callback(move |()| poem);
/// ```
///
/// A callback that is given the Deferred itself instead of its value does not compile either:
///
/// ```compile_fail,E0308
/// use deferreds::Deferred;
/// let (resolver, poem) = Deferred::<String>::new();
/// resolver.callback(Deferred::succeed(String::new()));
/// ```
///
/// It stays in its thread (`Rc`, no locks):
///
/// ```compile_fail,E0277
/// let (_resolver, poem) = deferreds::Deferred::<String>::new();
/// std::thread::spawn(move || drop(poem));
/// ```
///
/// Source:
/// [`twisted.internet.defer.Deferred`](https://docs.twisted.org/en/stable/api/twisted.internet.defer.Deferred.html).
#[must_use = "a failure that comes to a dropped Deferred is reported as unhandled"]
pub struct Deferred<T: 'static> {
    tail: Tail<T>,
    head: Rc<dyn Link>,
}

impl<T: 'static> Deferred<T> {
    /// Returns the two ends: the one that promises, and the one that waits. Cancelled, it fires
    /// [`Cancelled`](crate::Cancelled), and what the resolver fires later is dropped.
    #[allow(clippy::new_ret_no_self)]
    #[track_caller]
    #[inline]
    pub fn new() -> (Resolver<T>, Deferred<T>) {
        Deferred::pair(Location::caller(), None::<NoUndo<T>>)
    }

    /// Does what [`new`](Deferred::new) does, with a canceller that undoes the operation. It is
    /// called at most once, and is given a resolver: it may fire a value or a better error, now or
    /// later. Dropped, that one fires [`Cancelled`](crate::Cancelled). What the first resolver
    /// fires meanwhile is dropped.
    ///
    /// ```
    /// use deferreds::Deferred;
    /// let (_slow, poem) = Deferred::with_canceller(|instead| instead.callback("a haiku"));
    /// poem.canceller().cancel();
    /// assert_eq!(poem.into_result().unwrap().unwrap(), "a haiku");
    /// ```
    #[track_caller]
    pub fn with_canceller(
        canceller: impl FnOnce(Resolver<T>) + 'static,
    ) -> (Resolver<T>, Deferred<T>) {
        Deferred::pair(Location::caller(), Some(canceller))
    }

    #[inline]
    pub(crate) fn pair<F: Undo<T>>(
        made: &'static Location<'static>,
        undo: Option<F>,
    ) -> (Resolver<T>, Deferred<T>) {
        let head = Head::new(made, undo);
        let deferred = Deferred {
            tail: Tail::new(head.clone()),
            head: head.clone(),
        };
        (Resolver::from_parts(head, State::Pending), deferred)
    }

    /// Returns one that has its value.
    #[track_caller]
    pub fn succeed(value: T) -> Deferred<T> {
        Deferred::ready(Ok(value))
    }

    /// Returns one that has failed.
    #[track_caller]
    pub fn fail(failure: impl Into<Failure>) -> Deferred<T> {
        Deferred::ready(Err(failure.into()))
    }

    /// Returns one that has this result.
    #[track_caller]
    pub fn ready(result: Result<T, Failure>) -> Deferred<T> {
        Deferred::ready_at(Location::caller(), result)
    }

    pub(crate) fn ready_at(
        made: &'static Location<'static>,
        result: Result<T, Failure>,
    ) -> Deferred<T> {
        let head = Head::new(made, None::<NoUndo<T>>);
        // No link waits for it yet, so nothing is to run.
        head.take(State::Pending, made, result);
        Deferred {
            tail: Tail::new(head.clone()),
            head,
        }
    }

    /// Calls `f` with the value. A failure passes by.
    #[track_caller]
    #[inline]
    pub fn add_callback<R: Outcome>(self, f: impl FnOnce(T) -> R + 'static) -> Deferred<R::Value> {
        self.stage(
            Location::caller(),
            Rails::Callback,
            move |result| match result {
                Ok(value) => f(value).into_next(),
                Err(failure) => Next::Now(Err(failure)),
            },
        )
    }

    /// Calls `f` with the failure. A value passes by.
    #[track_caller]
    #[inline]
    pub fn add_errback<R: Outcome<Value = T>>(
        self,
        f: impl FnOnce(Failure) -> R + 'static,
    ) -> Deferred<T> {
        self.stage(
            Location::caller(),
            Rails::Errback,
            move |result| match result {
                Ok(value) => Next::Now(Ok(value)),
                Err(failure) => f(failure).into_next(),
            },
        )
    }

    /// Calls `callback` with the value, or `errback` with the failure; `errback` never sees what
    /// `callback` fails with.
    ///
    /// ```
    /// use deferreds::{Deferred, Failure};
    /// let poem = Deferred::succeed(1)
    ///     .add_callbacks(|_| Err(Failure::new("from the callback")), |_| Ok(0));
    /// assert_eq!(poem.into_result().unwrap().unwrap_err().to_string(), "from the callback");
    /// ```
    #[track_caller]
    #[inline]
    pub fn add_callbacks<R: Outcome, S: Outcome<Value = R::Value>>(
        self,
        callback: impl FnOnce(T) -> R + 'static,
        errback: impl FnOnce(Failure) -> S + 'static,
    ) -> Deferred<R::Value> {
        self.stage(
            Location::caller(),
            Rails::Callbacks,
            move |result| match result {
                Ok(value) => callback(value).into_next(),
                Err(failure) => errback(failure).into_next(),
            },
        )
    }

    /// Calls `f` with the result, whichever it is.
    #[track_caller]
    #[inline]
    pub fn add_both<R: Outcome>(
        self,
        f: impl FnOnce(Result<T, Failure>) -> R + 'static,
    ) -> Deferred<R::Value> {
        self.add_both_at(Location::caller(), f)
    }

    #[inline]
    pub(crate) fn add_both_at<R: Outcome>(
        self,
        at: &'static Location<'static>,
        f: impl FnOnce(Result<T, Failure>) -> R + 'static,
    ) -> Deferred<R::Value> {
        self.stage(at, Rails::Both, move |result| f(result).into_next())
    }

    #[inline]
    pub(crate) fn stage<U: 'static>(
        self,
        at: &'static Location<'static>,
        rails: Rails,
        call: impl FnOnce(Result<T, Failure>) -> Next<U> + 'static,
    ) -> Deferred<U> {
        let Deferred { tail, head } = self;
        let stage = Stage::new(&head, at, rails, call);
        let last = tail.into_link();
        // The result is there already: the stage runs now.
        if last.output().connect(stage.clone()) {
            trampoline::run(last);
        }
        Deferred {
            tail: Tail::new(stage),
            head,
        }
    }

    /// Returns the result, if it is there: for tests, and where the answer cannot be late. (trial's
    /// `successResultOf`.)
    ///
    /// # Errors
    /// The Deferred itself, when it has no result yet or is paused.
    #[inline]
    pub fn into_result(self) -> Result<Result<T, Failure>, Deferred<T>> {
        let Deferred { tail, head } = self;
        // A link without its result owns nothing more that the trampoline would have to drop.
        tail.into_link().read().map_err(|link| Deferred {
            tail: Tail::new(link),
            head,
        })
    }

    /// Returns what cancels it, also once it is consumed. See [`Canceller`].
    #[must_use]
    pub fn canceller(&self) -> Canceller {
        Canceller::new(&self.head)
    }

    /// Returns what pauses it, also once it is consumed. See [`Pauser`].
    #[must_use]
    pub fn pauser(&self) -> Pauser {
        Pauser::new(&self.head)
    }

    pub(crate) fn head(&self) -> &Rc<dyn Link> {
        &self.head
    }

    pub(crate) fn into_parts(self) -> (Tail<T>, Rc<dyn Link>) {
        (self.tail, self.head)
    }
}

/// Calls `f` now, and wraps what it returns in a Deferred, whichever kind of outcome it is.
///
/// ```
/// use deferreds::maybe_deferred;
/// let cached = maybe_deferred(|| Ok("from memory"));
/// assert_eq!(cached.into_result().unwrap().unwrap(), "from memory");
/// ```
#[track_caller]
pub fn maybe_deferred<R: Outcome>(f: impl FnOnce() -> R) -> Deferred<R::Value> {
    match f().into_next() {
        Next::Now(result) => Deferred::ready(result),
        Next::Later(deferred) => deferred,
    }
}

/// Calls `f` now and returns its result as a Deferred: [`maybe_deferred`] for functions that never
/// wait.
///
/// ```
/// use deferreds::execute;
/// let pages = execute(|| Ok("42".parse::<u32>()?));
/// assert_eq!(pages.into_result().unwrap().unwrap(), 42);
/// ```
#[track_caller]
pub fn execute<T: 'static>(f: impl FnOnce() -> Result<T, Failure>) -> Deferred<T> {
    Deferred::ready(f())
}

/// One that has this result, as [`ready`](Deferred::ready): for functions that take
/// `impl Into<Deferred<T>>`.
///
/// ```
/// use deferreds::Deferred;
/// let poem = Deferred::from(Ok("Gather ye rosebuds"));
/// assert_eq!(poem.into_result().unwrap().unwrap().len(), 18);
/// ```
impl<T: 'static> From<Result<T, Failure>> for Deferred<T> {
    #[track_caller]
    fn from(result: Result<T, Failure>) -> Deferred<T> {
        Deferred::ready(result)
    }
}

impl<T: 'static> fmt::Debug for Deferred<T> {
    /// Where it was made and fired.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let chain = self.head.chain();
        let mut out = f.debug_struct("Deferred");
        out.field("made", &format_args!("{}", chain.made));
        if let Some(fired) = chain.fired() {
            out.field("fired", &format_args!("{fired}"));
        }
        out.finish()
    }
}

//! The end of a Deferred that waits: what to do with a result that is not there yet.
use crate::{
    Canceller, Failure, Next, Outcome, Pauser, Resolver,
    chain::{Head as _, Shared},
    drive,
    node::{Ending, Input, Rails, Source, Stage, State},
    relay::{self, Relay},
    root::{Root, Turn, Undo},
};
use std::{fmt, panic::Location, rc::Rc};
use trace::Kind;

/// A result that is not there yet, and what is to be done with it.
///
/// Each stage consumes the Deferred and gives the next one. A stage returns a `Result`, or a Deferred to wait for: see
/// [`Outcome`]. A value skips errbacks, a failure skips callbacks. A stage that is added after the result came runs at
/// once. A failure that nobody handled is reported through `tracing`, as an error, when the Deferred is dropped.
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
pub struct Deferred<T: 'static>(Option<Rc<dyn Source<T>>>);

impl<T: 'static> Deferred<T> {
    /// Two ends: who promises, and who waits. Cancelled, it fires [`Cancelled`](crate::Cancelled), and what the
    /// resolver fires later is dropped.
    #[allow(clippy::new_ret_no_self)]
    #[track_caller]
    #[inline]
    pub fn new() -> (Resolver<T>, Deferred<T>) {
        Deferred::pair(Location::caller(), None)
    }

    /// As [`new`](Deferred::new), with a canceller that undoes the operation. It is called at most once, and is given a
    /// resolver: it may fire a value or a better error, now or later. Dropped, that one fires
    /// [`Cancelled`](crate::Cancelled). What the first resolver fires meanwhile is dropped.
    ///
    /// ```
    /// use deferreds::Deferred;
    /// let (_slow, poem) = Deferred::with_canceller(|instead| instead.callback("a haiku".to_owned()));
    /// poem.canceller().cancel();
    /// assert_eq!(poem.into_result().unwrap().unwrap(), "a haiku");
    /// ```
    #[track_caller]
    pub fn with_canceller(
        canceller: impl FnOnce(Resolver<T>) + 'static,
    ) -> (Resolver<T>, Deferred<T>) {
        Deferred::pair(Location::caller(), Some(Box::new(canceller)))
    }

    #[inline]
    fn pair(made: &'static Location<'static>, undo: Option<Undo<T>>) -> (Resolver<T>, Deferred<T>) {
        let root = Root::new(made, undo);
        (
            Resolver::from_parts(root.clone(), Turn::First),
            Deferred(Some(root)),
        )
    }

    /// One that has its value.
    #[track_caller]
    pub fn succeed(value: T) -> Deferred<T> {
        Deferred::ready(Ok(value))
    }

    /// One that has failed.
    #[track_caller]
    pub fn fail(failure: impl Into<Failure>) -> Deferred<T> {
        Deferred::ready(Err(failure.into()))
    }

    /// One that has this result.
    #[track_caller]
    pub fn ready(result: Result<T, Failure>) -> Deferred<T> {
        Deferred(Some(Root::ready(Location::caller(), result)))
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

    /// Calls `callback` with the value, or `errback` with the failure; `errback` never sees what `callback` fails with.
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
    fn stage<U: 'static>(
        self,
        at: &'static Location<'static>,
        rails: Rails,
        call: impl FnOnce(Ending<T>) -> Next<U> + 'static,
    ) -> Deferred<U> {
        let source = self.into_source();
        let chain = source.clone().shared();
        let index = chain.chain().next_stage();
        if trace::on() {
            trace::event(Kind::DfAdd)
                .of(chain.chain().object)
                .at(at)
                .attr("stage", || rails.name())
                .attr("i", || index)
                .record();
        }
        let stage = Rc::new(Stage::new(chain, index, rails, call));
        match source.output().take() {
            State::Has(result) => drive::run(stage.clone().give(result)),
            _ => source.output().set(State::Waits(stage.clone())),
        }
        Deferred(Some(stage))
    }

    /// Gives this one's result to `resolver`, as if it fired it, without any stack however long the line is.
    /// Cancelling that resolver's Deferred cancels this one.
    ///
    /// ```
    /// use deferreds::Deferred;
    /// let (resolver, second) = Deferred::new();
    /// Deferred::succeed(7).chain_deferred(resolver);
    /// assert_eq!(second.into_result().unwrap().unwrap(), 7);
    /// ```
    #[track_caller]
    pub fn chain_deferred(self, resolver: Resolver<T>) {
        let source = self.into_source();
        let from = source.clone().shared();
        let (Some(root), turn) = resolver.into_parts() else {
            return;
        };
        if trace::on() {
            trace::event(Kind::DfChain)
                .of(root.chain().object)
                .here()
                .attr("on", || from.chain().object.to_string())
                .attr("explicit", || true)
                .record();
        }
        let relay = Rc::new(Relay::new(root, turn, Location::caller()));
        match source.output().take() {
            State::Has(result) => drive::run(relay::begin(relay, &from, result)),
            _ => {
                relay.fed_by(&from);
                source.output().set(State::Waits(relay));
            }
        }
    }

    /// The result, if it is there: for tests, and where the answer cannot be late. (trial's `successResultOf`.)
    ///
    /// # Errors
    /// The Deferred itself, when it has no result yet or is paused.
    pub fn into_result(mut self) -> Result<Result<T, Failure>, Deferred<T>> {
        let Some(source) = self.0.take() else {
            return Err(self);
        };
        match source.output().take() {
            State::Has(result) if !source.clone().shared().chain().is_paused() => Ok(result),
            state => {
                source.output().set(state);
                Err(Deferred(Some(source)))
            }
        }
    }

    /// What cancels it, also once it is consumed. See [`Canceller`].
    #[must_use]
    pub fn canceller(&self) -> Canceller {
        Canceller::new(&self.shared())
    }

    /// What pauses it, also once it is consumed. See [`Pauser`].
    #[must_use]
    pub fn pauser(&self) -> Pauser {
        Pauser::new(&self.shared())
    }

    pub(crate) fn shared(&self) -> Shared {
        match &self.0 {
            Some(source) => source.clone().shared(),
            None => unreachable!("a Deferred is empty only while it is dropped"),
        }
    }

    /// Every public function leaves a source in: only the ones that consume the Deferred take it.
    pub(crate) fn into_source(mut self) -> Rc<dyn Source<T>> {
        match self.0.take() {
            Some(source) => source,
            None => unreachable!("a Deferred is empty only while it is dropped"),
        }
    }
}

impl<T: 'static> Drop for Deferred<T> {
    #[inline]
    fn drop(&mut self) {
        if let Some(source) = self.0.take() {
            drive::let_go(source);
        }
    }
}

/// Calls `f` now and gives what it returns as a Deferred, whichever kind of outcome it is.
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

impl<T: 'static> fmt::Debug for Deferred<T> {
    /// Where it was made and fired.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shared = self.shared();
        let chain = shared.chain();
        let mut out = f.debug_struct("Deferred");
        out.field("made", &format_args!("{}", chain.made));
        if let Some(fired) = chain.fired.get() {
            out.field("fired", &format_args!("{fired}"));
        }
        out.finish()
    }
}

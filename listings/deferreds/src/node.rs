//! The parts of a chain: the place for a result, a stage, and the link from one chain to another.
use crate::{
    Failure,
    chain::{Shared, same},
    drive::{self, Part, Step},
    errors::WaitsForItself,
    outcome::Next,
};
use std::{cell::Cell, rc::Rc};
use trace::{Kind, Span};

pub(crate) type Ending<T> = Result<T, Failure>;

/// Takes the result of the part before it.
pub(crate) trait Input<T>: Part {
    /// Keeps the result; what is returned runs next.
    fn give(self: Rc<Self>, result: Ending<T>) -> Rc<dyn Step>;
    /// The chain it belongs to.
    fn chain(&self) -> &Shared;
    /// It now gets its result from the chain `from`.
    fn fed_by(&self, from: &Shared);
}

/// A part that a `Deferred<T>` can be the end of.
pub(crate) trait Source<T>: Part {
    fn output(&self) -> &Output<T>;
    fn shared(self: Rc<Self>) -> Shared;
}

pub(crate) enum State<T> {
    /// No result, and nobody asked. Also after the result was given on.
    Empty,
    Waits(Rc<dyn Input<T>>),
    Has(Ending<T>),
}

/// Where a result and the one who takes it meet, whoever comes first.
pub(crate) struct Output<T>(Cell<State<T>>);

impl<T> Output<T> {
    pub(crate) const fn new() -> Output<T> {
        Output(Cell::new(State::Empty))
    }

    #[inline]
    pub(crate) fn take(&self) -> State<T> {
        self.0.replace(State::Empty)
    }

    pub(crate) fn set(&self, state: State<T>) {
        self.0.set(state);
    }

    /// The result is here.
    #[inline]
    pub(crate) fn put(&self, result: Ending<T>) -> Option<Rc<dyn Step>> {
        match self.take() {
            State::Waits(next) => Some(next.give(result)),
            _ => {
                self.set(State::Has(result));
                None
            }
        }
    }

    /// The part that this belongs to is being dropped.
    #[inline]
    pub(crate) fn close(&self, chain: &crate::chain::Chain)
    where
        T: 'static,
    {
        match self.take() {
            State::Empty | State::Has(Ok(_)) => {}
            State::Has(Err(failure)) => chain.report(&failure),
            State::Waits(next) => drive::let_go(next),
        }
    }
}

/// Which results a stage looks at.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rails {
    Callback,
    Errback,
    /// Two functions, of which one is called.
    Callbacks,
    Both,
}

impl Rails {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Rails::Callback => "callback",
            Rails::Errback => "errback",
            Rails::Callbacks => "callbacks",
            Rails::Both => "both",
        }
    }

    fn takes<T>(self, result: &Ending<T>) -> bool {
        match self {
            Rails::Callback => result.is_ok(),
            Rails::Errback => result.is_err(),
            Rails::Callbacks | Rails::Both => true,
        }
    }
}

pub(crate) fn rail<T>(result: &Ending<T>) -> &'static str {
    if result.is_ok() { "ok" } else { "err" }
}

/// What a recording shows of it: the value, if its type is one of those that `trace` knows, or what went wrong.
pub(crate) fn shown<T: 'static>(result: &Ending<T>) -> Option<String> {
    match result {
        Ok(value) => trace::shown(value),
        Err(failure) => Some(failure.to_string()),
    }
}

/// A function in a chain, with the place for its input and for its result: one allocation.
pub(crate) struct Stage<T, U: 'static, F> {
    chain: Shared,
    index: u32,
    rails: Rails,
    input: Cell<Option<Ending<T>>>,
    call: Cell<Option<F>>,
    output: Output<U>,
}

impl<T, U: 'static, F> Stage<T, U, F> {
    pub(crate) fn new(chain: Shared, index: u32, rails: Rails, call: F) -> Stage<T, U, F> {
        Stage {
            chain,
            index,
            rails,
            input: Cell::new(None),
            call: Cell::new(Some(call)),
            output: Output::new(),
        }
    }

    /// A stage that is passed by is no event.
    #[inline]
    fn enter(&self, input: &Ending<T>) -> Option<Span> {
        if !trace::on() || !self.rails.takes(input) {
            return None;
        }
        let chain = self.chain.chain();
        Some(
            trace::event(Kind::CbStart)
                .of(chain.object)
                .cause(chain.fire_event.get())
                .attr("i", || self.index)
                .attr("rail", || rail(input))
                .enter(),
        )
    }
}

impl<T, U: 'static, F> Part for Stage<T, U, F> {}

impl<T, U: 'static, F> Drop for Stage<T, U, F> {
    #[inline]
    fn drop(&mut self) {
        self.output.close(self.chain.chain());
    }
}

impl<T: 'static, U: 'static, F: 'static> Source<U> for Stage<T, U, F> {
    fn output(&self) -> &Output<U> {
        &self.output
    }
    fn shared(self: Rc<Self>) -> Shared {
        self.chain.clone()
    }
}

impl<T: 'static, U: 'static, F> Input<T> for Stage<T, U, F>
where
    F: FnOnce(Ending<T>) -> Next<U> + 'static,
{
    #[inline]
    fn give(self: Rc<Self>, result: Ending<T>) -> Rc<dyn Step> {
        self.chain.chain().wait_for(None);
        self.input.set(Some(result));
        self
    }
    fn chain(&self) -> &Shared {
        &self.chain
    }
    fn fed_by(&self, from: &Shared) {
        self.chain.chain().wait_for(Some(from));
    }
}

impl<T: 'static, U: 'static, F> Step for Stage<T, U, F>
where
    F: FnOnce(Ending<T>) -> Next<U> + 'static,
{
    fn step(self: Rc<Self>) -> Option<Rc<dyn Step>> {
        let chain = self.chain.chain();
        if chain.is_paused() {
            chain.park(self.clone());
            return None;
        }
        let (input, call) = (self.input.take()?, self.call.take()?);
        let span = self.enter(&input);
        let next = match call(input) {
            Next::Now(result) => {
                if let Some(span) = &span {
                    span.attr("rail", || rail(&result));
                    if let Some(value) = shown(&result) {
                        span.attr("value", || value);
                    }
                }
                self.output.put(result)
            }
            Next::Later(inner) => {
                let inner = inner.into_source();
                let from = inner.clone().shared();
                if let Some(span) = &span {
                    trace::event(Kind::DfChain)
                        .of(chain.object)
                        .cause(span.event())
                        .attr("on", || from.chain().object.to_string())
                        .record();
                }
                if same(&from, &self.chain) {
                    let failure = Failure::at(chain.made, WaitsForItself);
                    return self.output.put(Err(failure));
                }
                wait_for(self.clone(), self.output.take(), inner, from)
            }
        };
        drop(span);
        next
    }
}

/// The result of `to` is whatever becomes the result of `inner`, which belongs to the chain `from`. `then` is who
/// waits at `to`.
///
/// Whoever waits at `to` moves over to `inner`, so that a loop of such waits needs no memory for the rounds that are
/// done. A chain that somebody still holds a canceller or a pauser of is not skipped: a [`Link`] keeps it in its place.
pub(crate) fn wait_for<T: 'static>(
    to: Rc<dyn Source<T>>,
    then: State<T>,
    inner: Rc<dyn Source<T>>,
    from: Shared,
) -> Option<Rc<dyn Step>> {
    let mut ready = None;
    match inner.output().take() {
        State::Has(result) if !from.chain().is_paused() => {
            to.output().set(then);
            return to.output().put(result);
        }
        State::Has(result) => ready = Some(result),
        State::Empty | State::Waits(_) => {}
    }
    if ready.is_none()
        && let State::Waits(next) = then
    {
        let chain = to.clone().shared();
        next.chain().chain().wait_for(None);
        let own = same(next.chain(), &chain);
        if Rc::weak_count(&from) == 0 && (own || Rc::weak_count(&chain) == 0) {
            next.fed_by(&from);
            inner.output().set(State::Waits(next));
            return None;
        }
        if !own {
            next.fed_by(&chain);
        }
        to.output().set(State::Waits(next));
    } else if let State::Waits(next) = then {
        to.output().set(State::Waits(next));
    }
    let link = Rc::new(Link::new(to));
    link.fed_by(&from);
    match ready {
        Some(result) => return Some(link.give(result)),
        None => inner.output().set(State::Waits(link)),
    }
    None
}

/// Hands the result of one chain to another.
pub(crate) struct Link<T: 'static> {
    to: Cell<Option<Rc<dyn Source<T>>>>,
    chain: Shared,
    from: Cell<Option<Shared>>,
    input: Cell<Option<Ending<T>>>,
}

impl<T: 'static> Link<T> {
    pub(crate) fn new(to: Rc<dyn Source<T>>) -> Link<T> {
        Link {
            chain: to.clone().shared(),
            to: Cell::new(Some(to)),
            from: Cell::new(None),
            input: Cell::new(None),
        }
    }
}

impl<T: 'static> Part for Link<T> {}

impl<T: 'static> Drop for Link<T> {
    fn drop(&mut self) {
        if let Some(to) = self.to.take() {
            drive::let_go(to);
        }
    }
}

impl<T: 'static> Input<T> for Link<T> {
    fn give(self: Rc<Self>, result: Ending<T>) -> Rc<dyn Step> {
        self.input.set(Some(result));
        self
    }
    fn chain(&self) -> &Shared {
        &self.chain
    }
    fn fed_by(&self, from: &Shared) {
        self.chain.chain().wait_for(Some(from));
        self.from.set(Some(from.clone()));
    }
}

impl<T: 'static> Step for Link<T> {
    fn step(self: Rc<Self>) -> Option<Rc<dyn Step>> {
        if let Some(from) = self.from.take()
            && from.chain().is_paused()
        {
            self.from.set(Some(from.clone()));
            from.chain().park(self);
            return None;
        }
        self.chain.chain().wait_for(None);
        let (result, to) = (self.input.take()?, self.to.take()?);
        to.output().put(result)
    }
}

//! A stage: a function in a chain, and what happens when it returns a Deferred.
use crate::{
    Deferred, Failure,
    chain::{self, Chain, Shared},
    drive::{Part, Step},
    errors::WaitsForItself,
    handover::Handover,
    node::{End, Ending, Input, Output, Source, State, rail, shown},
    outcome::Next,
};
use std::{cell::Cell, panic::Location, rc::Rc};
use trace::{Kind, Span};

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
    fn name(self) -> &'static str {
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

// ANCHOR: stage
/// A function in a chain, with the place for its input and for its result: one allocation.
pub(crate) struct Stage<T, U: 'static, F> {
    chain: Shared,
    /// Its number in the chain, for a recording.
    index: u32,
    rails: Rails,
    input: Cell<Option<Ending<T>>>,
    call: Cell<Option<F>>,
    output: Output<U>,
}
// ANCHOR_END: stage

impl<T, U: 'static, F> Stage<T, U, F> {
    #[inline]
    pub(crate) fn new(
        chain: Shared,
        at: &'static Location<'static>,
        rails: Rails,
        call: F,
    ) -> Rc<Stage<T, U, F>> {
        let mut index = 0;
        if trace::on() {
            index = chain.chain().next_stage(at, rails.name());
        }
        Rc::new(Stage {
            chain,
            index,
            rails,
            input: Cell::new(None),
            call: Cell::new(Some(call)),
            output: Output::new(),
        })
    }

    /// A stage that is passed by is no event.
    #[inline]
    fn enter(&self, input: &Ending<T>) -> Option<Span> {
        if trace::on() && self.rails.takes(input) {
            Some(self.chain.chain().enter_stage(self.index, rail(input)))
        } else {
            None
        }
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

    fn of(&self) -> &Chain {
        self.chain.chain()
    }
}

impl<T: 'static, U: 'static, F> Input<T> for Stage<T, U, F>
where
    F: FnOnce(Ending<T>) -> Next<U> + 'static,
{
    #[inline]
    fn give(self: Rc<Self>, result: Ending<T>) -> Rc<dyn Step> {
        self.input.set(Some(result));
        self
    }

    fn chain(&self) -> &Shared {
        &self.chain
    }
}

impl<T: 'static, U: 'static, F> Step for Stage<T, U, F>
where
    F: FnOnce(Ending<T>) -> Next<U> + 'static,
{
    fn step(self: Rc<Self>) -> Option<Rc<dyn Step>> {
        let chain = self.chain.chain();
        if chain.is_paused() {
            return chain.unless_paused(self.clone());
        }
        chain.go_on();
        let (input, call) = (self.input.take()?, self.call.take()?);
        let span = self.enter(&input);
        match call(input) {
            Next::Now(result) => {
                if let Some(span) = &span {
                    span.attr("rail", || rail(&result));
                    if let Some(value) = shown(&result) {
                        span.attr("value", || value);
                    }
                }
                // It ends before its result is reported, which may be at once when nobody can read it.
                drop(span);
                self.output.put(chain, result)
            }
            Next::Later(inner) => {
                if let Some(span) = &span {
                    trace::event(Kind::DfChain)
                        .of(chain.object)
                        .cause(span.event())
                        .attr("on", || inner.chain().chain().object.to_string())
                        .record();
                }
                drop(span);
                wait_for(self.clone(), &self.chain, inner)
            }
        }
    }
}

/// A stage, `to`, returned `inner`: whatever becomes the result of `inner` is the stage's, too.
///
/// Whoever waits at `to` moves over to `inner`, so that a loop of such waits needs no memory for the rounds that are
/// done. A chain that somebody still holds a canceller or a pauser of is not skipped: a [`Handover`] keeps it in its
/// place, and is skipped in turn when it is next to a stage that waits again and nobody holds its chain any more.
fn wait_for<T: 'static>(
    to: Rc<dyn Source<T>>,
    own: &Shared,
    inner: Deferred<T>,
) -> Option<Rc<dyn Step>> {
    let (end, from) = inner.into_parts();
    let chain = own.chain();
    if chain::would_wait_for_itself(own, &from) {
        let failure = Failure::at(chain.made, WaitsForItself);
        return to.output().put(chain, Err(failure));
    }
    let inner = end.into_source();
    let link = |to| Handover::new(own.clone(), End::new(to));
    match inner.output().take() {
        State::Has(result) if from.chain().is_paused() => {
            from.chain().unless_paused(link(to).give(result))
        }
        State::Has(result) => to.output().put(chain, result),
        State::Empty | State::Closed | State::Waits(_) => {
            let next = match first(to.output().take(), own) {
                State::Waits(next) if chain::may_be_skipped(own, next.chain()) => next,
                state => {
                    to.output().set(state);
                    link(to)
                }
            };
            next.chain().chain().wait_for(&from);
            inner.output().set(State::Waits(next));
            None
        }
    }
}

/// Who takes the result of `chain` in the end, past the chains that were held when they began to wait and no longer
/// are.
fn first<T>(mut state: State<T>, chain: &Shared) -> State<T> {
    while let State::Waits(next) = &state
        && let Some(behind) = next.behind()
    {
        next.chain().chain().go_on();
        behind.chain().chain().wait_for(chain);
        state = State::Waits(behind);
    }
    state
}

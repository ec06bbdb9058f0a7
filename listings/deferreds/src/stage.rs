//! A stage: a function in a chain, and what happens when it returns a Deferred.
use crate::{
    Deferred, Failure,
    chain::{self, Chain, Shared},
    drive::{Part, Step},
    errors::WaitsForItself,
    handover::Handover,
    node::{End, Ending, Input, Output, Source, pass, rail, shown},
    outcome::Next,
};
use std::{cell::Cell, panic::Location, rc::Rc};
use trace::Kind;

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
/// A function in a chain, with the place for its result and for the one who takes it: one allocation.
pub(crate) struct Stage<U: 'static, F> {
    chain: Shared,
    /// Its number in the chain, for a recording.
    index: u32,
    /// For a recording, too: `call` itself hands on what it does not look at.
    rails: Rails,
    call: Cell<Option<F>>,
    output: Output<U>,
}
// ANCHOR_END: stage

impl<U: 'static, F> Stage<U, F> {
    #[inline]
    pub(crate) fn new(
        chain: &Shared,
        at: &'static Location<'static>,
        rails: Rails,
        call: F,
    ) -> Rc<Stage<U, F>> {
        let mut index = 0;
        if trace::on() {
            index = chain.chain().next_stage(at, rails.name());
        }
        // Not with `Rc::new`: see `Root::new`.
        Rc::new_cyclic(|_| Stage {
            chain: chain.clone(),
            index,
            rails,
            call: Cell::new(Some(call)),
            output: Output::new(),
        })
    }

    /// Calls the function, and records that. A stage that is passed by is no event.
    #[cold]
    fn record<T: 'static>(&self, input: Ending<T>, call: F) -> Next<U>
    where
        F: FnOnce(Ending<T>) -> Next<U>,
    {
        if !self.rails.takes(&input) {
            return call(input);
        }
        let chain = self.chain.chain();
        let span = chain.enter_stage(self.index, rail(&input));
        let next = call(input);
        match &next {
            Next::Now(result) => {
                span.attr("rail", || rail(result));
                if let Some(value) = shown(result) {
                    span.attr("value", || value);
                }
            }
            Next::Later(inner) => {
                trace::event(Kind::DfChain)
                    .of(chain.object())
                    .cause(span.event())
                    .attr("on", || inner.chain().chain().object().to_string())
                    .record();
            }
        }
        // The span ends before the result is reported, which may be at once when nobody can read it.
        next
    }
}

impl<U: 'static, F> Part for Stage<U, F> {}

impl<U: 'static, F> Drop for Stage<U, F> {
    #[inline]
    fn drop(&mut self) {
        self.output.close(|| self.chain.chain());
    }
}

impl<U: 'static, F: 'static> Source<U> for Stage<U, F> {
    fn output(&self) -> &Output<U> {
        &self.output
    }

    fn of(&self) -> &Chain {
        self.chain.chain()
    }

    fn read(self: Rc<Self>) -> Result<Ending<U>, Rc<dyn Source<U>>> {
        if self.chain.chain().is_paused() {
            return Err(self);
        }
        // Each kind is moved on its own, as it was written.
        match self.output.take() {
            Some(Ok(value)) => Ok(Ok(value)),
            Some(Err(failure)) => Ok(Err(failure)),
            None => Err(self),
        }
    }
}

impl<U: 'static, F: 'static> Step for Stage<U, F> {
    fn step(self: Rc<Self>) -> Option<Rc<dyn Step>> {
        pass(self)
    }
}

impl<T: 'static, U: 'static, F> Input<T> for Stage<U, F>
where
    F: FnOnce(Ending<T>) -> Next<U> + 'static,
{
    fn give(self: Rc<Self>, input: Ending<T>) -> Option<Rc<dyn Step>> {
        let call = self.call.take()?;
        let next = if trace::on() {
            self.record(input, call)
        } else {
            call(input)
        };
        match next {
            Next::Now(result) => {
                if self.output.put(|| self.chain.chain(), result) {
                    Some(self)
                } else {
                    None
                }
            }
            Next::Later(inner) => wait_for(self.clone(), &self.chain, inner),
        }
    }

    fn chain(&self) -> &Shared {
        &self.chain
    }
}

/// The result of `to` is here: what is to run next.
pub(crate) fn settle<T: 'static>(
    to: Rc<dyn Source<T>>,
    chain: &Chain,
    result: Ending<T>,
) -> Option<Rc<dyn Step>> {
    if to.output().put(|| chain, result) {
        Some(to)
    } else {
        None
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
        return settle(to, chain, Err(failure));
    }
    let inner = end.into_source();
    if !from.chain().is_paused()
        && let Some(result) = inner.output().take()
    {
        return settle(to, chain, result);
    }
    let next = match last(to.output(), own) {
        Some(next) => next,
        None => Handover::new(own.clone(), End::new(to)),
    };
    next.chain().chain().wait_for(&from);
    if inner.output().join_from_elsewhere(next) {
        Some(inner)
    } else {
        None
    }
}

/// Who takes the result of `chain` in the end, past the chains that were held when they began to wait and no longer
/// are. Nobody, if the one who waits at `output` cannot be skipped.
fn last<T: 'static>(output: &Output<T>, chain: &Shared) -> Option<Rc<dyn Input<T>>> {
    let mut next = output.leave()?;
    while let Some(behind) = next.behind() {
        next.chain().chain().go_on();
        behind.chain().chain().wait_for(chain);
        next = behind;
    }
    if chain::may_be_skipped(chain, next.chain()) {
        return Some(next);
    }
    output.rejoin(next);
    None
}

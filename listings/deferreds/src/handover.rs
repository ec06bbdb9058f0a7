//! From chain to chain: the part at the end of one that hands its result to another.
use crate::{
    Resolver,
    chain::{self, Shared},
    drive::{Part, Step},
    node::{End, Ending, Input, State},
};
use std::{cell::Cell, panic::Location, rc::Rc};

/// Where a result is handed to.
pub(crate) trait Target<T>: Sized {
    /// Whether a pause of the chain that waits keeps the result from it.
    const KEPT_BY_A_PAUSE: bool;
    fn deliver(self, chain: &Shared, result: Ending<T>) -> Option<Rc<dyn Step>>;
    /// See [`Input::behind`].
    fn behind(&self, _chain: &Shared) -> Option<Rc<dyn Input<T>>> {
        None
    }
}

/// The place of a stage that returned a Deferred: the result becomes that stage's own.
impl<T: 'static> Target<T> for End<T> {
    /// That chain has its result then, and the pause keeps it from the stages that come after.
    const KEPT_BY_A_PAUSE: bool = false;

    fn deliver(self, chain: &Shared, result: Ending<T>) -> Option<Rc<dyn Step>> {
        self.into_source().output().put(chain.chain(), result)
    }

    fn behind(&self, chain: &Shared) -> Option<Rc<dyn Input<T>>> {
        match self.output().take() {
            State::Waits(next) if chain::may_be_skipped(chain, next.chain()) => Some(next),
            state => {
                self.output().set(state);
                None
            }
        }
    }
}

/// A resolver that [`chain_deferred`](crate::Deferred::chain_deferred) was given. Dropped unfired, as when a stage
/// before it panics, it tells who waits.
pub(crate) struct Relay<T: 'static> {
    pub(crate) resolver: Resolver<T>,
    pub(crate) at: &'static Location<'static>,
}

impl<T: 'static> Target<T> for Relay<T> {
    const KEPT_BY_A_PAUSE: bool = true;

    fn deliver(self, _chain: &Shared, result: Ending<T>) -> Option<Rc<dyn Step>> {
        self.resolver.begin(self.at, result)
    }
}

/// Hands on the result it is given.
pub(crate) struct Handover<T, G> {
    /// That of the stage, or the one that the resolver is fired by: the chain that waits.
    chain: Shared,
    input: Cell<Option<Ending<T>>>,
    to: Cell<Option<G>>,
}

impl<T, G> Handover<T, G> {
    pub(crate) fn new(chain: Shared, to: G) -> Rc<Handover<T, G>> {
        Rc::new(Handover {
            chain,
            input: Cell::new(None),
            to: Cell::new(Some(to)),
        })
    }
}

impl<T, G> Part for Handover<T, G> {}

impl<T: 'static, G: Target<T> + 'static> Input<T> for Handover<T, G> {
    fn give(self: Rc<Self>, result: Ending<T>) -> Rc<dyn Step> {
        self.input.set(Some(result));
        self
    }

    fn chain(&self) -> &Shared {
        &self.chain
    }

    fn behind(&self) -> Option<Rc<dyn Input<T>>> {
        let to = self.to.take()?;
        let next = to.behind(&self.chain);
        self.to.set(Some(to));
        next
    }
}

impl<T: 'static, G: Target<T> + 'static> Step for Handover<T, G> {
    fn step(self: Rc<Self>) -> Option<Rc<dyn Step>> {
        let chain = self.chain.chain();
        if G::KEPT_BY_A_PAUSE && chain.is_paused() {
            return chain.unless_paused(self.clone());
        }
        chain.go_on();
        let (result, to) = (self.input.take()?, self.to.take()?);
        to.deliver(&self.chain, result)
    }
}

//! From chain to chain: the part at the end of one that hands its result to another.
use crate::{
    Resolver,
    chain::{self, Shared},
    drive::{Part, Step},
    node::{End, Ending, Input},
    stage,
};
use std::{cell::Cell, panic::Location, rc::Rc};

/// Where a result is handed to.
pub(crate) trait Target<T>: Sized {
    /// See [`Input::is_kept_by_a_pause`].
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
        stage::settle(self.into_source(), chain.chain(), result)
    }

    fn behind(&self, chain: &Shared) -> Option<Rc<dyn Input<T>>> {
        let next = self.output().leave()?;
        if chain::may_be_skipped(chain, next.chain()) {
            return Some(next);
        }
        self.output().rejoin(next);
        None
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
pub(crate) struct Handover<G> {
    /// The chain it belongs to: that of the stage, which waits, or the one whose result the resolver is fired with.
    chain: Shared,
    to: Cell<Option<G>>,
}

impl<G> Handover<G> {
    pub(crate) fn new(chain: Shared, to: G) -> Rc<Handover<G>> {
        Rc::new(Handover {
            chain,
            to: Cell::new(Some(to)),
        })
    }
}

impl<G> Part for Handover<G> {}

impl<T: 'static, G: Target<T> + 'static> Input<T> for Handover<G> {
    fn give(self: Rc<Self>, result: Ending<T>) -> Option<Rc<dyn Step>> {
        self.to.take()?.deliver(&self.chain, result)
    }

    fn chain(&self) -> &Shared {
        &self.chain
    }

    fn is_kept_by_a_pause(&self) -> bool {
        G::KEPT_BY_A_PAUSE
    }

    fn behind(&self) -> Option<Rc<dyn Input<T>>> {
        let to = self.to.take()?;
        let next = to.behind(&self.chain);
        self.to.set(Some(to));
        next
    }
}

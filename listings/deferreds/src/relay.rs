//! Explicit chaining: the part that fires another Deferred's resolver.
use crate::{
    Failure, Resolver,
    chain::{Head, Shared},
    drive::{Part, Step},
    node::{Ending, Input},
    root::{Root, Turn},
};
use std::{cell::Cell, panic::Location, rc::Rc};

/// Holds a resolver, and fires it with what it is given.
pub(crate) struct Relay<T: 'static> {
    chain: Shared,
    root: Cell<Option<Rc<Root<T>>>>,
    turn: Turn,
    at: &'static Location<'static>,
    from: Cell<Option<Shared>>,
    input: Cell<Option<Ending<T>>>,
}

impl<T: 'static> Relay<T> {
    pub(crate) fn new(root: Rc<Root<T>>, turn: Turn, at: &'static Location<'static>) -> Relay<T> {
        Relay {
            chain: root.clone(),
            root: Cell::new(Some(root)),
            turn,
            at,
            from: Cell::new(None),
            input: Cell::new(None),
        }
    }
}

/// The relay with its result; it waits for the end of the pause if `from` is paused.
pub(crate) fn begin<T: 'static>(
    relay: Rc<Relay<T>>,
    from: &Shared,
    result: Ending<T>,
) -> Rc<dyn Step> {
    relay.fed_by(from);
    relay.give(result)
}

impl<T: 'static> Part for Relay<T> {}

impl<T: 'static> Drop for Relay<T> {
    /// It was never given anything, because the stage before it panicked: then the resolver is dropped unfired.
    fn drop(&mut self) {
        if let Some(root) = self.root.take() {
            drop(Resolver::from_parts(root, self.turn));
        }
    }
}

impl<T: 'static> Input<T> for Relay<T> {
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

impl<T: 'static> Step for Relay<T> {
    fn step(self: Rc<Self>) -> Option<Rc<dyn Step>> {
        if let Some(from) = self.from.take()
            && from.chain().is_paused()
        {
            self.from.set(Some(from.clone()));
            from.chain().park(self);
            return None;
        }
        let (result, root): (Result<T, Failure>, _) = (self.input.take()?, self.root.take()?);
        root.chain().wait_for(None);
        root.begin(self.turn, self.at, result)
    }
}

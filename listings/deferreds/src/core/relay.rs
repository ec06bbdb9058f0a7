//! `chain_deferred`: one chain fires the resolver of another.
use crate::{
    Deferred, Failure, Resolver, WaitsForItself,
    core::{
        chain::{self, Chain, Link},
        output::Downstream,
        trampoline,
    },
};
use std::{cell::Cell, panic::Location, rc::Rc};

impl<T: 'static> Deferred<T> {
    /// Fires `resolver` with this one's result, without any stack however long the line is.
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
        let at = Location::caller();
        let to = resolver.head();
        // A ring of chains would wait for ever. The one that closes it fails instead.
        if let Some(to) = &to
            && chain::would_wait_for_itself(to.chain(), self.head())
        {
            return resolver.fire(Err(Failure::at(at, WaitsForItself)));
        }
        let (tail, from) = self.into_parts();
        // None, if that was cancelled: what it is fired with is dropped anyway.
        if let Some(to) = to {
            to.chain().wait_for(&from);
            if trace::on() {
                from.chain().record_chained(to.chain().object(), at);
            }
        }
        let relay = Rc::new(Relay {
            head: from,
            at,
            resolver: Cell::new(Some(resolver)),
        });
        let last = tail.into_link();
        // It has fired already.
        if last.output().connect(relay) {
            trampoline::run(last);
        }
    }
}

/// The link behind the last one of the first chain. Dropped unfired, as when a stage before it
/// panics, it drops its resolver, and that tells the second chain.
struct Relay<T: 'static> {
    /// Of the first chain.
    head: Rc<dyn Link>,
    at: &'static Location<'static>,
    resolver: Cell<Option<Resolver<T>>>,
}

impl<T: 'static> Link for Relay<T> {
    fn chain(&self) -> &Chain {
        self.head.chain()
    }
}

impl<T: 'static> Downstream<T> for Relay<T> {
    fn receive(self: Rc<Self>, result: Result<T, Failure>) -> Option<Rc<dyn Link>> {
        self.resolver.take()?.fire_next(self.at, result)
    }
}

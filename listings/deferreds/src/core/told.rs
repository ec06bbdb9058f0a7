//! The last stage of a chain: it is told the result, once, also when a stage before it panics.
use crate::{Deferred, Failure, Next, core::stage::Rails};
use std::{marker::PhantomData, panic::Location};

impl<T: 'static> Deferred<T> {
    /// Ends the chain: calls `f` with the result, whichever it is. Nothing comes after it, so
    /// nothing is returned.
    ///
    /// `f` is called exactly once. When a stage before it panics, no result can come any more, and
    /// it is told [`Abandoned`](crate::Abandoned) while that panic unwinds.
    ///
    /// ```
    /// use deferreds::Deferred;
    ///
    /// let (resolver, poem) = Deferred::<String>::new();
    /// poem.on_result(|result| match result {
    ///     Ok(text) => println!("{text}"),
    ///     Err(failure) => println!("no poem: {failure}"),
    /// });
    /// resolver.callback("Gather ye rosebuds while ye may".into());
    /// ```
    #[track_caller]
    #[inline]
    pub fn on_result(self, f: impl FnOnce(Result<T, Failure>) + 'static) {
        self.told_at(Location::caller(), move |result| {
            f(result);
            Ok(())
        });
    }

    /// The same for our own parts. A failure that `f` returns is reported as unhandled.
    #[inline]
    pub(crate) fn told_at(
        self,
        at: &'static Location<'static>,
        f: impl FnOnce(Result<T, Failure>) -> Result<(), Failure> + 'static,
    ) {
        let told = Told {
            call: Some(f),
            at,
            result: PhantomData,
        };
        drop(self.stage(at, Rails::Both, move |result| Next::Now(told.tell(result))));
    }
}

/// A function that waits for the result.
struct Told<T, F: FnOnce(Result<T, Failure>) -> Result<(), Failure>> {
    call: Option<F>,
    at: &'static Location<'static>,
    result: PhantomData<fn(T)>,
}

impl<T, F: FnOnce(Result<T, Failure>) -> Result<(), Failure>> Told<T, F> {
    #[inline]
    fn tell(mut self, result: Result<T, Failure>) -> Result<(), Failure> {
        self.call.take().map_or(Ok(()), |call| call(result))
    }
}

impl<T, F: FnOnce(Result<T, Failure>) -> Result<(), Failure>> Drop for Told<T, F> {
    #[inline]
    fn drop(&mut self) {
        if let Some(call) = self.call.take() {
            let failure = Failure::abandoned(self.at);
            // The panic was heard of already, so what comes back is nothing to report.
            drop(call(Err(failure)));
        }
    }
}

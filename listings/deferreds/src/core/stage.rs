//! A stage: the link that holds a function. What happens when its turn comes is in `walk.rs`.
use crate::{
    Failure,
    core::{
        chain::{Link, rail, shown},
        outcome::Next,
        output::Output,
    },
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

    fn takes<T>(self, result: &Result<T, Failure>) -> bool {
        match self {
            Rails::Callback => result.is_ok(),
            Rails::Errback => result.is_err(),
            Rails::Callbacks | Rails::Both => true,
        }
    }
}

// ANCHOR: stage
/// A function in a chain, with the place for its result and for the one who takes it: one
/// allocation.
pub(crate) struct Stage<U: 'static, F> {
    pub(crate) head: Rc<dyn Link>,
    /// Its number in the chain, for a recording.
    index: u32,
    /// For a recording, too: `call` itself hands on what it does not look at.
    rails: Rails,
    pub(crate) call: Cell<Option<F>>,
    pub(crate) output: Output<U>,
}
// ANCHOR_END: stage

impl<U: 'static, F> Stage<U, F> {
    #[inline]
    pub(crate) fn new(
        head: &Rc<dyn Link>,
        at: &'static Location<'static>,
        rails: Rails,
        call: F,
    ) -> Rc<Stage<U, F>> {
        let mut index = 0;
        if trace::on() {
            index = head.chain().next_stage(at, rails.name());
        }
        // Not with `Rc::new`: see `Head::new`.
        Rc::new_cyclic(|_| Stage {
            head: head.clone(),
            index,
            rails,
            call: Cell::new(Some(call)),
            output: Output::new(),
        })
    }

    /// Calls the function, and records that. A stage that is passed by is no event.
    #[cold]
    pub(crate) fn record<T: 'static>(&self, input: Result<T, Failure>, call: F) -> Next<U>
    where
        F: FnOnce(Result<T, Failure>) -> Next<U>,
    {
        // The closure hands on what is not for its rail. To the reader of a diagram that is no
        // call.
        if !self.rails.takes(&input) {
            return call(input);
        }
        let chain = self.head.chain();
        let span = chain.enter_stage(self.index, rail(&input));
        let next = call(input);
        match &next {
            Next::Now(result) => {
                span.attr("rail", || rail(result));
                if let Some(value) = shown(result) {
                    span.attr("value", || value);
                }
            }
            // The result comes from another chain. The arrow between both is drawn from this.
            Next::Later(inner) => {
                trace::event(Kind::DfChain)
                    .of(chain.object())
                    .cause(span.event())
                    .attr("on", || inner.head().chain().object().to_string())
                    .record();
            }
        }
        // The span ends before the result is reported, which may be at once when it cannot be read.
        next
    }
}

impl<U: 'static, F> Drop for Stage<U, F> {
    #[inline]
    fn drop(&mut self) {
        self.output.close(|| self.head.chain());
    }
}

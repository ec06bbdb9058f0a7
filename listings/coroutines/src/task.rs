//! A task: a future, and the resolver that is fired with its result.
use deferreds::{Failure, Resolver};
use pin_project_lite::pin_project;
use reactor::Panics;
use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    pin::Pin,
    task::{Context, Poll},
};
use trace::{Kind, Object};

/// A task of any type.
pub(crate) trait Run {
    /// Polls it; true when it is done and its Deferred has fired.
    fn run(self: Pin<&mut Self>, context: &mut Context<'_>, object: Object) -> bool;
    /// Returns whether it has ended by itself.
    fn is_done(&self) -> bool;
}

pin_project! {
    /// Future and resolver are in one box: one allocation for both.
    #[project = Side]
    pub(crate) enum Task<F, T: 'static> {
        Runs { #[pin] future: F, resolver: Option<Resolver<T>> },
        Done,
    }
}

impl<F, T> Task<F, T> {
    pub(crate) fn new(future: F, resolver: Resolver<T>) -> Task<F, T> {
        let resolver = Some(resolver);
        Task::Runs { future, resolver }
    }
}

impl<F, T> Run for Task<F, T>
where
    F: Future<Output = Result<T, Failure>>,
{
    fn run(mut self: Pin<&mut Self>, context: &mut Context<'_>, object: Object) -> bool {
        let Side::Runs { future, resolver } = self.as_mut().project() else {
            return true;
        };
        let Poll::Ready(result) = future.poll(context) else {
            return false;
        };
        let resolver = resolver.take();
        // Who hears of the result may rely on it: the future and all that it held are gone. When a
        // destructor in there panics, the result is there all the same.
        let dropped = catch_unwind(AssertUnwindSafe(|| self.set(Task::Done)));
        trace::event(Kind::TaskDrop)
            .of(object)
            .attr("why", || "done")
            .record();
        let fire = || {
            if let Some(resolver) = resolver {
                resolver.fire(result);
            }
        };
        // What the resolver calls is caught only when it must be: with two catches each, tasks
        // that are awaited take 6 % longer.
        match dropped {
            Ok(()) => fire(),
            Err(panic) => call_and_go_on(fire, panic),
        }
        true
    }

    fn is_done(&self) -> bool {
        matches!(self, Task::Done)
    }
}

/// Calls `f`, and lets `panic` go on then, also when `f` panics.
#[cold]
fn call_and_go_on(f: impl FnOnce(), panic: Box<dyn Any + Send>) {
    let mut panics = Panics::default();
    panics.catch(|| resume_unwind(panic));
    panics.catch(f);
    panics.go_on();
}

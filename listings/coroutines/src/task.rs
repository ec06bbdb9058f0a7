//! A task: a future, and the resolver that is fired with its result.
use deferreds::{Failure, Resolver};
use pin_project_lite::pin_project;
use std::{
    pin::Pin,
    task::{Context, Poll},
};
use trace::{Kind, Object};

/// A task of any type.
pub(crate) trait Run {
    /// Polls it; true when it is done and its Deferred has fired.
    fn run(self: Pin<&mut Self>, context: &mut Context<'_>, object: Object) -> bool;
}

pin_project! {
    /// Future and resolver are in one box: a task is one allocation for both.
    pub(crate) struct Task<F, T: 'static> {
        #[pin]
        future: Option<F>,
        resolver: Option<Resolver<T>>,
    }
}

impl<F, T> Task<F, T> {
    pub(crate) fn new(future: F, resolver: Resolver<T>) -> Task<F, T> {
        Task {
            future: Some(future),
            resolver: Some(resolver),
        }
    }
}

impl<F, T> Run for Task<F, T>
where
    F: Future<Output = Result<T, Failure>>,
{
    fn run(self: Pin<&mut Self>, context: &mut Context<'_>, object: Object) -> bool {
        let mut this = self.project();
        let Some(future) = this.future.as_mut().as_pin_mut() else {
            return true;
        };
        let Poll::Ready(result) = future.poll(context) else {
            return false;
        };
        // Who hears of the result may rely on it: the future and all that it held are gone.
        this.future.set(None);
        trace::event(Kind::TaskDrop)
            .of(object)
            .attr("why", || "done")
            .record();
        if let Some(resolver) = this.resolver.take() {
            resolver.fire(result);
        }
        true
    }
}

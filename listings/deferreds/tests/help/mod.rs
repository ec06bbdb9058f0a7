//! What the tests of the parts share: looking into Deferreds, and running a reactor until nothing
//! is left to do.
#![allow(dead_code)]
use deferreds::{Deferred, Failure};
use reactor::{Handle, Reactor, Sim};
use std::{cell::RefCell, rc::Rc, thread};

pub(crate) fn value<T>(deferred: Deferred<T>) -> T {
    match deferred.into_result() {
        Ok(Ok(value)) => value,
        Ok(Err(failure)) => panic!("failed: {failure:?}"),
        Err(waits) => panic!("no result yet: {waits:?}"),
    }
}

pub(crate) fn failure<T>(deferred: Deferred<T>) -> Failure {
    match deferred.into_result() {
        Ok(Ok(_)) => panic!("it has a value"),
        Ok(Err(failure)) => failure,
        Err(waits) => panic!("no result yet: {waits:?}"),
    }
}

pub(crate) fn is<E: std::error::Error + 'static, T>(deferred: Deferred<T>) -> bool {
    failure(deferred).check::<E>().is_some()
}

pub(crate) fn waits<T>(deferred: Deferred<T>) -> Deferred<T> {
    match deferred.into_result() {
        Ok(_) => panic!("it has a result already"),
        Err(deferred) => deferred,
    }
}

/// A reactor in virtual time.
pub(crate) fn sim() -> (Reactor, Handle) {
    let reactor = Reactor::new(Sim::new(1));
    let handle = reactor.handle();
    (reactor, handle)
}

/// Runs until nothing can happen any more.
pub(crate) fn until_stalled(reactor: &mut Reactor) {
    let error = reactor.run().expect_err("somebody stopped it");
    assert!(error.is_stalled(), "{error}");
}

/// Notes in the order in which they were made.
#[derive(Clone, Default)]
pub(crate) struct Log(Rc<RefCell<Vec<String>>>);

impl Log {
    pub(crate) fn note(&self, what: impl ToString) {
        self.0.borrow_mut().push(what.to_string());
    }

    /// The same as the outcome of a stage or a step.
    pub(crate) fn step(&self, what: impl ToString) -> Result<(), Failure> {
        self.note(what);
        Ok(())
    }

    /// All notes since the last call, with spaces between them.
    pub(crate) fn take(&self) -> String {
        self.0.take().join(" ")
    }
}

/// Runs `f` in a thread with a small stack: a recursion over many waiters would end the process.
pub(crate) fn small_stack(f: impl FnOnce() + Send + 'static) {
    let thread = thread::Builder::new().stack_size(64 * 1024).spawn(f);
    let end = thread.expect("a thread").join();
    assert!(end.is_ok(), "it panicked");
}

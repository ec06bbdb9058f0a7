//! A Deferred: a result that comes later, and the stages it runs through.
use std::{cell::Cell, error::Error, rc::Rc};

pub type Failure = Box<dyn Error>;

/// The end that fires.
pub struct Resolver<T>(Rc<Shared<T>>);

/// The end that waits.
pub struct Deferred<T>(Rc<Shared<T>>);

struct Shared<T>(Cell<State<T>>);

enum State<T> {
    Waiting,
    Listening(Box<dyn FnOnce(Result<T, Failure>)>),
    Fired(Result<T, Failure>),
    Over,
}

impl<T> Resolver<T> {
    pub fn callback(self, value: T) {
        self.fire(Ok(value));
    }

    pub fn errback(self, failure: impl Into<Failure>) {
        self.fire(Err(failure.into()));
    }

    pub fn fire(self, result: Result<T, Failure>) {
        self.settle(result);
    }

    fn settle(&self, result: Result<T, Failure>) {
        match self.0.0.replace(State::Over) {
            State::Listening(f) => f(result),
            _ => self.0.0.set(State::Fired(result)),
        }
    }
}

impl<T: 'static> Deferred<T> {
    pub fn new() -> (Resolver<T>, Deferred<T>) {
        let shared = Rc::new(Shared(Cell::new(State::Waiting)));
        (Resolver(shared.clone()), Deferred(shared))
    }

    pub fn succeed(value: T) -> Deferred<T> {
        Deferred::from(Ok(value))
    }

    /// The last stage. Calls `f` with the result: now if it is there, else when it comes.
    pub fn on_result(self, f: impl FnOnce(Result<T, Failure>) + 'static) {
        match self.0.0.replace(State::Over) {
            State::Fired(result) => f(result),
            _ => self.0.0.set(State::Listening(Box::new(f))),
        }
    }

    pub fn add_callback<U: 'static, R>(self, f: impl FnOnce(T) -> R + 'static) -> Deferred<U>
    where
        R: Into<Deferred<U>>,
    {
        let (resolver, next) = Deferred::new();
        self.on_result(move |result| match result {
            Ok(value) => f(value).into().on_result(|result| resolver.fire(result)),
            Err(failure) => resolver.errback(failure),
        });
        next
    }

    pub fn add_errback<R: Into<Self>>(self, f: impl FnOnce(Failure) -> R + 'static) -> Self {
        let (resolver, next) = Deferred::new();
        self.on_result(move |result| match result {
            Ok(value) => resolver.callback(value),
            Err(failure) => f(failure).into().on_result(|result| resolver.fire(result)),
        });
        next
    }
}

/// A result that is there already. So a stage may return either kind.
impl<T> From<Result<T, Failure>> for Deferred<T> {
    fn from(result: Result<T, Failure>) -> Deferred<T> {
        Deferred(Rc::new(Shared(Cell::new(State::Fired(result)))))
    }
}

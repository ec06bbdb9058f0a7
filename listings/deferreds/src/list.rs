//! Many Deferreds as one: all results, all values, or the first value.
use crate::{Canceller, Deferred, Failure, Resolver};
use std::{
    cell::{Cell, RefCell},
    error::Error,
    fmt,
    rc::Rc,
};

/// The results so far, and who waits for them.
struct Gathered<T, U: 'static> {
    results: RefCell<Vec<Option<Result<T, Failure>>>>,
    left: Cell<usize>,
    resolver: Cell<Option<Resolver<U>>>,
}

impl<T, U: 'static> Gathered<T, U> {
    /// Keeps a result; all of them, if it is the last.
    fn put(&self, index: usize, result: Result<T, Failure>) -> Option<Vec<Result<T, Failure>>> {
        self.results.borrow_mut()[index] = Some(result);
        self.left.set(self.left.get() - 1);
        if self.left.get() > 0 {
            return None;
        }
        Some(self.results.take().into_iter().flatten().collect())
    }

    fn fire(&self, result: Result<U, Failure>) {
        if let Some(resolver) = self.resolver.take() {
            resolver.fire(result);
        }
    }
}

fn cancel_all(cancellers: &[Canceller]) {
    for canceller in cancellers {
        canceller.cancel();
    }
}

/// Adds `each` to every member; cancelling what this returns cancels every member.
#[track_caller]
fn gather<T: 'static, U: 'static>(
    members: Vec<Deferred<T>>,
    each: impl Fn(&Gathered<T, U>, usize, Result<T, Failure>, &[Canceller]) + 'static,
) -> Deferred<U> {
    let cancellers: Rc<[Canceller]> = members.iter().map(Deferred::canceller).collect();
    let undo = cancellers.clone();
    // The members answer their cancelling, and so this one fires as it would without.
    let kept = Rc::new(Cell::new(None));
    let instead = kept.clone();
    let (resolver, deferred) = Deferred::with_canceller(move |second| {
        instead.set(Some(second));
        cancel_all(&undo);
    });
    let gathered = Rc::new(Gathered {
        results: RefCell::new(members.iter().map(|_| None).collect()),
        left: Cell::new(members.len()),
        resolver: Cell::new(Some(resolver)),
    });
    let each = Rc::new(each);
    for (index, member) in members.into_iter().enumerate() {
        let (gathered, cancellers) = (gathered.clone(), cancellers.clone());
        let (each, kept) = (each.clone(), kept.clone());
        drop(member.add_both(move |result| {
            if let Some(second) = kept.take() {
                gathered.resolver.set(Some(second));
            }
            each(&gathered, index, result, &cancellers);
            Ok(())
        }));
    }
    deferred
}

/// Waits for all members: the result of each, in the order of the members, whichever way it went.
///
/// With no members it fires at once. Cancelling it cancels each member that has no result yet, and it then fires with what
/// they answer. Twisted's `DeferredList` has flags for this; here each kind of result is a function of its own:
/// [`gather_results`] (`fireOnOneErrback`) and [`race`] (`fireOnOneCallback`). Failures are in the result, so none is left
/// to consume.
///
/// ```
/// use deferreds::{Deferred, Failure, deferred_list};
/// let all = deferred_list(vec![Deferred::succeed(1), Deferred::fail(Failure::new("no"))]);
/// let results = all.into_result().unwrap().unwrap();
/// assert_eq!(results[0].as_ref().unwrap(), &1);
/// assert!(results[1].is_err());
/// ```
#[track_caller]
pub fn deferred_list<T: 'static>(
    members: impl IntoIterator<Item = Deferred<T>>,
) -> Deferred<Vec<Result<T, Failure>>> {
    let members: Vec<_> = members.into_iter().collect();
    if members.is_empty() {
        return Deferred::succeed(Vec::new());
    }
    gather(members, |gathered, index, result, _| {
        if let Some(all) = gathered.put(index, result) {
            gathered.fire(Ok(all));
        }
    })
}

/// Waits for all values, in the order of the members; the first failure ends the wait, as [`FirstError`].
///
/// The other members go on, and what becomes of them is dropped.
///
/// ```
/// use deferreds::{Deferred, gather_results};
/// let both = gather_results([Deferred::succeed(1), Deferred::succeed(2)]);
/// assert_eq!(both.into_result().unwrap().unwrap(), [1, 2]);
/// ```
#[track_caller]
pub fn gather_results<T: 'static>(
    members: impl IntoIterator<Item = Deferred<T>>,
) -> Deferred<Vec<T>> {
    let members: Vec<_> = members.into_iter().collect();
    if members.is_empty() {
        return Deferred::succeed(Vec::new());
    }
    gather(members, |gathered, index, result, _| match result {
        Ok(value) => {
            if let Some(all) = gathered.put(index, Ok(value)) {
                gathered.fire(all.into_iter().collect());
            }
        }
        Err(failure) => {
            let location = failure.location();
            gathered.fire(Err(Failure::at(location, FirstError { index, failure })));
        }
    })
}

/// The first value, with the number of its member; the others are cancelled.
///
/// When all fail, it fails with [`FailureGroup`]; with no members, at once. (Twisted's `race([])` never fires.)
///
/// ```
/// use deferreds::{Deferred, race};
/// let (_slow, first) = Deferred::<&str>::new();
/// let winner = race([first, Deferred::succeed("second")]);
/// assert_eq!(winner.into_result().unwrap().unwrap(), (1, "second"));
/// ```
#[track_caller]
pub fn race<T: 'static>(members: impl IntoIterator<Item = Deferred<T>>) -> Deferred<(usize, T)> {
    let members: Vec<_> = members.into_iter().collect();
    if members.is_empty() {
        return Deferred::fail(FailureGroup(Vec::new()));
    }
    gather(members, |gathered, index, result, members| match result {
        Ok(value) => {
            let resolver = gathered.resolver.take();
            cancel_all(members);
            if let Some(resolver) = resolver {
                resolver.callback((index, value));
            }
        }
        Err(failure) => {
            if let Some(all) = gathered.put(index, Err(failure)) {
                let failures = all.into_iter().filter_map(Result::err).collect();
                gathered.fire(Err(FailureGroup(failures).into()));
            }
        }
    })
}

/// The first failure among the members of [`gather_results`].
#[derive(Debug)]
pub struct FirstError {
    /// Which member failed, counted from 0.
    pub index: usize,
    /// With what.
    pub failure: Failure,
}

impl fmt::Display for FirstError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "member {} failed: {}", self.index, self.failure)
    }
}

impl Error for FirstError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(self.failure.error())
    }
}

/// What every member of a [`race`] failed with, in the order of the members.
#[derive(Debug)]
pub struct FailureGroup(pub Vec<Failure>);

impl fmt::Display for FailureGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "all {} failed", self.0.len())?;
        for (index, failure) in self.0.iter().enumerate() {
            let mark = if index == 0 { ": " } else { "; " };
            write!(f, "{mark}{failure}")?;
        }
        Ok(())
    }
}

impl Error for FailureGroup {}

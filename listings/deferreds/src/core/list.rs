//! Many Deferreds as one: all results, all values, or the first value.
use crate::{
    Cancelled, Canceller, Deferred, Failure, FailureGroup, FirstError, Resolver,
    core::{cancel::PassOn, handles::cancel_all},
};
use reactor::Panics;
use std::{
    cell::{Cell, RefCell},
    panic::Location,
    rc::Rc,
};

/// Several Deferreds, and what is to be waited for: the long form of [`deferred_list`],
/// [`gather_results`] and [`race`].
///
/// Twisted's `DeferredList` has three flags. Two of them change what it fires; here each of these
/// is a method that ends in a Deferred of its own type. The third is
/// [`consume_errors`](DeferredList::consume_errors).
///
/// A failure that is no part of the answer is one that is left unhandled, and is reported. A value
/// that is no part of it is dropped. Cancelling what waits cancels each member that has no result
/// yet; it then fires with what they answer.
///
/// ```
/// use deferreds::{Deferred, DeferredList, Failure};
/// let members = [Deferred::fail(Failure::new("no")), Deferred::succeed(2)];
/// let first = DeferredList::new(members).consume_errors().fire_on_one_callback();
/// assert_eq!(first.into_result().unwrap().unwrap(), (1, 2));
/// ```
///
/// Source:
/// [`twisted.internet.defer.DeferredList`](https://docs.twisted.org/en/stable/api/twisted.internet.defer.DeferredList.html).
#[must_use = "its members' failures are reported as unhandled unless the list is waited for"]
#[derive(Debug)]
pub struct DeferredList<T: 'static> {
    members: Vec<Deferred<T>>,
    leftover: Leftover,
}

/// What becomes of a failure that is no part of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Leftover {
    Reported,
    Dropped,
}

impl<T: 'static> DeferredList<T> {
    /// Returns a list of these, in this order.
    pub fn new(members: impl IntoIterator<Item = Deferred<T>>) -> DeferredList<T> {
        DeferredList {
            members: members.into_iter().collect(),
            leftover: Leftover::Reported,
        }
    }

    /// Drops the failures that are no part of the answer. (Twisted: `consumeErrors=True`.)
    pub fn consume_errors(mut self) -> DeferredList<T> {
        self.leftover = Leftover::Dropped;
        self
    }

    /// Waits for all: the result of each, in the order of the members. With no members it fires at
    /// once.
    #[track_caller]
    pub fn all(self) -> Deferred<Vec<Result<T, Failure>>> {
        if self.members.is_empty() {
            return Deferred::succeed(Vec::new());
        }
        self.gather(|gathered, index, result| {
            if let Some(all) = gathered.put(index, result) {
                gathered.fire(Ok(all));
            }
            None
        })
    }

    /// Waits for all values, in the order of the members; the first failure ends the wait, as
    /// [`FirstError`]. The other members go on. With no members it fires at once. (Twisted:
    /// `fireOnOneErrback=True`, or `gatherResults`.)
    #[track_caller]
    pub fn fire_on_one_errback(self) -> Deferred<Vec<T>> {
        if self.members.is_empty() {
            return Deferred::succeed(Vec::new());
        }
        self.gather(|gathered, index, result| match result {
            Ok(value) => {
                if let Some(all) = gathered.put(index, Ok(value)) {
                    gathered.fire(all.into_iter().collect());
                }
                None
            }
            Err(failure) => gathered.fail_with_first(index, failure),
        })
    }

    /// Waits for the first value, and fires with it and the number of its member. The other members
    /// go on. When all fail, or there are none, it fails with [`FailureGroup`]. (Twisted:
    /// `fireOnOneCallback=True`. There, when all fail, it succeeds with the list of failures, and
    /// with no members it never fires.)
    #[track_caller]
    pub fn fire_on_one_callback(self) -> Deferred<(usize, T)> {
        self.first_value(|_| {})
    }

    /// Waits for the first result of either kind: a value with the number of its member, or a
    /// [`FirstError`]. The other members go on. With no members it fails with [`FailureGroup`].
    /// (Twisted: both flags.)
    #[track_caller]
    pub fn fire_on_one_result(self) -> Deferred<(usize, T)> {
        if self.members.is_empty() {
            return Deferred::fail(FailureGroup(Vec::new()));
        }
        self.gather(|gathered, index, result| match result {
            Ok(value) => {
                gathered.fire(Ok((index, value)));
                None
            }
            Err(failure) => gathered.fail_with_first(index, failure),
        })
    }

    /// `won` is called between the first value and the firing with it.
    #[track_caller]
    fn first_value(self, won: impl Fn(&[Canceller]) + 'static) -> Deferred<(usize, T)> {
        if self.members.is_empty() {
            return Deferred::fail(FailureGroup(Vec::new()));
        }
        let (made, leftover) = (Location::caller(), self.leftover);
        self.gather(move |gathered, index, result| match result {
            Ok(value) => {
                if let Some(resolver) = gathered.resolver.take() {
                    let lost = gathered.results.take().into_iter().flatten();
                    // A canceller of the others may panic. The value is there all the same.
                    let mut panics = Panics::default();
                    panics.catch(|| won(&gathered.cancellers));
                    panics.catch(|| resolver.callback((index, value)));
                    for failure in lost.filter_map(Result::err) {
                        panics.catch(|| match leftover {
                            // Their own chains are gone. A dropped Deferred reports, so make one
                            // of each.
                            Leftover::Reported => {
                                drop(Deferred::<()>::ready_at(made, Err(failure)));
                            }
                            Leftover::Dropped => drop(failure),
                        });
                    }
                    panics.go_on();
                }
                None
            }
            Err(failure) if gathered.is_over() => Some(failure),
            Err(failure) => {
                if let Some(all) = gathered.put(index, Err(failure)) {
                    let failures = all.into_iter().filter_map(Result::err).collect();
                    gathered.fire(Err(Failure::at(made, FailureGroup(failures))));
                }
                None
            }
        })
    }

    /// Adds `each` to every member: it returns a failure that is no part of the answer. Cancelling
    /// what this returns cancels every member.
    #[track_caller]
    fn gather<U: 'static>(
        self,
        each: impl Fn(&Gathered<T, U>, usize, Result<T, Failure>) -> Option<Failure> + 'static,
    ) -> Deferred<U> {
        let DeferredList { members, leftover } = self;
        let at = Location::caller();
        let cancellers: Rc<[Canceller]> = members.iter().map(Deferred::canceller).collect();
        let cancelled = Rc::new(Cell::new(false));
        // Shared, and not in `Gathered`: the canceller must not keep the resolver of its own chain.
        let (to, passed) = (cancellers.clone(), cancelled.clone());
        let undo = PassOn::to(move || {
            // First: the members answer inside of this, and their `Cancelled` is no news then.
            passed.set(true);
            cancel_all(&to);
        });
        let (resolver, deferred) = Deferred::pair(at, Some(undo));
        let gathered = Rc::new(Gathered {
            results: RefCell::new(members.iter().map(|_| None).collect()),
            left: Cell::new(members.len()),
            resolver: Cell::new(Some(resolver)),
            cancellers,
            cancelled,
        });
        let each = Rc::new(each);
        for (index, member) in members.into_iter().enumerate() {
            let (gathered, each) = (gathered.clone(), each.clone());
            // A last stage, which is called also when a stage of the member panics: so the list
            // never waits for a member that can have no result.
            member.told_at(at, move |result| match each(&gathered, index, result) {
                Some(failure) if leftover == Leftover::Reported => gathered.report(failure),
                _ => Ok(()),
            });
        }
        deferred
    }
}

/// The results so far, and who waits for them.
struct Gathered<T, U: 'static> {
    results: RefCell<Vec<Option<Result<T, Failure>>>>,
    left: Cell<usize>,
    resolver: Cell<Option<Resolver<U>>>,
    cancellers: Rc<[Canceller]>,
    /// Whether it was we who cancelled the members.
    cancelled: Rc<Cell<bool>>,
}

impl<T, U: 'static> Drop for Gathered<T, U> {
    /// One after the other: each result that was not taken may panic when it is dropped.
    fn drop(&mut self) {
        let mut panics = Panics::default();
        for result in self.results.take() {
            panics.catch(|| drop(result));
        }
        panics.go_on();
    }
}

impl<T, U: 'static> Gathered<T, U> {
    /// Keeps a result; all of them, if it is the last.
    fn put(&self, index: usize, result: Result<T, Failure>) -> Option<Vec<Result<T, Failure>>> {
        if let Some(place) = self.results.borrow_mut().get_mut(index) {
            *place = Some(result);
        }
        self.left.set(self.left.get() - 1);
        if self.left.get() > 0 {
            return None;
        }
        Some(self.results.take().into_iter().flatten().collect())
    }

    fn is_over(&self) -> bool {
        let resolver = self.resolver.take();
        let over = resolver.is_none();
        self.resolver.set(resolver);
        over
    }

    fn fire(&self, result: Result<U, Failure>) {
        if let Some(resolver) = self.resolver.take() {
            resolver.fire(result);
        }
    }

    /// Fails with the first failure, and returns every later one.
    fn fail_with_first(&self, index: usize, failure: Failure) -> Option<Failure> {
        if self.is_over() {
            return Some(failure);
        }
        let location = failure.location();
        self.fire(Err(Failure::at(location, FirstError { index, failure })));
        None
    }

    /// What is returned stays at the end of the member's chain, where no errback is.
    fn report(&self, failure: Failure) -> Result<(), Failure> {
        if self.cancelled.get() && failure.check::<Cancelled>().is_some() {
            return Ok(());
        }
        Err(failure)
    }
}

/// Waits for all members: the result of each, in the order of the members, whichever way it went.
///
/// With no members it fires at once. Cancelling it cancels each member that has no result yet, and
/// it then fires with what they answer. [`DeferredList`] has the other ways to wait.
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
    DeferredList::new(members).all()
}

/// Waits for all values, in the order of the members; the first failure ends the wait, as
/// [`FirstError`].
///
/// The other members go on. Their values are dropped, and their failures are reported as unhandled,
/// unless [`DeferredList::consume_errors`] says otherwise.
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
    DeferredList::new(members).fire_on_one_errback()
}

/// Waits for the first value, and fires with it and the number of its member; the others are
/// cancelled, and their failures dropped.
///
/// When all fail, it fails with [`FailureGroup`]; with no members, at once. (Twisted's `race([])`
/// never fires.)
///
/// ```
/// use deferreds::{Deferred, race};
/// let (_slow, first) = Deferred::<&str>::new();
/// let winner = race([first, Deferred::succeed("second")]);
/// assert_eq!(winner.into_result().unwrap().unwrap(), (1, "second"));
/// ```
#[track_caller]
pub fn race<T: 'static>(members: impl IntoIterator<Item = Deferred<T>>) -> Deferred<(usize, T)> {
    DeferredList::new(members)
        .consume_errors()
        .first_value(cancel_all)
}

//! Both rails, both orders, both failures.
use std::{
    cell::{Cell, RefCell},
    io,
    rc::Rc,
};
use tidy_up::add_finally;
use untwisted::pocket::deferred::{Deferred, Failure, Resolver};

/// What the end of a chain has heard.
type End = Rc<RefCell<Option<Result<u32, Failure>>>>;

struct Chain {
    /// Fires what the chain waits for first.
    first: Resolver<u32>,
    /// Says that it is tidied up.
    tidied: Resolver<()>,
    calls: Rc<Cell<u32>>,
    end: End,
}

fn chain() -> Chain {
    let ((first, deferred), (tidied, tidying)) = (Deferred::new(), Deferred::new());
    let (calls, end) = (Rc::new(Cell::new(0)), End::default());
    let (count, heard) = (calls.clone(), end.clone());
    let next = add_finally(deferred, move || {
        count.set(count.get() + 1);
        tidying
    });
    next.on_result(move |result| *heard.borrow_mut() = Some(result));
    Chain {
        first,
        tidied,
        calls,
        end,
    }
}

fn heard(end: &End) -> Result<u32, Failure> {
    end.take()
        .expect("all has fired, and the end of the chain has heard nothing")
}

#[test]
fn it_tidies_up_when_there_is_a_result_and_not_before() {
    let chain = chain();
    assert_eq!(
        chain.calls.get(),
        0,
        "`f` was called before there was a result"
    );
    chain.first.callback(7);
    assert_eq!(
        chain.calls.get(),
        1,
        "there is a result, and `f` was not called"
    );
    assert!(
        chain.end.borrow().is_none(),
        "the chain went on before `f` was done: {:?}",
        chain.end
    );
    chain.tidied.callback(());
    assert_eq!(
        heard(&chain.end).ok(),
        Some(7),
        "the value is not the one that was fired"
    );
    assert_eq!(chain.calls.get(), 1, "`f` was called more than once");
}

#[test]
fn it_tidies_up_after_a_failure() {
    let chain = chain();
    chain
        .first
        .errback(io::Error::from(io::ErrorKind::ConnectionReset));
    assert_eq!(
        chain.calls.get(),
        1,
        "`f` has to be called, although the result is a failure"
    );
    assert!(
        chain.end.borrow().is_none(),
        "the chain went on before `f` was done: {:?}",
        chain.end
    );
    chain.tidied.callback(());
    let failure = heard(&chain.end).expect_err("the failure became a value");
    assert!(
        failure.is::<io::Error>(),
        "the failure lost its type: {failure}"
    );
}

#[test]
fn a_failure_while_tidying_is_the_chain_s() {
    let chain = chain();
    chain.first.callback(7);
    chain.tidied.errback("the disk is full");
    match heard(&chain.end) {
        Err(failure) => assert_eq!(
            failure.to_string(),
            "the disk is full",
            "tidying up failed with this, and nothing had failed before"
        ),
        Ok(value) => {
            panic!("the chain goes on with {value}: nothing says that tidying up went wrong")
        }
    }
}

#[test]
fn of_two_failures_the_first_one_counts() {
    let chain = chain();
    chain.first.errback("the line broke");
    chain.tidied.errback("the disk is full");
    let failure = heard(&chain.end).expect_err("two failures became a value");
    assert_eq!(
        failure.to_string(),
        "the line broke",
        "the first failure is the cause; the second one is not what the reader of a log needs"
    );
}

#[test]
fn it_works_on_results_that_are_there_already() {
    let end = End::default();
    let seen = end.clone();
    add_finally(Deferred::succeed(1), || Deferred::succeed(()))
        .on_result(move |result| *seen.borrow_mut() = Some(result));
    assert_eq!(
        heard(&end).ok(),
        Some(1),
        "both had their results before, so the chain has its value at once"
    );
}

//! Asks questions that end in every way, and counts the connections afterwards.
use given_back::{Pool, ask};
use std::{
    cell::{Cell, RefCell},
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
};
use untwisted::deferreds::{Deferred, Failure, Resolver};

type Open = Rc<RefCell<Option<Resolver<u32>>>>;

/// A question that waits until it is answered by hand.
fn open(pool: &Pool) -> (Deferred<u32>, Open) {
    let open = Open::default();
    let keeps = open.clone();
    let asked = ask(pool, move |_| {
        let (resolver, answer) = Deferred::new();
        *keeps.borrow_mut() = Some(resolver);
        answer
    });
    (asked, open)
}

fn all_are_back(pool: &Pool, after: &str) {
    let idle = pool.idle();
    assert_eq!(
        idle, 1,
        "after {after} the pool of 1 has {idle} idle: the connection was not given back"
    );
}

#[test]
fn after_an_answer() {
    let pool = Pool::new(1);
    let (asked, open) = open(&pool);
    assert_eq!(
        pool.idle(),
        0,
        "the connection was given back while its question was still open"
    );
    let resolver = open
        .take()
        .expect("the question was asked: a connection was free");
    resolver.callback(7);
    let value: Option<u32> = asked.into_result().ok().and_then(Result::ok);
    assert_eq!(value, Some(7), "the answer is the result");
    all_are_back(&pool, "an answer");
}

#[test]
fn after_a_failure() {
    let pool = Pool::new(1);
    let (asked, open) = open(&pool);
    open.take()
        .expect("the question was asked")
        .errback(Failure::new("no such table"));
    let text: Option<String> = match asked.into_result() {
        Ok(Err(failure)) => Some(failure.to_string()),
        _ => None,
    };
    assert_eq!(
        text.as_deref(),
        Some("no such table"),
        "the failure is the result, unchanged"
    );
    all_are_back(&pool, "a question that failed");
}

#[test]
fn after_a_cancel() {
    let pool = Pool::new(1);
    let (asked, _open) = open(&pool);
    asked.canceller().cancel();
    assert!(
        asked.into_result().is_ok_and(|result| result.is_err()),
        "it was cancelled, and did not fail"
    );
    all_are_back(&pool, "a cancelled question");

    let held = pool.borrow();
    let (waits, open) = self::open(&pool);
    waits.canceller().cancel();
    let _ = waits.into_result();
    let number = held.into_result().ok().and_then(Result::ok);
    pool.give_back(number.expect("the pool was free, so this is lent"));
    assert!(
        open.borrow().is_none(),
        "it was cancelled while it waited, and its question was asked"
    );
    all_are_back(&pool, "a cancel while it waited");
}

#[test]
fn after_a_panic() {
    let pool = Pool::new(1);
    let asked = catch_unwind(AssertUnwindSafe(|| {
        ask(&pool, |_| -> Deferred<u32> {
            panic!("a bug in the question")
        })
    }));
    assert!(
        asked.is_err(),
        "the panic of a question goes on, and this one was swallowed"
    );
    all_are_back(&pool, "a question that panicked");
}

#[test]
fn the_next_one_is_served_before_the_result_is_told() {
    let pool = Pool::new(1);
    let (asked, open) = open(&pool);
    let inner = pool.clone();
    let found = Rc::new(Cell::new(false));
    let tell = found.clone();
    let next = asked.add_callback(move |_| {
        tell.set(inner.idle() == 1);
        ask(&inner, |number| Deferred::succeed(number))
    });
    open.take().expect("the question was asked").callback(1);
    assert!(
        found.get(),
        "a stage was told of the answer, and the connection was not free yet"
    );
    assert!(
        next.into_result().is_ok(),
        "a stage asked the next question, and that one waits"
    );
    all_are_back(&pool, "two questions, one after the other");
}

#[test]
fn a_hundred_of_every_kind() {
    let pool = Pool::new(1);
    for round in 0..100 {
        let (asked, open) = open(&pool);
        let resolver = open
            .take()
            .unwrap_or_else(|| panic!("in round {round} the pool is empty"));
        match round % 3 {
            0 => resolver.callback(round),
            1 => resolver.errback(Failure::new("no")),
            _ => asked.canceller().cancel(),
        }
        let _ = asked.into_result();
    }
    all_are_back(&pool, "a hundred questions");
}

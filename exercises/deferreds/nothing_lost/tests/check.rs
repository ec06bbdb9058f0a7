//! Lets poems fail in each way, and looks who hears of it.
use nothing_lost::{Log, NoPages, pages};
use std::{io, num::ParseIntError};
use untwisted::deferreds::{Deferred, Failure};

/// The result for a poem that comes later, and what was noted.
fn run(poem: Result<&str, Failure>) -> (Result<u32, Failure>, Vec<String>) {
    let log = Log::default();
    let (resolver, deferred) = Deferred::new();
    let pages = pages(deferred, log.clone());
    assert!(
        log.borrow().is_empty(),
        "something was noted before there was a poem: {log:?}"
    );
    resolver.fire(poem.map(str::to_owned));
    let result = pages
        .into_result()
        .expect("it fires when the poem is there");
    (result, log.take())
}

fn noted_once(log: &[String], text: &str, where_else: &str) {
    let times = log.iter().filter(|line| *line == text).count();
    assert!(times > 0, "{where_else}; noted: {log:?}");
    assert_eq!(times, 1, "{text:?} was noted {times} times, not once");
    assert_eq!(log.len(), 1, "something else was noted, too: {log:?}");
}

fn failure(result: Result<u32, Failure>) -> Failure {
    match result {
        Err(failure) => failure,
        Ok(number) => panic!(
            "it failed, and the caller of `pages` was told that there are {number} pages: noting is not handling"
        ),
    }
}

#[test]
fn a_whole_poem_has_its_pages() {
    let (result, log) = run(Ok("pages: 12\nGather ye rosebuds while ye may"));
    let number = result.expect("the first line was \"pages: 12\"");
    assert_eq!(number, 12, "the first line was \"pages: 12\"");
    assert!(log.is_empty(), "nothing went wrong, and yet: {log:?}");
}

#[test]
fn a_poem_that_never_came_is_noted() {
    let (result, log) = run(Err(io::Error::from(io::ErrorKind::ConnectionRefused).into()));
    noted_once(
        &log,
        "connection refused",
        "the poem never came, and it was not noted",
    );
    let failure = failure(result);
    assert!(
        failure.check::<io::Error>().is_some(),
        "the failure goes on unchanged, but this came: {failure:?}"
    );
}

#[test]
fn a_first_line_without_pages_is_noted() {
    let (result, log) = run(Ok("Gather ye rosebuds while ye may"));
    noted_once(
        &log,
        &NoPages.to_string(),
        "the callback failed, and an errback above the callback does not see it",
    );
    let failure = failure(result);
    assert!(
        failure.check::<NoPages>().is_some(),
        "not NoPages: {failure:?}"
    );
}

#[test]
fn a_number_that_is_none_is_noted() {
    let (result, log) = run(Ok("pages: a few"));
    noted_once(
        &log,
        "invalid digit found in string",
        "the callback failed, and an errback above the callback does not see it",
    );
    let failure = failure(result);
    assert!(
        failure.check::<ParseIntError>().is_some(),
        "not the ParseIntError: {failure:?}"
    );
}

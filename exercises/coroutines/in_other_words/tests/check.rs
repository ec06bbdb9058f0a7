//! Lends with every combination of answers in both forms, and compares what the library was asked to do.
use in_other_words::{
    Answer::{self, Broken, Good, Never, NotThere},
    Library, lend, lend_in_stages,
};
use std::{
    pin::pin,
    task::{Context, Poll, Waker},
};

const TITLE: &str = "Hesperides";

/// What the library was asked to do, and the result as text.
type Course = (Vec<&'static str>, String);

fn stages(answers: [Answer; 4]) -> Course {
    let library = Library::new(answers);
    let result = lend_in_stages(&library, TITLE).into_result();
    let result = result.expect("all answers are there at once");
    (library.log(), told(result))
}

fn words(answers: [Answer; 4]) -> Course {
    let library = Library::new(answers);
    let poll = pin!(lend(&library, TITLE)).poll(&mut Context::from_waker(Waker::noop()));
    match poll {
        Poll::Ready(result) => (library.log(), told(result)),
        Poll::Pending => panic!(
            "{}: all answers are there at once, and `lend` waits for something",
            case(answers)
        ),
    }
}

fn told(result: Result<String, untwisted::deferreds::Failure>) -> String {
    match result {
        Ok(text) => format!("Ok: {text}"),
        Err(failure) => format!("Err: {failure}"),
    }
}

fn case([find, fetch, archive, stamp]: [Answer; 4]) -> String {
    format!("find answers {find:?}, fetch {fetch:?}, archive {archive:?}, stamp {stamp:?}")
}

/// Compares one case. `hint` says what was probably overlooked.
fn same(answers: [Answer; 4], hint: &str) {
    let (expected, got) = (stages(answers), words(answers));
    assert_eq!(
        got,
        expected,
        "(what was asked, and the result; left: `lend`, right: the chain) {}: {hint}",
        case(answers)
    );
}

#[test]
fn all_goes_well() {
    same(
        [Good; 4],
        "nothing fails; if there is more on the left, `lend` asks for something that the chain does not ask for",
    );
}

#[test]
fn the_archive_has_it() {
    let hint = "it is not there, so the archive is asked, whether `find` says so or `fetch`: the errback stands below both";
    same([Good, NotThere, Good, Good], hint);
    same([NotThere, Good, Good, Good], hint);
}

#[test]
fn another_failure() {
    let hint = "only `NotThere` is a case for the archive; another failure goes on to the pair, which says sorry";
    same([Good, Broken, Good, Good], hint);
}

#[test]
fn find_fails() {
    same(
        [Broken, Good, Good, Good],
        "the pair says sorry, and the counter is closed; `?` leaves the whole function, and a stage never leaves the chain",
    );
}

#[test]
fn the_stamp_fails() {
    same(
        [Good, Good, Good, Broken],
        "the errback of a pair does not see what its callback fails with, so this failure is the result",
    );
}

#[test]
fn each_combination() {
    for find in [Good, NotThere, Broken] {
        for fetch in [Good, NotThere, Broken] {
            for archive in [Good, NotThere, Broken] {
                for stamp in [Good, NotThere, Broken] {
                    same([find, fetch, archive, stamp], "compare the two");
                }
            }
        }
    }
}

/// Polls once and drops it. What the library was asked to do by then, and in all.
fn dropped(answers: [Answer; 4]) -> (Vec<&'static str>, Vec<&'static str>) {
    let library = Library::new(answers);
    let before;
    {
        let mut future = pin!(lend(&library, TITLE));
        let poll = future
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()));
        assert!(
            poll.is_pending(),
            "{}: one answer never comes, and `lend` is ready",
            case(answers)
        );
        before = library.log();
    }
    (before, library.log())
}

#[test]
fn dropped_while_it_waits() {
    for answers in [
        [Never, Good, Good, Good],
        [Good, Never, Good, Good],
        [NotThere, Good, Never, Good],
        [Good, Good, Good, Never],
    ] {
        let (mut expected, all) = dropped(answers);
        assert!(
            !expected.contains(&"close"),
            "{}: the counter is closed while the reader waits",
            case(answers)
        );
        expected.push("close");
        assert!(
            all.contains(&"close"),
            "{}: the future was dropped while it waited, and the counter was not closed; no line below the `await` runs then",
            case(answers)
        );
        assert_eq!(
            all,
            expected,
            "(left: in all, right: what was expected) {}: the future was dropped while it waited; the counter is closed, and nothing else is asked of the library",
            case(answers)
        );
    }
}

#[test]
fn not_polled() {
    let library = Library::new([Good; 4]);
    drop(lend(&library, TITLE));
    assert!(
        library.log().is_empty(),
        "it was never polled, and the library was asked: {:?}",
        library.log()
    );
}

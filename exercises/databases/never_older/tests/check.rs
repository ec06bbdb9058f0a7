//! Ends fetches by hand, before and after changes.
use never_older::Cache;
use std::{cell::RefCell, rc::Rc};
use untwisted::deferreds::{Deferred, Failure, Resolver};

type Fetches = Rc<RefCell<Vec<(String, Option<Resolver<String>>)>>>;

fn cache() -> (Cache, Fetches) {
    let fetches = Fetches::default();
    let begun = fetches.clone();
    let cache = Cache::new(move |name| {
        let (resolver, text) = Deferred::new();
        begun.borrow_mut().push((name.to_owned(), Some(resolver)));
        text
    });
    (cache, fetches)
}

fn end(fetches: &Fetches, which: usize, text: &str) {
    let resolver = fetches.borrow_mut()[which].1.take();
    resolver
        .expect("each fetch ends once")
        .callback(text.to_owned());
}

fn count(fetches: &Fetches) -> usize {
    fetches.borrow().len()
}

fn text(read: Deferred<String>) -> String {
    match read.into_result() {
        Ok(Ok(text)) => text,
        Ok(Err(failure)) => panic!("the reader gets what its fetch brought, and failed: {failure}"),
        Err(_) => panic!("the reader gets what its fetch brought, and still waits"),
    }
}

/// The text of a read that needs no fetch.
fn kept(cache: &Cache, name: &str) -> String {
    match cache.read(name).into_result() {
        Ok(Ok(text)) => text,
        Ok(Err(failure)) => {
            panic!("a text that is kept is told at once, and the read failed: {failure}")
        }
        Err(_) => panic!(
            "a text that is kept is not fetched again, and this read of {name} waits for a fetch"
        ),
    }
}

#[test]
fn a_text_is_kept_and_a_failure_is_not() {
    let (cache, fetches) = cache();
    let failed = cache.read("hope");
    let resolver = fetches.borrow_mut()[0].1.take();
    resolver
        .expect("it was fetched")
        .errback(Failure::new("no"));
    assert!(
        failed.into_result().is_ok_and(|result| result.is_err()),
        "the fetch failed, and the read did not"
    );
    let read = cache.read("hope");
    assert_eq!(
        count(&fetches),
        2,
        "a failure is not kept, so it is fetched again"
    );
    end(&fetches, 1, "one");
    assert_eq!(text(read), "one", "the text is what was fetched");
    assert_eq!(kept(&cache, "hope"), "one", "the text was kept");
    let fetched = count(&fetches) - 1;
    assert_eq!(
        fetched, 1,
        "a text that is kept was fetched {fetched} times"
    );
}

#[test]
fn a_change_during_a_fetch() {
    let (cache, fetches) = cache();
    let early = cache.read("hope");
    cache.changed("hope");
    end(&fetches, 0, "old");
    assert_eq!(
        text(early),
        "old",
        "a reader whose fetch began before the change gets what its fetch brought"
    );
    let late = cache.read("hope");
    if let Ok(Ok(found)) = late.into_result() {
        panic!("the old text came back: a read after the change was answered with {found:?}");
    }
    end(&fetches, 1, "new");
    assert_eq!(
        kept(&cache, "hope"),
        "new",
        "what was fetched after the change is kept"
    );
}

#[test]
fn the_old_fetch_ends_last() {
    let (cache, fetches) = cache();
    let early = cache.read("hope");
    cache.changed("hope");
    let late = cache.read("hope");
    end(&fetches, 1, "new");
    end(&fetches, 0, "old");
    assert_eq!(text(late), "new", "the second fetch gave the new text");
    assert_eq!(
        text(early),
        "old",
        "a reader whose fetch began before the change gets what its fetch brought"
    );
    let found = kept(&cache, "hope");
    assert_eq!(
        found, "new",
        "the old text came back: its fetch began first and ended last"
    );
    assert_eq!(
        count(&fetches),
        2,
        "the new text is kept: it was fetched 2 times and not more"
    );
}

#[test]
fn two_changes_during_two_fetches() {
    let (cache, fetches) = cache();
    let _first = cache.read("hope");
    cache.changed("hope");
    let _second = cache.read("hope");
    cache.changed("hope");
    end(&fetches, 0, "old");
    end(&fetches, 1, "newer");
    let third = cache.read("hope");
    assert_eq!(
        count(&fetches),
        3,
        "two changes, and neither fetch began after the second: this read must fetch"
    );
    end(&fetches, 2, "newest");
    assert_eq!(
        text(third),
        "newest",
        "the third fetch gave the newest text"
    );
    assert_eq!(
        kept(&cache, "hope"),
        "newest",
        "two changes are over, and the newest text is kept"
    );
}

#[test]
fn another_name_is_another_matter() {
    let (cache, fetches) = cache();
    let _read = cache.read("tyger");
    cache.changed("hope");
    end(&fetches, 0, "burning bright");
    let found = cache.read("tyger").into_result();
    assert!(
        found.is_ok_and(|result| result.is_ok_and(|text| text == "burning bright")),
        "another name was changed meanwhile, and the text was not kept"
    );
    cache.changed("hope");
    let kept = cache.read("tyger").into_result();
    assert!(
        kept.is_ok(),
        "another name was changed, and a kept text was forgotten"
    );
}

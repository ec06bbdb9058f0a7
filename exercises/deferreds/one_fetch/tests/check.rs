//! Asks for pages, many at a time, and ends the fetches by hand.
use one_fetch::{Cache, FetchFailed};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};
use untwisted::deferreds::{Deferred, Failure, Resolver};

/// Every fetch that was begun: its name, and the resolver that ends it.
type Fetches = Rc<RefCell<Vec<(String, Option<Resolver<String>>)>>>;

fn cache() -> (Cache, Fetches) {
    let fetches = Fetches::default();
    let begun = fetches.clone();
    let cache = Cache::new(move |name| {
        let (resolver, page) = Deferred::new();
        begun.borrow_mut().push((name.to_owned(), Some(resolver)));
        page
    });
    (cache, fetches)
}

fn end(fetches: &Fetches, which: usize, result: Result<&str, &str>) {
    let resolver = fetches.borrow_mut()[which].1.take();
    let result = result.map(str::to_owned).map_err(Failure::new);
    resolver.expect("each ends once").fire(result);
}

/// The same, while a reader asks the cache from inside a stage. What a `RefCell` says when it is borrowed does
/// not tell why it was.
fn ends_while_readers_ask(fetches: &Fetches, which: usize, result: Result<&str, &str>) {
    let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        end(fetches, which, result);
    }));
    assert!(
        ended.is_ok(),
        "a reader was fired and asked the cache again from inside its stage, and that was a panic: something was still borrowed. Let the borrow end before you fire the first reader"
    );
}

fn fetched(fetches: &Fetches, times: usize, name: &str) {
    let all = fetches.borrow();
    let count = all.iter().filter(|fetch| fetch.0 == name).count();
    assert_eq!(
        count, times,
        "{name:?} was fetched {count} times, not {times}"
    );
}

fn text(page: Deferred<Rc<str>>, who: &str) -> String {
    match page.into_result() {
        Ok(Ok(page)) => page.to_string(),
        Ok(Err(failure)) => panic!("the page has come, and {who} failed: {failure:?}"),
        Err(_) => panic!("the page has come, and {who} waits"),
    }
}

fn failed(page: Deferred<Rc<str>>, who: &str) {
    match page.into_result() {
        Ok(Err(failure)) => {
            let error: FetchFailed = failure.trap().expect("a FetchFailed");
            assert_eq!(
                error.0, "no route",
                "the text is that of the fetch's failure"
            );
        }
        Ok(Ok(_)) => panic!("the fetch has failed, and {who} has a page"),
        Err(_) => panic!("the fetch has failed, and {who} waits"),
    }
}

#[test]
fn many_readers_wait_for_one_fetch() {
    let (cache, fetches) = cache();
    let order: Rc<RefCell<Vec<u32>>> = Rc::default();
    let readers: Vec<_> = (1..=3)
        .map(|number| {
            let order = order.clone();
            cache.get("a").add_callback(move |page| {
                order.borrow_mut().push(number);
                Ok(page)
            })
        })
        .collect();
    let other = cache.get("b");
    fetched(&fetches, 1, "b");
    assert!(
        !fetches.borrow().is_empty(),
        "the first `get` begins the fetch"
    );
    let count = fetches
        .borrow()
        .iter()
        .filter(|fetch| fetch.0 == "a")
        .count();
    assert!(
        count == 1,
        "\"a\" was fetched {count} times, for three readers who came at once"
    );
    end(&fetches, 0, Ok("page a"));
    for (number, reader) in readers.into_iter().enumerate() {
        let who = format!("reader {}", number + 1);
        assert_eq!(text(reader, &who), "page a", "{who} has another page");
    }
    assert_eq!(
        *order.borrow(),
        [1, 2, 3],
        "they are given it in the order in which they asked"
    );
    assert_eq!(
        text(cache.get("a"), "a later reader"),
        "page a",
        "the page has come: a later reader gets it at once"
    );
    fetched(&fetches, 1, "a");
    let other = other.into_result().expect_err("page b has not come");
    end(&fetches, 1, Ok("page b"));
    assert_eq!(
        text(other, "the reader of b"),
        "page b",
        "each page goes to those who asked for it"
    );
}

#[test]
fn a_failure_is_told_to_all_and_not_kept() {
    let (cache, fetches) = cache();
    let (first, second) = (cache.get("a"), cache.get("a"));
    end(&fetches, 0, Err("no route"));
    failed(first, "the first reader");
    failed(second, "the second reader");
    let third = cache.get("a");
    assert_eq!(
        fetches.borrow().len(),
        2,
        "(fetches) a failure is not kept: the next `get` fetches again"
    );
    end(&fetches, 1, Ok("page a"));
    assert_eq!(
        text(third, "the third reader"),
        "page a",
        "the second fetch has succeeded"
    );
}

#[test]
fn a_reader_may_ask_again() {
    let (cache, fetches) = cache();
    let again = cache.clone();
    let nested = cache.get("a").add_callback(move |_| again.get("a"));
    ends_while_readers_ask(&fetches, 0, Ok("page a"));
    assert_eq!(
        text(nested, "a reader who asked again"),
        "page a",
        "asked again from inside a stage, it is the same page"
    );

    let (again, told) = (cache.clone(), Rc::new(Cell::new(false)));
    let heard = told.clone();
    let nested = cache.get("b").add_errback(move |_| {
        heard.set(true);
        again.get("b")
    });
    ends_while_readers_ask(&fetches, 1, Err("no route"));
    assert!(told.get(), "the reader was not told that the fetch failed");
    assert_eq!(
        fetches.borrow().len(),
        3,
        "(fetches) a reader who was told of the failure asked again at once: that fetches again"
    );
    end(&fetches, 2, Ok("page b"));
    assert_eq!(
        text(nested, "a reader who asked again"),
        "page b",
        "the second fetch has succeeded"
    );
}

#[test]
fn a_reader_cancels_for_themselves() {
    let (cache, fetches) = cache();
    let (first, second) = (cache.get("a"), cache.get("a"));
    first.canceller().cancel();
    assert!(
        first.into_result().is_ok_and(|result| result.is_err()),
        "who cancels has a result at once"
    );
    let cancelled = fetches.borrow()[0]
        .1
        .as_ref()
        .is_some_and(Resolver::is_cancelled);
    assert!(
        !cancelled,
        "the first reader cancelled, and the fetch that others wait for was cancelled, too"
    );
    end(&fetches, 0, Ok("page a"));
    assert_eq!(
        text(second, "the second reader"),
        "page a",
        "the first reader cancelled for themselves, and the second waits on"
    );
}

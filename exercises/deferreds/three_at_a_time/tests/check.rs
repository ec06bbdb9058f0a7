//! Ends downloads in an order of its own, and counts what is going on.
use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};
use three_at_a_time::{Job, three_at_a_time};
use untwisted::deferreds::{Deferred, Failure, Resolver};

/// What is going on: each download by its number.
type Going = Rc<RefCell<BTreeMap<usize, Resolver<String>>>>;
type Begun = Rc<RefCell<Vec<usize>>>;
type All = Deferred<Vec<Result<String, Failure>>>;

fn start(servers: &[&'static str]) -> (Going, Begun, All) {
    let (going, begun) = (Going::default(), Begun::default());
    let busy = Rc::new(RefCell::new(BTreeSet::new()));
    let jobs = servers.iter().enumerate().map(|(number, &server)| {
        let (going, begun, busy) = (going.clone(), begun.clone(), busy.clone());
        let begin = Box::new(move || {
            assert!(
                busy.borrow_mut().insert(server),
                "two downloads from one server, {server:?}, were going on at once"
            );
            let (resolver, deferred) = Deferred::new();
            going.borrow_mut().insert(number, resolver);
            begun.borrow_mut().push(number);
            let at_once = going.borrow().len();
            assert!(at_once <= 3, "{at_once} downloads were going on at once");
            deferred.add_both(move |result| {
                busy.borrow_mut().remove(server);
                result
            })
        });
        Job { server, begin }
    });
    let all = three_at_a_time(jobs.collect());
    (going, begun, all)
}

fn end(going: &Going, number: usize) {
    let resolver = going.borrow_mut().remove(&number);
    let resolver = resolver.unwrap_or_else(|| panic!("download {number} is not going on"));
    if number % 4 == 3 {
        resolver.errback(Failure::new(format!("no {number}")));
    } else {
        resolver.callback(format!("poem {number}"));
    }
}

#[test]
fn three_begin_and_each_end_begins_the_next() {
    let (going, begun, mut all) = start(&["a", "b", "c", "d", "e", "f", "g"]);
    assert_eq!(
        *begun.borrow(),
        [0, 1, 2],
        "three are begun at once, before it returns"
    );
    for (ended, next) in [(1, 3), (2, 4), (3, 5), (0, 6)] {
        end(&going, ended);
        assert_eq!(
            begun.borrow().last(),
            Some(&next),
            "download {ended} has ended, and the next one was not begun"
        );
    }
    for ended in [6, 4, 5] {
        all = match all.into_result() {
            Err(waits) => waits,
            Ok(_) => {
                panic!("one failed, and it fired although download {ended} was still going on")
            }
        };
        end(&going, ended);
    }
    check(all, 7);
}

fn check(all: All, count: usize) {
    let results = match all.into_result() {
        Ok(Ok(results)) => results,
        Ok(Err(failure)) => panic!("one failed, and so did everything: {failure:?}"),
        Err(_) => panic!("all downloads have ended, and it waits"),
    };
    let texts: Vec<_> = results
        .into_iter()
        .map(|result| result.unwrap_or_else(|failure| failure.to_string()))
        .collect();
    let expected: Vec<_> = (0..count)
        .map(|number| match number % 4 {
            3 => format!("no {number}"),
            _ => format!("poem {number}"),
        })
        .collect();
    assert_eq!(
        texts, expected,
        "the results stand in the order of the jobs"
    );
}

#[test]
fn a_busy_server_holds_up_nobody_else() {
    let (going, begun, all) = start(&["a", "a", "a", "b", "a", "c", "d"]);
    assert_eq!(
        *begun.borrow(),
        [0, 3, 5],
        "(begun) 0, 3 and 5 are of different servers: each of them may begin, and it did not, or another did"
    );
    end(&going, 5);
    assert_eq!(
        *begun.borrow(),
        [0, 3, 5, 6],
        "(begun) 5 has ended: 6 is of a server that is free, so it may begin, and it did not"
    );
    for (ended, expected) in [(3, 4), (6, 4), (0, 5), (1, 6), (2, 7)] {
        end(&going, ended);
        assert_eq!(
            begun.borrow().len(),
            expected,
            "(begun in all) {ended} has ended; all that are left are of server \"a\", one after the other: {:?}",
            begun.borrow()
        );
    }
    end(&going, 4);
    check(all, 7);
}

#[test]
fn the_first_in_the_list_of_those_that_may() {
    let (going, begun, all) = start(&["a", "b", "c", "a", "d"]);
    assert_eq!(*begun.borrow(), [0, 1, 2], "three are begun at once");
    end(&going, 0);
    assert_eq!(
        begun.borrow().last(),
        Some(&3),
        "(begun last) 0 has ended, and its server is free: 3 stands first of those that may begin"
    );
    for ended in [3, 4, 2, 1] {
        end(&going, ended);
    }
    check(all, 5);
}

#[test]
fn a_download_may_end_at_once() {
    let jobs = (0..5).map(|number| Job {
        server: "a",
        begin: Box::new(move || Deferred::succeed(format!("poem {number}"))),
    });
    let all = three_at_a_time(jobs.collect());
    match all.into_result() {
        Ok(Ok(results)) => assert_eq!(
            results.len(),
            5,
            "(results) five downloads ended as soon as they were begun"
        ),
        _ => panic!("five downloads ended as soon as they were begun, and it waits or has failed"),
    }
}

#[test]
fn fewer_than_three_and_none() {
    let (_, begun, none) = start(&[]);
    assert!(begun.borrow().is_empty(), "there was nothing to begin");
    check(none, 0);
    let (going, begun, two) = start(&["a", "b"]);
    assert_eq!(*begun.borrow(), [0, 1], "both are begun at once");
    end(&going, 1);
    end(&going, 0);
    check(two, 2);
}

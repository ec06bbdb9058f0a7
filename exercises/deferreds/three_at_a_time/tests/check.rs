//! Ends downloads in an order of its own, and counts what is going on.
use std::{cell::RefCell, collections::BTreeMap, rc::Rc};
use three_at_a_time::{Job, three_at_a_time};
use untwisted::deferreds::{Deferred, Failure, Resolver};

/// What is going on: each download by its number.
type Going = Rc<RefCell<BTreeMap<usize, Resolver<String>>>>;
type Begun = Rc<RefCell<Vec<usize>>>;
type All = Deferred<Vec<Result<String, Failure>>>;

fn start(count: usize) -> (Going, Begun, All) {
    let (going, begun) = (Going::default(), Begun::default());
    let jobs = (0..count).map(|number| {
        let (going, begun) = (going.clone(), begun.clone());
        Box::new(move || {
            let (resolver, deferred) = Deferred::new();
            going.borrow_mut().insert(number, resolver);
            begun.borrow_mut().push(number);
            let at_once = going.borrow().len();
            assert!(at_once <= 3, "{at_once} downloads were going on at once");
            deferred
        }) as Job
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
    let (going, begun, mut all) = start(7);
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
fn fewer_than_three_and_none() {
    let (_, begun, none) = start(0);
    assert!(begun.borrow().is_empty());
    check(none, 0);
    let (going, begun, two) = start(2);
    assert_eq!(*begun.borrow(), [0, 1], "both are begun at once");
    end(&going, 1);
    end(&going, 0);
    check(two, 2);
}

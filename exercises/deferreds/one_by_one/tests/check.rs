//! Lets servers answer in an order of its own, and counts which were asked.
use one_by_one::{Ask, NothingToTry, one_by_one};
use std::{cell::RefCell, process::Command, rc::Rc};
use untwisted::deferreds::{Deferred, Failure, Resolver};

type Asked = Rc<RefCell<Vec<Resolver<String>>>>;

/// As many servers, and the resolvers of those that were asked.
fn servers(count: usize) -> (Vec<Ask>, Asked) {
    let asked = Asked::default();
    let servers = (0..count).map(|_| {
        let asked = Rc::clone(&asked);
        Box::new(move || {
            let (resolver, poem) = Deferred::new();
            asked.borrow_mut().push(resolver);
            poem
        }) as Ask
    });
    (servers.collect(), asked)
}

/// The server that was asked last answers.
fn answers(asked: &Asked, answer: Result<&str, &'static str>) {
    let resolver = asked.borrow_mut().pop().expect("a server was asked");
    match answer {
        Ok(poem) => resolver.callback(poem.to_owned()),
        Err(why) => resolver.errback(Failure::new(why)),
    }
}

fn text(poem: Deferred<String>) -> String {
    match poem.into_result() {
        Ok(Ok(poem)) => poem,
        Ok(Err(failure)) => format!("failed: {failure}"),
        Err(_) => "waits".to_owned(),
    }
}

#[test]
fn the_first_is_asked_at_once_and_alone() {
    let (servers, asked) = servers(3);
    let poem = one_by_one(servers);
    assert_eq!(
        asked.borrow().len(),
        1,
        "three servers, and none has answered: each later one is asked only when the one before it has failed"
    );
    answers(&asked, Ok("Hope"));
    assert_eq!(text(poem), "Hope", "the first server had the poem");
    assert_eq!(
        asked.borrow().len(),
        0,
        "the first server had the poem: no function is called after it"
    );
}

#[test]
fn the_next_when_one_fails() {
    let (servers, asked) = servers(3);
    let poem = one_by_one(servers);
    answers(&asked, Err("no"));
    assert_eq!(
        asked.borrow().len(),
        1,
        "the first failed, so the second is asked, and only the second"
    );
    answers(&asked, Ok("Hope"));
    assert_eq!(text(poem), "Hope", "the second server had the poem");
    assert_eq!(
        asked.borrow().len(),
        0,
        "the second server had the poem: no function is called after it"
    );
}

#[test]
fn all_fail() {
    let (servers, asked) = servers(3);
    let poem = one_by_one(servers);
    for why in ["refused", "reset", "too late"] {
        answers(&asked, Err(why));
    }
    assert_eq!(
        text(poem),
        "failed: too late",
        "all three fail: the result is the failure of the last one"
    );
}

#[test]
fn nothing_to_try() {
    let poem = std::panic::catch_unwind(|| {
        let poem = one_by_one(Vec::new()).into_result();
        matches!(poem, Ok(Err(failure)) if failure.check::<NothingToTry>().is_some())
    });
    assert_eq!(
        poem.ok(),
        Some(true),
        "an empty list fails with NothingToTry, and does not panic"
    );
}

/// In a process of its own, since an overflow ends the process.
#[test]
fn a_long_list() {
    const SELF: &str = "ONE_BY_ONE_LONG_LIST";
    if std::env::var_os(SELF).is_some() {
        let fail = || Box::new(|| Deferred::fail(Failure::new("no"))) as Ask;
        let poem = one_by_one((0..100_000).map(|_| fail()).collect());
        assert_eq!(text(poem), "failed: no", "all fail: the last failure");
        return;
    }
    let me = std::env::current_exe().expect("the test is a file");
    let run = Command::new(me)
        .args(["--exact", "a_long_list"])
        .env(SELF, "1")
        .output()
        .expect("the test can be started again");
    assert!(
        run.status.success(),
        "100,000 servers that fail at once: overflow of the stack, or another end: {}",
        run.status
    );
}

//! What the pocket's Deferred promises, each with a test.
use pocket::deferred::{Deferred, Failure};
use std::cell::{Cell, RefCell};
use std::io;
use std::process::Command;
use std::rc::Rc;

type Seen = Rc<RefCell<Option<Result<String, String>>>>;

fn watch(deferred: Deferred<String>) -> Seen {
    let seen = Seen::default();
    let end = seen.clone();
    deferred.on_result(move |result| {
        let before = end.borrow_mut().replace(result.map_err(|failure| failure.to_string()));
        assert_eq!(before, None, "the last stage ran twice");
    });
    seen
}

fn shout(text: String) -> Result<String, Failure> {
    if text.is_empty() { Err("nothing to shout".into()) } else { Ok(text.to_uppercase()) }
}

#[test]
fn two_rails() {
    let run = |first: Result<String, Failure>| {
        let end = Deferred::from(first).add_callback(shout).add_errback(|f| Ok(format!("({f})")));
        watch(end).take().unwrap().unwrap()
    };
    assert_eq!(run(Ok("tyger".into())), "TYGER");
    assert_eq!(run(Ok("".into())), "(nothing to shout)");
    assert_eq!(run(Err("refused".into())), "(refused)");
}

#[test]
fn an_errback_does_not_see_what_fails_below_it() {
    let end = Deferred::succeed(String::new()).add_errback(|_| Ok("saved".into()));
    let seen = watch(end.add_callback(shout));
    assert_eq!(seen.take(), Some(Err("nothing to shout".into())));
}

#[test]
fn an_errback_may_fail_in_turn() {
    let (resolver, deferred) = Deferred::<String>::new();
    let seen = watch(deferred.add_errback(|failure| Err(format!("twice: {failure}").into())));
    resolver.errback("once");
    assert_eq!(seen.take(), Some(Err("twice: once".into())));
}

#[test]
fn a_stage_that_waits_holds_up_those_below() {
    let (first, poem) = Deferred::<String>::new();
    let (second, translated) = Deferred::<String>::new();
    let seen = watch(poem.add_callback(move |_| translated).add_callback(shout));
    first.callback("tyger".into());
    assert_eq!(*seen.borrow(), None);
    second.callback("tiger".into());
    assert_eq!(seen.take(), Some(Ok("TIGER".into())));
}

#[test]
fn a_stage_that_waits_for_a_failure_puts_it_on_the_right_rail() {
    let (second, translated) = Deferred::<String>::new();
    let chain = Deferred::succeed(String::new()).add_callback(move |_| translated);
    let seen = watch(chain.add_callback(shout).add_errback(|f| Deferred::succeed(f.to_string())));
    second.errback(io::Error::from(io::ErrorKind::ConnectionRefused));
    assert_eq!(seen.take(), Some(Ok("connection refused".into())));
}

#[test]
fn an_errback_may_wait_too() {
    let (first, poem) = Deferred::<String>::new();
    let (second, other_server) = Deferred::<String>::new();
    let seen = watch(poem.add_errback(move |_| other_server).add_callback(shout));
    first.errback("refused");
    assert_eq!(*seen.borrow(), None);
    second.callback("tyger".into());
    assert_eq!(seen.take(), Some(Ok("TYGER".into())));
}

#[test]
fn it_fires_inside_of_callback_and_late_stages_run_at_once() {
    let (resolver, deferred) = Deferred::<String>::new();
    let seen = watch(deferred);
    assert_eq!(*seen.borrow(), None);
    resolver.callback("now".into());
    assert_eq!(seen.take(), Some(Ok("now".into())));
    let (resolver, deferred) = Deferred::<String>::new();
    resolver.callback("early".into());
    assert_eq!(watch(deferred).take(), Some(Ok("early".into())));
}

#[test]
fn a_dropped_promise_is_a_failure_for_those_before_and_those_after() {
    let (resolver, deferred) = Deferred::<String>::new();
    drop(resolver);
    assert_eq!(watch(deferred).take(), Some(Err("the promise was dropped".into())));
    let (resolver, deferred) = Deferred::<String>::new();
    let seen = watch(deferred);
    drop(resolver);
    assert_eq!(seen.take(), Some(Err("the promise was dropped".into())));
}

#[test]
fn a_resolver_that_has_fired_breaks_no_promise_when_it_is_dropped() {
    // `fire` drops the resolver at its end, when nothing listens yet.
    let (resolver, deferred) = Deferred::<String>::new();
    resolver.fire(Ok("kept".into()));
    assert_eq!(watch(deferred).take(), Some(Ok("kept".into())));
}

#[test]
fn a_failure_keeps_its_type() {
    let (resolver, deferred) = Deferred::<u8>::new();
    let refused = Rc::new(Cell::new(false));
    let seen = refused.clone();
    deferred.add_callback(|n| Ok(n + 1)).on_result(move |result| {
        let failure = result.unwrap_err();
        let error = failure.downcast_ref::<io::Error>();
        seen.set(error.is_some_and(|e| e.kind() == io::ErrorKind::ConnectionRefused));
    });
    resolver.errback(io::Error::from(io::ErrorKind::ConnectionRefused));
    assert!(refused.get());
}

#[test]
fn a_stage_may_fire_and_drop_others_and_add_to_them() {
    let (outer, first) = Deferred::<String>::new();
    let (inner, second) = Deferred::<String>::new();
    let seen = watch(second.add_callback(shout));
    first.on_result(move |result| inner.fire(result));
    outer.callback("inside".into());
    assert_eq!(seen.take(), Some(Ok("INSIDE".into())));
}

#[test]
fn what_a_stage_owns_is_dropped_when_it_has_run_or_never_can() {
    let kept = Rc::new(());
    let (resolver, deferred) = Deferred::<u8>::new();
    let (one, two) = (kept.clone(), kept.clone());
    deferred
        .add_callback(move |n| Ok((n, one)))
        .add_errback(Err)
        .on_result(move |result| drop((result, two)));
    assert_eq!(Rc::strong_count(&kept), 3);
    resolver.errback("the callback is passed by");
    assert_eq!(Rc::strong_count(&kept), 1);
}

/// Standard error is a process's own, so each case is one: this program, asked for one test.
#[test]
fn a_failure_is_reported_once_if_no_stage_saw_it_and_not_otherwise() {
    for (case, reports) in [
        ("unseen", "unhandled failure: unseen\n"),
        ("seen", ""),
        ("recovered", ""),
        ("passed_on", "unhandled failure: passed on\n"),
        ("dropped_before_it_fires", "unhandled failure: nobody waits\n"),
        ("value", ""),
    ] {
        let me = std::env::current_exe().unwrap();
        let args = ["--ignored", "--exact", "--nocapture", "child"];
        let child = Command::new(me).args(args).env("POCKET_CASE", case).output().unwrap();
        assert!(child.status.success(), "{case}: {child:?}");
        assert_eq!(String::from_utf8_lossy(&child.stderr), reports, "{case}");
    }
}

#[test]
#[ignore = "one case of the test above, in a process of its own"]
fn child() {
    let (resolver, deferred) = Deferred::<u8>::new();
    match std::env::var("POCKET_CASE").unwrap_or_default().as_str() {
        "unseen" => {
            resolver.errback("unseen");
            drop(deferred);
        }
        "seen" => {
            deferred.on_result(drop);
            resolver.errback("seen");
        }
        "recovered" => {
            drop(deferred.add_errback(|_| Ok(0)));
            resolver.errback("recovered");
        }
        "passed_on" => {
            drop(deferred.add_callback(|n| Ok(n + 1)).add_callback(|n| Ok(n + 1)));
            resolver.errback("passed on");
        }
        "dropped_before_it_fires" => {
            drop(deferred);
            resolver.errback("nobody waits");
        }
        _ => {
            resolver.callback(1);
            drop(deferred);
        }
    }
}

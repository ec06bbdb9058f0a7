//! Sends commands, and replies to them by hand.
use oldest_first::{Lost, Pending};
use std::{
    cell::RefCell,
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
};
use untwisted::deferreds::{Cancelled, Deferred};

fn text(reply: Deferred<String>, who: &str) -> String {
    match reply.into_result() {
        Ok(Ok(text)) => text,
        Ok(Err(failure)) => panic!("the reply to {who} has come, and it failed: {failure}"),
        Err(_) => panic!("the reply to {who} has come, and it waits"),
    }
}

/// What a `RefCell` says when it is borrowed does not tell why it was.
fn unborrowed<T>(what: &str, f: impl FnOnce() -> T) -> T {
    match catch_unwind(AssertUnwindSafe(f)) {
        Ok(value) => value,
        Err(_) => panic!("{what}: something was still borrowed when the stage ran"),
    }
}

#[test]
fn replies_come_in_the_order_of_the_commands() {
    let pending = Pending::default();
    let (first, second) = (pending.sent(), pending.sent());
    assert!(
        pending.reply("one"),
        "two commands wait, so one of them has asked for this reply"
    );
    assert!(
        pending.reply("two"),
        "one command waits, so it has asked for this reply"
    );
    assert!(
        !pending.reply("three"),
        "no command waits, so none has asked for this reply"
    );
    let both = (text(first, "the first"), text(second, "the second"));
    let wanted = ("one".to_owned(), "two".to_owned());
    assert_eq!(
        both, wanted,
        "replies are told in the order in which the commands were sent"
    );
}

#[test]
fn a_caller_who_has_left_shifts_nothing() {
    let pending = Pending::default();
    let (first, second, third) = (pending.sent(), pending.sent(), pending.sent());
    second.canceller().cancel();
    let left = second.into_result();
    assert!(
        left.is_ok_and(|result| result.is_err_and(|failure| failure.check::<Cancelled>().is_some())),
        "the second was cancelled, and did not fail with Cancelled at once"
    );
    for reply in ["one", "two", "three"] {
        assert!(
            pending.reply(reply),
            "three commands were sent, so reply {reply} was asked for"
        );
    }
    let last = text(third, "the third");
    assert_eq!(
        last, "three",
        "the third command got another command's reply"
    );
    assert_eq!(
        text(first, "the first"),
        "one",
        "the first command got another command's reply"
    );
    assert!(
        !pending.reply("four"),
        "three commands and three replies: no command has asked for a fourth"
    );
}

#[test]
fn all_have_left_and_a_new_one_comes() {
    let pending = Pending::default();
    for _ in 0..2 {
        let gone = pending.sent();
        gone.canceller().cancel();
        let _ = gone.into_result();
    }
    let new = pending.sent();
    pending.reply("one");
    pending.reply("two");
    pending.reply("three");
    assert_eq!(
        text(new, "the new one"),
        "three",
        "the new command got another command's reply"
    );
}

#[test]
fn a_loss_fails_all_and_everything_after() {
    let pending = Pending::default();
    let told: Rc<RefCell<Vec<&str>>> = Rc::default();
    for name in ["first", "second"] {
        let told = told.clone();
        pending.sent().on_result(move |result| {
            let lost = result.is_err_and(|failure| failure.check::<Lost>().is_some());
            assert!(lost, "{name} did not fail with Lost");
            told.borrow_mut().push(name);
        });
    }
    pending.lost();
    let order: Vec<&str> = told.borrow().clone();
    assert_eq!(
        order,
        ["first", "second"],
        "the loss is told in the order in which the commands were sent"
    );
    let after = pending.sent().into_result();
    assert!(
        after.is_ok_and(|result| result.is_err_and(|failure| failure.check::<Lost>().is_some())),
        "a command after the loss will never be replied to, and must fail with Lost at once"
    );
    assert!(
        !pending.reply("late"),
        "after the loss no command waits for a reply"
    );
    pending.lost(); // a second time it has nothing to tell
}

#[test]
fn a_stage_may_do_anything() {
    let pending = Pending::default();
    let again = pending.clone();
    let next = pending.sent().add_callback(move |_| {
        let next = again.sent();
        assert!(
            again.reply("two"),
            "a command was sent just now, and its reply is asked for"
        );
        Ok(next)
    });
    unborrowed(
        "a stage that is told of a reply sends the next command",
        || pending.reply("one"),
    );
    match next.into_result() {
        Ok(Ok(inner)) => assert_eq!(
            text(inner, "the second"),
            "two",
            "the second command got another command's reply"
        ),
        _ => panic!("the stage has run, and its result is not there"),
    }

    let again = pending.clone();
    let told: Rc<RefCell<Option<bool>>> = Rc::default();
    let tell = told.clone();
    pending.sent().on_result(move |_| {
        let late = again.sent().into_result();
        *tell.borrow_mut() = Some(late.is_ok());
        again.lost();
    });
    unborrowed(
        "a stage that is told of the loss sends another command",
        || pending.lost(),
    );
    let at_once: Option<bool> = told.take();
    assert_eq!(
        at_once,
        Some(true),
        "a command sent while the loss is being told will never be replied to, and must fail at once"
    );
}

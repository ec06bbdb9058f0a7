//! Answers, postpones, fails, drops and cancels, and looks at the desk.
use across_and_back::{Desk, consult, enquiry};
use std::{
    future::Future,
    pin::pin,
    task::{Context, Poll, Waker},
    time::Duration,
};
use untwisted::{
    coroutines::{block_on, sleep, timeout},
    deferreds::{Cancelled, Failure},
    reactor::{Reactor, Sim},
};

const QUESTION: &str = "When does the train leave?";

/// A few turns, without a wait.
fn turns(reactor: &mut Reactor) {
    for _ in 0..5 {
        reactor
            .turn(Some(Duration::ZERO))
            .expect("a turn without a wait");
    }
}

/// Asks in a future, answers so many times "later", and drops it. Returns what the desk knows then.
fn dropped_after(later: usize) -> (usize, Vec<usize>) {
    let desk = Desk::default();
    {
        let mut future = pin!(consult(&desk, QUESTION));
        let mut context = Context::from_waker(Waker::noop());
        let mut poll = || {
            assert!(
                future.as_mut().poll(&mut context).is_pending(),
                "there is no answer yet but \"later\": ask again"
            )
        };
        poll();
        for number in 0..later {
            desk.answer(number, Ok("later"));
            poll();
        }
    }
    (desk.asked().len(), desk.withdrawn())
}

#[test]
fn a_future_asks() {
    let desk = Desk::default();
    let mut future = pin!(consult(&desk, QUESTION));
    let mut context = Context::from_waker(Waker::noop());
    assert_eq!(
        desk.asked().len(),
        0,
        "(questions) `consult` was called and not polled; a future does nothing before its first poll"
    );
    for number in 0..3 {
        let said = future.as_mut().poll(&mut context);
        assert!(
            said.is_pending(),
            "\"later\" is no answer, ask again: {said:?}"
        );
        assert_eq!(
            desk.asked(),
            vec![QUESTION; number + 1],
            "(questions) the desk has said \"later\" {number} times: ask again each time, at once and once"
        );
        desk.answer(number, Ok(if number == 2 { "at ten" } else { "later" }));
    }
    let said = future.as_mut().poll(&mut context);
    assert!(
        matches!(&said, Poll::Ready(Ok(answer)) if answer == "at ten"),
        "the desk has said \"at ten\": {said:?}"
    );
    assert!(
        desk.withdrawn().is_empty(),
        "a question that has its answer must not be withdrawn"
    );
}

#[test]
fn a_failure_is_an_answer() {
    let desk = Desk::default();
    let mut future = pin!(consult(&desk, QUESTION));
    let mut context = Context::from_waker(Waker::noop());
    assert!(
        future.as_mut().poll(&mut context).is_pending(),
        "the desk has not answered, and there is a result"
    );
    desk.answer(0, Err(Failure::new("the desk is closed")));
    let said = future.as_mut().poll(&mut context);
    assert!(
        matches!(&said, Poll::Ready(Err(failure)) if failure.to_string() == "the desk is closed"),
        "the desk has failed with \"the desk is closed\", and a failure is an answer, too: it is the result, and nothing is asked again: {said:?}"
    );
    assert_eq!(
        desk.asked().len(),
        1,
        "(questions) a failure is an answer, too: nothing is asked after it"
    );
}

#[test]
fn a_future_is_dropped() {
    for later in 0..3 {
        let (asked, withdrawn) = dropped_after(later);
        assert_eq!(
            asked,
            later + 1,
            "(questions) the desk has said \"later\" {later} times"
        );
        assert_eq!(
            withdrawn,
            [later],
            "(numbers of the questions withdrawn) the future was dropped after {later} times \"later\", and its question is still open, or one was withdrawn that had its answer"
        );
    }
    let desk = Desk::default();
    drop(consult(&desk, QUESTION));
    assert_eq!(
        desk.asked().len(),
        0,
        "(questions) it was dropped and never polled; a future does nothing before its first poll"
    );
}

#[test]
fn a_deferred_goes_on() {
    let mut reactor = Reactor::new(Sim::new(1));
    let desk = Desk::default();
    let answer = enquiry(&reactor.handle(), &desk, QUESTION);
    turns(&mut reactor);
    desk.answer(0, Ok("later"));
    turns(&mut reactor);
    assert_eq!(
        desk.asked().len(),
        2,
        "(questions) the desk has said \"later\" to an `enquiry`: ask again"
    );
    desk.answer(1, Ok("at ten"));
    turns(&mut reactor);
    let result = answer.into_result().map_err(|_| "it has not fired");
    assert!(
        matches!(&result, Ok(Ok(answer)) if answer == "at ten"),
        "the desk has said \"at ten\": {result:?}"
    );

    drop(enquiry(&reactor.handle(), &desk, QUESTION));
    turns(&mut reactor);
    assert_eq!(
        (desk.asked().len(), desk.withdrawn().len()),
        (3, 0),
        "(questions, withdrawn) the Deferred of the second `enquiry` was dropped: dropped is not cancelled, so it goes on and asks"
    );
}

#[test]
fn a_deferred_is_cancelled() {
    for later in 0..3 {
        let mut reactor = Reactor::new(Sim::new(1));
        let desk = Desk::default();
        let answer = enquiry(&reactor.handle(), &desk, QUESTION);
        turns(&mut reactor);
        for number in 0..later {
            desk.answer(number, Ok("later"));
            turns(&mut reactor);
        }
        assert_eq!(
            desk.asked().len(),
            later + 1,
            "(questions) the desk has said \"later\" {later} times: ask again"
        );
        answer.canceller().cancel();
        assert_eq!(
            desk.withdrawn(),
            [later],
            "(numbers of the questions withdrawn) the Deferred was cancelled after {later} times \"later\": either the cancel did not reach the task, or not the desk"
        );
        turns(&mut reactor);
        assert_eq!(
            desk.asked().len(),
            later + 1,
            "(questions) it was cancelled, and it asks again; a failure is an answer, too"
        );
        match answer.into_result() {
            Ok(Err(failure)) if failure.check::<Cancelled>().is_some() => {}
            other => panic!("it was cancelled, so it fails with Cancelled, not {other:?}"),
        }
    }
}

#[test]
fn there_and_back() {
    let mut reactor = Reactor::new(Sim::new(1));
    let (handle, desk) = (reactor.handle(), Desk::default());
    let (h, d) = (handle.clone(), desk.clone());
    let late = block_on(&mut reactor, async move {
        // A future awaits a Deferred, which is a task, which awaits a Deferred.
        let answer = async { enquiry(&h, &d, QUESTION).await };
        let late = timeout(&h, Duration::from_secs(5), answer).await.is_err();
        let open = d.withdrawn();
        sleep(&h, Duration::from_secs(5)).await;
        Ok((late, open))
    });
    let (late, withdrawn) = late.expect("ten seconds pass");
    assert!(late, "the desk has not answered, and there is an answer");
    assert_eq!(
        withdrawn,
        [0],
        "(numbers of the questions withdrawn) the future that awaited `enquiry` was dropped after 5 s, and its question is still open: the cancel did not reach the task, or not the desk"
    );
    assert_eq!(
        desk.asked().len(),
        1,
        "(questions) nothing is asked after a cancel"
    );
}

//! Answers, refuses and forgets.
use ask_later::{Answer, Oracle, Refused, ask};
use untwisted::deferreds::{Abandoned, Deferred, Failure};

/// Asks one question; returns the Deferred and the callback that the oracle has got.
fn asked() -> (Deferred<String>, Answer) {
    let oracle = Oracle::default();
    let deferred = ask(&oracle, "How many?");
    let mut asked = oracle.asked.take();
    assert_eq!(
        asked.len(),
        1,
        "the oracle is asked once, before `ask` returns"
    );
    let (question, answer) = asked.remove(0);
    assert_eq!(question, "How many?", "the oracle was asked something else");
    let deferred = match deferred.into_result() {
        Err(waits) => waits,
        Ok(result) => panic!("it fired before the oracle answered, with {result:?}"),
    };
    (deferred, answer)
}

fn failure(deferred: Deferred<String>, when: &str) -> Failure {
    match deferred.into_result() {
        Ok(Err(failure)) => failure,
        Ok(Ok(answer)) => panic!("{when}, and yet there is an answer: {answer:?}"),
        Err(_) => panic!("{when}, and the caller waits for ever"),
    }
}

#[test]
fn the_answer_comes_through() {
    let (deferred, answer) = asked();
    answer(Ok("Forty-two.".to_owned()));
    match deferred.into_result() {
        Ok(Ok(text)) => assert_eq!(text, "Forty-two.", "the answer is not the oracle's"),
        other => panic!("the oracle answered, but this came: {other:?}"),
    }
}

#[test]
fn a_refusal_is_a_failure() {
    let (deferred, answer) = asked();
    answer(Err("ask again".to_owned()));
    let failure = failure(deferred, "the oracle refused");
    assert!(
        failure.check::<Abandoned>().is_none(),
        "the oracle refused, and the caller heard only that the resolver was dropped"
    );
    match failure.trap::<Refused>() {
        Ok(Refused(why)) => assert_eq!(why, "ask again", "the reason is not the oracle's"),
        Err(other) => panic!("the failure cannot be trapped as `Refused`: {other:?}"),
    }
}

#[test]
fn a_forgotten_question_does_not_wait_for_ever() {
    let (deferred, answer) = asked();
    drop(answer);
    let failure = failure(deferred, "the oracle has dropped the callback");
    assert!(
        failure.check::<Abandoned>().is_some(),
        "a forgotten question is `Abandoned`, not {failure:?}"
    );
}

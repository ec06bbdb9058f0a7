//! Lets poems come in an order of its own, whole and cut short.
use first_whole::{Truncated, first_whole};
use untwisted::deferreds::{Deferred, Failure, FailureGroup, Resolver};

const WHOLE: &str = "Gather ye rosebuds FINIS";
const CUT: &str = "Gather ye ro";

fn start(count: usize) -> (Vec<Option<Resolver<String>>>, Deferred<String>) {
    let (resolvers, poems): (Vec<_>, Vec<_>) = (0..count).map(|_| Deferred::new()).unzip();
    let first = first_whole(poems);
    (resolvers.into_iter().map(Some).collect(), first)
}

fn comes(resolvers: &mut [Option<Resolver<String>>], which: usize, poem: &str) {
    let resolver = resolvers[which].take().expect("each comes once");
    resolver.callback(poem.to_owned());
}

/// It has fired, with a text.
fn text(first: Deferred<String>, otherwise: &str) -> String {
    match first.into_result() {
        Ok(Ok(text)) => text,
        Ok(Err(failure)) => panic!("{otherwise}, but it failed: {failure:?}"),
        Err(_) => panic!("{otherwise} was there, and it waits"),
    }
}

/// It has not fired.
fn waits(first: Deferred<String>, why: &str) -> Deferred<String> {
    match first.into_result() {
        Err(waits) => waits,
        Ok(result) => panic!("{why}, and yet it fired: {result:?}"),
    }
}

#[test]
fn the_first_whole_one_wins_wherever_it_stands() {
    for winner in [2, 1, 0] {
        let (mut resolvers, first) = start(3);
        comes(&mut resolvers, winner, WHOLE);
        let text = text(first, &format!("whole poem {winner} of 0 to 2"));
        assert_eq!(text, WHOLE, "the text of the poem that won");
        for (index, resolver) in resolvers.iter().enumerate() {
            let cancelled = resolver.as_ref().is_none_or(Resolver::is_cancelled);
            assert!(
                cancelled,
                "poem {winner} has won, and poem {index}, which is not needed any more, was not cancelled"
            );
        }
    }
}

#[test]
fn the_others_are_cancelled_by_then() {
    let ((winner, won), (other, slow)) = (Deferred::new(), Deferred::new());
    let told = first_whole(vec![slow, won]).add_callback(move |_| Ok(other.is_cancelled()));
    winner.callback(WHOLE.to_owned());
    match told.into_result() {
        Ok(Ok(cancelled)) => assert!(
            cancelled,
            "when it fires, it has cancelled the poems that have not come; a stage below it saw one that was not"
        ),
        _ => panic!("a whole poem was there, and it waits or has failed"),
    }
}

#[test]
fn one_that_is_cut_short_is_passed_by() {
    let (mut resolvers, first) = start(3);
    comes(&mut resolvers, 0, CUT);
    let first = waits(
        first,
        "the first to come was cut short, and the whole one was still to come",
    );
    let failed = resolvers[2].take().expect("each comes once");
    failed.errback(Failure::new("refused"));
    let first = waits(
        first,
        "one was cut short and one failed, but one was still to come",
    );
    assert!(
        !resolvers[1].as_ref().is_some_and(Resolver::is_cancelled),
        "the only poem that could still come was cancelled"
    );
    comes(&mut resolvers, 1, WHOLE);
    assert_eq!(
        text(first, "the whole poem"),
        WHOLE,
        "the text of the poem that won"
    );
}

#[test]
fn with_none_left_it_fails_with_all_reasons() {
    let (mut resolvers, first) = start(3);
    let failed = resolvers[2].take().expect("each comes once");
    failed.errback(Failure::new("refused"));
    comes(&mut resolvers, 1, CUT);
    comes(&mut resolvers, 0, CUT);
    let failure = first
        .into_result()
        .expect("none is left, so there is a result")
        .expect_err("none is left that was whole, so that is a failure");
    let group: FailureGroup = failure
        .trap()
        .expect("with none left it fails with a FailureGroup");
    let texts: Vec<_> = group.0.iter().map(ToString::to_string).collect();
    let cut = Truncated.to_string();
    assert_eq!(
        texts,
        [cut.as_str(), cut.as_str(), "refused"],
        "(in the order of the list)"
    );
    assert!(
        group.0[0].check::<Truncated>().is_some(),
        "a poem that was cut short is `Truncated`, not only called so: {:?}",
        group.0[0]
    );

    let (_, none) = start(0);
    let failure = none
        .into_result()
        .expect("an empty list: there is nothing to wait for")
        .expect_err("an empty list: nothing can have won");
    assert!(
        failure
            .check::<FailureGroup>()
            .is_some_and(|group| group.0.is_empty()),
        "an empty list fails with an empty FailureGroup, not with {failure:?}"
    );
}

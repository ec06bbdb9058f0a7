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
        assert_eq!(text, WHOLE);
        for (index, resolver) in resolvers.iter().enumerate() {
            let cancelled = resolver.as_ref().is_none_or(Resolver::is_cancelled);
            assert!(
                cancelled,
                "poem {winner} has won, and poem {index}, which nobody needs, was not cancelled"
            );
        }
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
    let failed = resolvers[2].take().unwrap();
    failed.errback(Failure::new("refused"));
    let first = waits(
        first,
        "one was cut short and one failed, but one was still to come",
    );
    assert!(
        !resolvers[1].as_ref().unwrap().is_cancelled(),
        "the only poem that could still come was cancelled"
    );
    comes(&mut resolvers, 1, WHOLE);
    assert_eq!(text(first, "the whole poem"), WHOLE);
}

#[test]
fn with_none_left_it_fails_with_all_reasons() {
    let (mut resolvers, first) = start(3);
    resolvers[2]
        .take()
        .unwrap()
        .errback(Failure::new("refused"));
    comes(&mut resolvers, 1, CUT);
    comes(&mut resolvers, 0, CUT);
    let failure = first.into_result().expect("none is left").unwrap_err();
    let group: FailureGroup = failure.trap().expect("a FailureGroup");
    let texts: Vec<_> = group.0.iter().map(ToString::to_string).collect();
    let cut = Truncated.to_string();
    assert_eq!(
        texts,
        [cut.as_str(), cut.as_str(), "refused"],
        "(in the order of the list)"
    );
    assert!(group.0[0].check::<Truncated>().is_some());

    let (_, none) = start(0);
    let failure = none
        .into_result()
        .expect("there is nothing to wait for")
        .unwrap_err();
    assert!(
        failure
            .check::<FailureGroup>()
            .is_some_and(|group| group.0.is_empty())
    );
}

//! Many Deferreds as one: lists, gathering, races.
use deferreds::{
    Cancelled, Deferred, DeferredList, Failure, FailureGroup, FirstError, Resolver, deferred_list,
    gather_results, race,
};

fn three() -> (Vec<Resolver<u32>>, Vec<Deferred<u32>>) {
    (0..3).map(|_| Deferred::new()).unzip()
}

#[test]
fn a_list_has_all_results_in_the_order_of_its_members() {
    let (mut resolvers, members) = three();
    let all = deferred_list(members);
    resolvers.pop().unwrap().callback(3);
    resolvers.pop().unwrap().errback(Failure::new("two"));
    let all = all.into_result().expect_err("one is missing");
    resolvers.pop().unwrap().callback(1);
    let results = all.into_result().unwrap().unwrap();
    let texts: Vec<_> = results
        .into_iter()
        .map(|r| r.map_err(|f| f.to_string()))
        .collect();
    assert_eq!(texts, [Ok(1), Err("two".to_owned()), Ok(3)]);
}

#[test]
fn an_empty_one_fires_at_once() {
    assert!(
        deferred_list::<u32>([])
            .into_result()
            .unwrap()
            .unwrap()
            .is_empty()
    );
    assert!(
        gather_results::<u32>([])
            .into_result()
            .unwrap()
            .unwrap()
            .is_empty()
    );
    let failure = race::<u32>([]).into_result().unwrap().unwrap_err();
    assert!(failure.trap::<FailureGroup>().unwrap().0.is_empty());
}

#[test]
fn the_first_failure_ends_the_gathering() {
    let (mut resolvers, members) = three();
    let all = gather_results(members);
    resolvers.remove(1).errback(Failure::new("x"));
    let error: FirstError = all.into_result().unwrap().unwrap_err().trap().unwrap();
    assert_eq!((error.index, error.failure.to_string().as_str()), (1, "x"));
    assert!(!resolvers[0].is_cancelled());
}

#[test]
fn cancelling_cancels_every_member() {
    let (resolvers, members) = three();
    let all = deferred_list(members);
    all.canceller().cancel();
    assert!(resolvers.iter().all(Resolver::is_cancelled));
    let results = all.into_result().unwrap().unwrap();
    assert_eq!(results.len(), 3);
    assert!(
        results
            .iter()
            .all(|r| r.as_ref().is_err_and(|f| f.check::<Cancelled>().is_some()))
    );

    let (resolvers, members) = three();
    let all = gather_results(members);
    all.canceller().cancel();
    assert!(resolvers.iter().all(Resolver::is_cancelled));
    let error: FirstError = all.into_result().unwrap().unwrap_err().trap().unwrap();
    assert!(error.failure.check::<Cancelled>().is_some());
}

#[test]
fn the_winner_of_a_race_cancels_the_others() {
    let (mut resolvers, members) = three();
    let first = race(members);
    resolvers.pop().unwrap().errback(Failure::new("x"));
    resolvers.pop().unwrap().callback(7);
    assert!(resolvers[0].is_cancelled());
    assert_eq!(first.into_result().unwrap().unwrap(), (1, 7));
}

#[test]
fn a_race_that_all_lose_has_every_failure_in_order() {
    let (resolvers, members) = three();
    let first = race(members);
    for (resolver, text) in resolvers.into_iter().zip(["a", "b", "c"]).rev() {
        resolver.errback(Failure::new(text));
    }
    let failure = first.into_result().unwrap().unwrap_err();
    assert_eq!(failure.to_string(), "all 3 failed: a; b; c");
}

#[test]
fn fire_on_one_callback_takes_the_first_value_and_lets_the_others_go_on() {
    let (mut resolvers, members) = three();
    let first = DeferredList::new(members).fire_on_one_callback();
    resolvers.pop().unwrap().callback(9);
    assert_eq!(first.into_result().unwrap().unwrap(), (2, 9));
    assert!(!resolvers.iter().any(Resolver::is_cancelled));

    let (resolvers, members) = three();
    let first = DeferredList::new(members).fire_on_one_callback();
    for resolver in resolvers {
        resolver.errback(Failure::new("no"));
    }
    let failure = first.into_result().unwrap().unwrap_err();
    assert_eq!(failure.trap::<FailureGroup>().unwrap().0.len(), 3);
}

#[test]
fn fire_on_one_result_takes_whichever_comes_first() {
    let (mut resolvers, members) = three();
    let first = DeferredList::new(members).fire_on_one_result();
    resolvers.pop().unwrap().callback(9);
    assert_eq!(first.into_result().unwrap().unwrap(), (2, 9));

    let (mut resolvers, members) = three();
    let first = DeferredList::new(members).fire_on_one_result();
    resolvers.pop().unwrap().errback(Failure::new("x"));
    let error: FirstError = first.into_result().unwrap().unwrap_err().trap().unwrap();
    assert_eq!(error.index, 2);
    assert!(!resolvers.iter().any(Resolver::is_cancelled));

    let none = DeferredList::<u32>::new([]).fire_on_one_result();
    assert!(none.into_result().unwrap().is_err());
}

#[test]
fn a_member_that_is_cancelled_by_hand_is_a_failure_like_others() {
    let (resolvers, members) = three();
    let cancellers: Vec<_> = members.iter().map(Deferred::canceller).collect();
    let all = deferred_list(members);
    cancellers[1].cancel();
    let all = all.into_result().expect_err("two go on");
    for resolver in resolvers {
        resolver.callback(1);
    }
    let results = all.into_result().unwrap().unwrap();
    assert!(results[0].is_ok() && results[1].is_err() && results[2].is_ok());
}

/// Waits for `second` once it is cancelled.
fn goes_on(second: Deferred<u32>) -> Deferred<u32> {
    let (resolver, first) = Deferred::<u32>::new();
    std::mem::forget(resolver); // It stays alive, and never fires.
    first.add_errback(|_| second)
}

#[test]
fn a_list_passes_on_every_cancel_as_a_plain_chain_does() {
    let lists: [fn(Deferred<u32>) -> Deferred<()>; 4] = [
        |member| member.add_callback(|_| Ok(())),
        |member| deferred_list([member]).add_callback(|mut all| all.remove(0).map(drop)),
        |member| gather_results([member]).add_callback(|_| Ok(())),
        |member| race([member]).add_callback(|_| Ok(())),
    ];
    for (number, list) in lists.into_iter().enumerate() {
        let (resolver, second) = Deferred::<u32>::new();
        let all = list(goes_on(second));
        let canceller = all.canceller();
        canceller.cancel();
        assert!(
            !resolver.is_cancelled(),
            "{number}: it waits for the second now"
        );
        canceller.cancel();
        assert!(resolver.is_cancelled(), "{number}");
        canceller.cancel(); // There is nothing left to cancel.
        assert!(all.into_result().unwrap().is_err(), "{number}");
    }
}

#[test]
fn a_list_within_a_list_passes_on_every_cancel() {
    let (resolver, second) = Deferred::<u32>::new();
    let outer = deferred_list([deferred_list([goes_on(second)])]);
    outer.canceller().cancel();
    assert!(!resolver.is_cancelled());
    outer.canceller().cancel();
    assert!(resolver.is_cancelled());
    assert!(outer.into_result().unwrap().unwrap()[0].is_ok());
}

#[test]
fn a_second_timeout_reaches_what_the_first_one_led_to() {
    let mut reactor = reactor::Reactor::new(reactor::Sim::new(1));
    let h = reactor.handle();
    let (resolver, second) = Deferred::<u32>::new();
    let all = deferred_list([goes_on(second)])
        .add_timeout(&h, std::time::Duration::from_secs(1))
        .add_timeout(&h, std::time::Duration::from_secs(2));
    assert!(reactor.run().unwrap_err().is_stalled());
    assert!(resolver.is_cancelled());
    assert!(all.into_result().unwrap().unwrap()[0].is_err());
    assert_eq!(h.now().as_millis(), 2_000);
}

#[test]
fn a_race_that_is_cancelled_still_has_the_winner_that_was_paused() {
    let (resolvers, mut members) = three();
    let pause = members[0].pauser().pause();
    let mut resolvers = resolvers.into_iter();
    members.truncate(2);
    resolvers.next().unwrap().callback(7);
    let first = race(members);
    first.canceller().cancel();
    assert!(resolvers.next().unwrap().is_cancelled());
    let first = first.into_result().expect_err("the winner is paused");
    drop(pause);
    assert_eq!(first.into_result().unwrap().unwrap(), (0, 7));
}

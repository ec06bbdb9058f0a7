//! How many questions may be without an answer: exactly so many, then a clear error, and what ends
//! something is always sent.
mod common;
use common::{World, assert_outside, code, patient, redis, settings};
use databases::{ConnectionPool, TooManyPending, connect, redis as redis_crate};
use deferreds::{Deferred, Failure, deferred_list};

fn is_full(failure: &Failure) -> TooManyPending {
    let full = failure.check::<TooManyPending>();
    *full.unwrap_or_else(|| panic!("no TooManyPending: {failure}"))
}

#[test]
fn one_question_more_than_the_limit_is_not_sent_and_says_so() {
    let mut world = World::new();
    let connection = world.run(connect(&world.handle, &settings())).unwrap();
    connection.limit_pending(3);
    let asked: Vec<_> = (0..3)
        .map(|n| connection.query("SELECT $1::int AS n", &[&n]))
        .collect();
    for refused in [
        connection.query("SELECT 4", &[]).add_callback(|_| Ok(())),
        connection
            .operation("SELECT 4", &[])
            .add_callback(|_| Ok(())),
        connection.prepare("SELECT 4").add_callback(|_| Ok(())),
        connection.simple_query("SELECT 4").add_callback(|_| Ok(())),
    ] {
        let failure = refused.into_result().expect("at once").unwrap_err();
        assert_eq!(is_full(&failure).pending(), 3);
        assert!(
            failure.to_string().starts_with("not sent: 3 questions"),
            "{failure}"
        );
    }
    assert_eq!(connection.pending(), 3);
    for (n, rows) in (0..).zip(world.run(deferred_list(asked)).unwrap()) {
        assert_eq!(rows.unwrap()[0].get::<i32>("n").unwrap(), n);
    }
    world.run(connection.query("SELECT 5", &[])).unwrap(); // there is room again
    connection.limit_pending(0);
    assert!(world.run(connection.query("SELECT 6", &[])).is_err());
}

#[test]
fn ten_thousand_are_taken_and_those_whose_callers_left_count() {
    let mut world = World::new();
    let connection = world.run(connect(&world.handle, &settings())).unwrap();
    let asked: Vec<_> = (0..10_000)
        .map(|_| connection.query("SELECT 1", &[]))
        .collect();
    for asked in &asked {
        asked.canceller().cancel(); // the question was sent, so its answer will come
    }
    let more = connection.query("SELECT 2", &[]);
    assert_eq!(is_full(&world.run(more).unwrap_err()).pending(), 10_000);
    for asked in asked {
        assert!(world.run(asked).is_err());
    }
    while connection.pending() > 0 {
        world.reactor.turn(None).unwrap();
    }
    world.run(connection.query("SELECT 3", &[])).unwrap();
}

#[test]
fn bytes_that_are_not_sent_count_too() {
    let mut world = World::new();
    let connection = world.run(connect(&world.handle, &settings())).unwrap();
    let long = "rosebuds".repeat(1 << 20); // 8 MiB
    let asked: Vec<_> = (0..20)
        .map(|_| connection.query("SELECT length($1) AS letters", &[&long]))
        .collect();
    let (mut taken, mut refused) = (0, 0);
    for result in world.run(deferred_list(asked)).unwrap() {
        match result {
            Ok(rows) => {
                assert_eq!(rows[0].get::<i32>("letters").unwrap(), 8 << 20);
                taken += 1;
            }
            Err(failure) => {
                assert!(is_full(&failure).unsent() >= 64 << 20, "{failure}");
                refused += 1;
            }
        }
    }
    // 64 MiB is eight of them; a ninth may begin before that is met, and the socket takes a little
    // at once.
    assert!((8..=10).contains(&taken), "{taken} were taken");
    assert_eq!(taken + refused, 20);
}

#[test]
fn a_transaction_ends_although_its_queue_was_full() {
    let mut world = World::new();
    let reactor = world.handle.clone();
    let pool = ConnectionPool::with_connector(&reactor, patient(1), |reactor| {
        connect(reactor, &settings()).add_callback(|connection| {
            connection.limit_pending(2);
            Ok(connection)
        })
    });
    let fill = |fails: bool| {
        pool.run_interaction(move |tx| {
            let asked: Vec<_> = (0..3).map(|_| tx.query("SELECT 1", &[])).collect();
            let last = asked.into_iter().next_back().expect("three were asked");
            // The third is refused at once, while two are on their way.
            last.add_both(move |result| {
                is_full(&result.unwrap_err());
                if fails {
                    Err(Failure::new("no"))
                } else {
                    Ok(())
                }
            })
        })
    };
    world.run(fill(false)).unwrap();
    assert_outside(&mut world, &pool, "committed with a full queue");
    assert_eq!(world.run(fill(true)).unwrap_err().to_string(), "no");
    assert_outside(&mut world, &pool, "rolled back with a full queue");
}

#[test]
fn a_lost_connection_says_that_it_is_lost_and_not_that_it_is_full() {
    let mut world = World::new();
    let connection = world.run(connect(&world.handle, &settings())).unwrap();
    connection.limit_pending(0);
    connection.close();
    let failure = world.run(connection.query("SELECT 1", &[])).unwrap_err();
    assert!(
        failure.check::<databases::ConnectionLost>().is_some(),
        "{failure}"
    );
}

#[test]
fn redis_takes_exactly_so_many_too_and_a_transaction_ends_all_the_same() {
    let mut world = World::new();
    let connection = redis_crate::connect(&world.handle, &redis(14));
    let connection = world.run(connection).unwrap();
    connection.limit_pending(2);
    let asked: Vec<Deferred<_>> = (0..2).map(|_| connection.command(&["PING"])).collect();
    let more = connection.get("poem").into_result().expect("at once");
    assert_eq!(is_full(&more.unwrap_err()).pending(), 2);
    for reply in world.run(deferred_list(asked)).unwrap() {
        reply.unwrap();
    }
    world.run(connection.set("poem", "Hope")).unwrap();
    connection.close();
    let failure = world.run(connection.get("poem")).unwrap_err();
    assert!(
        failure.check::<redis_crate::RedisLost>().is_some(),
        "{failure}"
    );
}

#[test]
fn what_waits_for_the_shared_connection_is_limited() {
    let mut world = World::new();
    let pool = redis_crate::RedisPool::new(&world.handle, &redis(14), patient(1));
    let asked: Vec<_> = (0..10_001).map(|_| pool.get("nothing")).collect();
    let results = world.run(deferred_list(asked)).unwrap();
    let failures: Vec<_> = results.into_iter().filter_map(Result::err).collect();
    assert_eq!(failures.len(), 1);
    assert_eq!(is_full(&failures[0]).pending(), 10_000);
}

#[test]
fn a_refusal_by_the_server_is_no_refusal_by_the_queue() {
    let mut world = World::new();
    let connection = world.run(connect(&world.handle, &settings())).unwrap();
    connection.limit_pending(1);
    let failure = world.run(connection.query("SELEC", &[])).unwrap_err();
    assert_eq!(code(&failure), "42601");
}

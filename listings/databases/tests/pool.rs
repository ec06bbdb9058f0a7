//! The pool on a real server: interactions, cancels, limits, connections that end.
mod common;
use common::{World, code, patient, settings};
use databases::{
    ConnectionPool, Isolation, PoolClosed, PoolOptions, PoolTimeout, RollbackFailed, RolledBack,
    Server, Settings, Transaction, TransactionOver,
};
use deferreds::{Abandoned, Cancelled, Deferred, Failure, Resolver, deferred_list};
use std::{cell::RefCell, rc::Rc, time::Duration};

/// How many rows a table has.
fn count(world: &mut World, pool: &ConnectionPool, table: &str) -> i64 {
    let rows = pool.run_query(&format!("SELECT count(*) AS n FROM {table}"), &[]);
    world.run(rows).unwrap()[0].get("n").unwrap()
}

fn make(world: &mut World, pool: &ConnectionPool, table: &str) {
    let made = pool.run_operation(&format!("CREATE TABLE {table} (n int PRIMARY KEY)"), &[]);
    world.run(made).unwrap();
}

/// Whether the next borrower of a pool of one is outside of a transaction: `SAVEPOINT` fails there with 25P01.
fn assert_outside(world: &mut World, pool: &ConnectionPool, when: &str) {
    let failure = world
        .run(pool.run_operation("SAVEPOINT a", &[]))
        .unwrap_err();
    assert_eq!(code(&failure), "25P01", "{when}");
}

/// Returns when a connection is at work on exactly this.
fn wait_until_active(world: &mut World, sql: &str) {
    let watcher = world.pool(1);
    loop {
        let seen = "SELECT FROM pg_stat_activity WHERE query = $1 AND wait_event = 'PgSleep'";
        if !world
            .run(watcher.run_query(seen, &[&sql]))
            .unwrap()
            .is_empty()
        {
            return;
        }
    }
}

#[test]
fn an_interaction_commits_its_value_and_rolls_back_its_failure() {
    let mut world = World::new();
    let pool = world.pool(2);
    make(&mut world, &pool, "ends");
    let kept = pool.run_interaction(|tx| {
        let inserted = tx.operation("INSERT INTO ends VALUES (1), (2)", &[]);
        inserted.add_callback(|count| Ok(count * 10))
    });
    assert_eq!(world.run(kept).unwrap(), 20);
    assert_eq!(count(&mut world, &pool, "ends"), 2);

    let refused = pool.run_interaction(|tx| {
        let inserted = tx.operation("INSERT INTO ends VALUES (3)", &[]);
        inserted.add_callback(move |_| tx.operation("INSERT INTO ends VALUES (3)", &[]))
    });
    assert_eq!(code(&world.run(refused).unwrap_err()), "23505");
    let own = pool.run_interaction(|tx| {
        let inserted = tx.operation("INSERT INTO ends VALUES (4)", &[]);
        inserted.add_callback(|_| Err::<(), _>(Failure::new("I changed my mind")))
    });
    let failure = world.run(own).unwrap_err();
    assert_eq!(failure.to_string(), "I changed my mind");
    assert_eq!(count(&mut world, &pool, "ends"), 2);
    assert_eq!(pool.state().busy, 0);
}

#[test]
fn a_cancel_at_any_turn_leaves_no_transaction_behind() {
    let mut world = World::new();
    let pool = world.pool(1);
    make(&mut world, &pool, "cancelled");
    let (mut cancelled, mut finished) = (0, 0);
    for turns in 0.. {
        let work = pool.run_interaction(move |tx| {
            let sql = "INSERT INTO cancelled SELECT $1 FROM pg_sleep(0.005)";
            let first = tx.operation(sql, &[&(2 * turns)]);
            first.add_callback(move |_| {
                let sql = "INSERT INTO cancelled VALUES ($1)";
                tx.operation(sql, &[&(2 * turns + 1)])
            })
        });
        let canceller = work.canceller();
        let result = Rc::new(RefCell::new(None));
        let keeps = Rc::clone(&result);
        work.on_result(move |ended| *keeps.borrow_mut() = Some(ended));
        let mut turned = 0;
        while turned < turns && result.borrow().is_none() {
            world.reactor.turn(Some(Duration::from_secs(1))).unwrap();
            turned += 1;
        }
        canceller.cancel();
        // Where the cancel comes too late, it is told what happened.
        while result.borrow().is_none() {
            world.reactor.turn(Some(Duration::from_secs(1))).unwrap();
        }
        assert_outside(
            &mut world,
            &pool,
            &format!("cancelled after {turned} turns"),
        );
        let before = finished;
        match result.take().unwrap() {
            Ok(_) => finished += 1,
            Err(failure) => {
                assert!(failure.check::<Cancelled>().is_some(), "{failure}");
                cancelled += 1;
            }
        }
        // All of it or nothing; and all of it exactly when it was reported.
        assert_eq!(count(&mut world, &pool, "cancelled"), 2 * finished);
        if turned < turns && finished > before {
            break; // it was over before the cancel
        }
        assert!(turns < 1000, "it never ends");
    }
    assert!(cancelled >= 3, "only {cancelled} were cancelled");
    assert_eq!(pool.state().idle, 1);
}

#[test]
fn a_task_that_is_dropped_at_any_poll_leaves_no_transaction_behind() {
    let mut world = World::new();
    let pool = world.pool(1);
    make(&mut world, &pool, "dropped");
    for turns in 0..12 {
        let mine = pool.clone();
        let task = coroutines::spawn(&world.handle, async move {
            let insert = |tx: Transaction| tx.operation("INSERT INTO dropped VALUES (1)", &[]);
            mine.run_interaction(insert).await?;
            mine.run_operation("DELETE FROM dropped", &[]).await
        });
        let canceller = task.canceller();
        for _ in 0..turns {
            world.reactor.turn(Some(Duration::from_millis(1))).unwrap();
        }
        canceller.cancel(); // drops the future, wherever it is
        let _ = world.run(task);
        assert_outside(&mut world, &pool, &format!("dropped after {turns} turns"));
        world
            .run(pool.run_operation("DELETE FROM dropped", &[]))
            .unwrap();
    }
}

#[test]
fn a_question_nobody_waits_for_is_interrupted_before_the_next_borrower() {
    let mut world = World::new();
    let pool = world.pool(1);
    let sleeps = pool.run_query("SELECT pg_sleep(601)", &[]);
    let canceller = sleeps.canceller();
    wait_until_active(&mut world, "SELECT pg_sleep(601)");
    canceller.cancel();
    let failure = world.run(sleeps).unwrap_err();
    assert!(failure.check::<Cancelled>().is_some(), "{failure}");
    let next = pool.run_query("SELECT 1 AS n", &[]);
    assert_eq!(world.run(next).unwrap()[0].get::<i32>("n").unwrap(), 1);
}

#[test]
fn a_cancel_request_read_to_its_end_never_hits_the_next_question() {
    let mut world = World::new();
    let settings = settings();
    let connection = world
        .run(databases::connect(&world.handle, &settings))
        .unwrap();
    for _ in 0..40 {
        let asked = connection.query("SELECT pg_sleep(0.001)", &[]);
        let cancelled = connection.cancel();
        let _ = world.run(asked); // interrupted, or over before
        world.run(cancelled).unwrap();
        let next = connection.query("SELECT 1", &[]);
        world.run(next).unwrap();
    }
    let sleeps = connection.query("SELECT pg_sleep(602)", &[]);
    wait_until_active(&mut world, "SELECT pg_sleep(602)");
    let cancelled = connection.cancel();
    assert_eq!(code(&world.run(sleeps).unwrap_err()), "57014");
    world.run(cancelled).unwrap();
}

#[test]
fn holding_the_only_connection_and_asking_for_another_is_an_error_that_says_so() {
    let mut world = World::new();
    let options = PoolOptions {
        wait: Duration::from_millis(200),
        ..patient(1)
    };
    let pool = ConnectionPool::new(&world.handle, &settings(), options);
    let inner = pool.clone();
    let line = line!() + 1;
    let outer = pool.run_interaction(move |_| inner.run_query("SELECT 1", &[]));
    let failure = world.run(outer).unwrap_err();
    let timeout: PoolTimeout = failure.trap().expect("a PoolTimeout");
    let text = timeout.to_string();
    for word in ["0.2 s", "size 1", "1 busy", "1 waiting"] {
        assert!(text.contains(word), "{word}: {text}");
    }
    let (place, _) = timeout.oldest_loan().unwrap();
    assert_eq!((place.file(), place.line()), (file!(), line), "{text}");
    // And the pool goes on.
    world.run(pool.run_query("SELECT 1", &[])).unwrap();
    assert_eq!(pool.state().waiting, 0);
}

#[test]
fn one_more_than_may_wait_is_refused_at_once() {
    let mut world = World::new();
    let options = PoolOptions {
        most_waiting: 1,
        ..patient(1)
    };
    let pool = ConnectionPool::new(&world.handle, &settings(), options);
    let first = world.run(pool.acquire()).unwrap();
    let second = pool.run_query("SELECT 2", &[]);
    let third = pool.run_query("SELECT 3", &[]).into_result();
    let failure = third.expect("an answer at once").unwrap_err();
    assert!(
        failure.to_string().starts_with("no more may wait"),
        "{failure}"
    );
    drop(first);
    world.run(second).unwrap();
}

#[test]
fn waiters_are_served_in_their_order_and_one_that_leaves_is_skipped() {
    let mut world = World::new();
    let pool = world.pool(1);
    let held = world.run(pool.acquire()).unwrap();
    let order = Rc::new(RefCell::new(Vec::new()));
    let mut asked: Vec<_> = (0..4)
        .map(|number| {
            let order = Rc::clone(&order);
            pool.run_query("SELECT 1", &[]).add_callback(move |_| {
                order.borrow_mut().push(number);
                Ok(())
            })
        })
        .collect();
    let second = asked.remove(1);
    second.canceller().cancel();
    assert!(second.into_result().unwrap().is_err());
    assert_eq!(pool.state().waiting, 3);
    drop(held);
    world.run(deferred_list(asked)).unwrap();
    assert_eq!(*order.borrow(), [0, 2, 3]);
}

#[test]
fn a_rollback_that_fails_keeps_both_errors() {
    let mut world = World::new();
    let mut server = Server::temporary().unwrap();
    let pool = ConnectionPool::new(&world.handle, server.settings(), patient(1));
    let failed = pool.run_interaction(move |_| {
        server.kill(); // nobody here has noticed yet
        Err::<(), _>(Failure::new("I changed my mind"))
    });
    let both: RollbackFailed = world.run(failed).unwrap_err().trap().expect("both errors");
    assert_eq!(both.failure().to_string(), "I changed my mind");
    assert!(
        both.rollback()
            .check::<databases::ConnectionLost>()
            .is_some(),
        "{both}"
    );
    assert!(both.to_string().contains("I changed my mind"), "{both}");
}

#[test]
fn a_failure_that_was_swallowed_is_no_commit() {
    let mut world = World::new();
    let pool = world.pool(1);
    make(&mut world, &pool, "swallowed");
    let codes = Rc::new(RefCell::new(Vec::new()));
    let seen = Rc::clone(&codes);
    let work = pool.run_interaction(move |tx| {
        let asked = [
            "INSERT INTO swallowed VALUES (1)",
            "INSERT INTO swallowed VALUES (1)",
            "SELECT 1",
        ];
        deferred_list(asked.map(|sql| tx.operation(sql, &[]))).add_callback(move |results| {
            let failures = results.into_iter().filter_map(Result::err);
            *seen.borrow_mut() = failures.map(|failure| code(&failure).to_owned()).collect();
            Ok(())
        })
    });
    let failure = world.run(work).unwrap_err();
    assert_eq!(*codes.borrow(), ["23505", "25P02"]); // what comes after a failed statement fails, too
    assert!(failure.check::<RolledBack>().is_some(), "{failure}");
    assert_eq!(count(&mut world, &pool, "swallowed"), 0);
}

#[test]
fn an_interaction_that_ends_its_own_transaction_is_told() {
    let mut world = World::new();
    let pool = world.pool(1);
    let work = pool.run_interaction(|tx| tx.operation("COMMIT", &[]));
    let failure = world.run(work).unwrap_err();
    assert!(failure.check::<TransactionOver>().is_some(), "{failure}");
}

#[test]
fn a_transaction_that_is_over_asks_nothing() {
    let mut world = World::new();
    let pool = world.pool(1);
    let kept = world.run(pool.run_interaction(Ok)).unwrap();
    let failure = world.run(kept.query("SELECT 1", &[])).unwrap_err();
    assert!(failure.check::<TransactionOver>().is_some(), "{failure}");
    assert_eq!(pool.state().idle, 1); // and it holds nothing
}

#[test]
fn an_interaction_that_panics_is_rolled_back_and_the_pool_goes_on() {
    let mut world = World::new();
    let pool = world.pool(1);
    make(&mut world, &pool, "panicked");
    for late in [false, true] {
        let work = pool.run_interaction(move |tx| {
            assert!(late, "at once");
            let inserted = tx.operation("INSERT INTO panicked VALUES (1)", &[]);
            inserted.add_callback(|_| -> Result<(), Failure> { panic!("in a stage") })
        });
        // The transport contains the panic: it costs the connection, and with it the transaction.
        let failure = world.run(work).unwrap_err();
        assert!(failure.check::<Abandoned>().is_some(), "{failure}");
        assert_outside(&mut world, &pool, "after a panic");
        assert_eq!(count(&mut world, &pool, "panicked"), 0);
    }
}

#[test]
fn a_connection_given_back_early_is_clean_before_the_next_has_it() {
    let mut world = World::new();
    let pool = world.pool(1);
    let connection = world.run(pool.acquire()).unwrap();
    let begun = connection.operation("BEGIN", &[]);
    let asked = connection.query("SELECT 1 AS n FROM pg_sleep(0.05)", &[]);
    drop(connection); // both are still on their way, and wanted
    assert_outside(&mut world, &pool, "given back in a transaction");
    world.run(begun).unwrap();
    assert_eq!(world.run(asked).unwrap()[0].get::<i32>("n").unwrap(), 1);
}

#[test]
fn a_backend_that_is_ended_fails_its_question_and_is_replaced() {
    let mut world = World::new();
    let pool = world.pool(1);
    let ended = pool.run_query("SELECT pg_terminate_backend(pg_backend_pid())", &[]);
    let failure = world.run(ended).unwrap_err();
    let lost = failure.check::<databases::ConnectionLost>().unwrap();
    assert_eq!(lost.server().unwrap().code, "57P01");
    // And one that ends while nobody uses it.
    let first = world
        .run(pool.run_query("SELECT pg_backend_pid() AS pid", &[]))
        .unwrap();
    let pid: i32 = first[0].get("pid").unwrap();
    let other = world.pool(1);
    world
        .run(other.run_query("SELECT pg_terminate_backend($1)", &[&pid]))
        .unwrap();
    for _ in 0..1000 {
        let asked = world.run(pool.run_query("SELECT pg_backend_pid() AS pid", &[]));
        // It may be lent in the moment in which it ends; the next one is a new one.
        if asked.is_ok_and(|rows| rows[0].get::<i32>("pid").unwrap() != pid) {
            return;
        }
    }
    panic!("the ended connection is lent again and again");
}

#[test]
fn an_old_connection_shows_that_it_lives_before_it_is_lent() {
    let mut world = World::new();
    let options = PoolOptions {
        check_after: Duration::ZERO,
        ..patient(1)
    };
    let pool = ConnectionPool::new(&world.handle, &settings(), options);
    let pid = |world: &mut World| {
        let rows = world
            .run(pool.run_query("SELECT pg_backend_pid() AS pid", &[]))
            .unwrap();
        rows[0].get::<i32>("pid").unwrap()
    };
    let first = pid(&mut world);
    assert_eq!(pid(&mut world), first); // checked, and the same
    let other = world.pool(1);
    let ended = other.run_query("SELECT pg_terminate_backend($1, 60000)", &[&first]);
    world.run(ended).unwrap();
    assert_ne!(pid(&mut world), first); // nobody was handed the dead one
}

#[test]
fn every_waiter_hears_why_no_connection_can_be_made() {
    let mut world = World::new();
    let made = world.pool(1).run_operation(
        "CREATE ROLE reader LOGIN PASSWORD 'rosebuds' CONNECTION LIMIT 1",
        &[],
    );
    world.run(made).unwrap();
    let reader = |password: &str| Settings {
        user: "reader".to_owned(),
        password: Some(password.to_owned()),
        ..settings()
    };
    let wrong = ConnectionPool::new(&world.handle, &reader("rosebud"), patient(2));
    let asked = (0..5).map(|_| wrong.run_query("SELECT 1", &[]));
    for result in world.run(deferred_list(asked)).unwrap() {
        assert_eq!(code(&result.unwrap_err()), "28P01");
    }
    // One connection is all that this role may have: the first works, the second is refused, the third waits for the first.
    let few = ConnectionPool::new(&world.handle, &reader("rosebuds"), patient(2));
    let held = world.run(few.acquire()).unwrap();
    let refused = world.run(few.run_query("SELECT 1", &[])).unwrap_err();
    assert_eq!(code(&refused), "53300");
    drop(held);
    world.run(few.check()).unwrap();
}

#[test]
fn serializable_transactions_that_collide_fail_with_40001_and_one_wins() {
    let mut world = World::new();
    let pool = world.pool(2);
    make(&mut world, &pool, "collide");
    world
        .run(pool.run_operation("INSERT INTO collide VALUES (1)", &[]))
        .unwrap();
    // Each reads, and waits for the other before it writes.
    let gate: Rc<RefCell<Vec<Resolver<()>>>> = Rc::default();
    let bump = || {
        let gate = Rc::clone(&gate);
        pool.run_interaction_at(Isolation::Serializable, |tx| {
            let read = tx.query("SELECT n FROM collide", &[]);
            read.add_callback(move |_| {
                let (resolver, both) = Deferred::new();
                gate.borrow_mut().push(resolver);
                if gate.borrow().len() == 2 {
                    for resolver in gate.take() {
                        resolver.callback(());
                    }
                }
                both.add_callback(move |()| tx.operation("UPDATE collide SET n = n + 1", &[]))
            })
        })
    };
    let results = world.run(deferred_list([bump(), bump()])).unwrap();
    let failures: Vec<_> = results.into_iter().filter_map(Result::err).collect();
    assert_eq!(failures.len(), 1);
    assert_eq!(code(&failures[0]), "40001");
}

#[test]
fn a_statement_that_takes_too_long_fails_with_57014() {
    let mut world = World::new();
    let pool = world.pool(1);
    let work = pool.run_interaction(|tx| {
        let set = tx.operation("SET LOCAL statement_timeout = 20", &[]);
        set.add_callback(move |_| tx.query("SELECT pg_sleep(600)", &[]))
    });
    assert_eq!(code(&world.run(work).unwrap_err()), "57014");
    world
        .run(pool.run_query("SELECT pg_sleep(0.05)", &[]))
        .unwrap(); // LOCAL ended with it
}

#[test]
fn a_closed_pool_lets_what_is_lent_come_home_and_takes_no_more() {
    let mut world = World::new();
    let pool = world.pool(1);
    let held = world.run(pool.acquire()).unwrap();
    let waits = pool.run_query("SELECT 1", &[]);
    let (first, second) = (pool.close(), pool.close());
    let told = world.run(waits).unwrap_err();
    assert!(told.check::<PoolClosed>().is_some(), "{told}");
    assert!(world.run(pool.acquire()).is_err());
    let first = match first.into_result() {
        Ok(_) => panic!("one is still lent"),
        Err(first) => first,
    };
    let answer = held.query("SELECT 2 AS n", &[]);
    drop(held);
    world.run(answer).unwrap();
    world.run(first).unwrap();
    world.run(second).unwrap();
    world.run(pool.close()).unwrap();
    assert_eq!(pool.state().idle, 0);
}

#[test]
fn a_server_that_says_nothing_is_a_timeout_that_counts_who_connects() {
    let mut world = World::new();
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let settings = Settings {
        address: silent.local_addr().unwrap().into(),
        ..settings()
    };
    let options = PoolOptions {
        wait: Duration::from_millis(100),
        ..patient(3)
    };
    let pool = ConnectionPool::new(&world.handle, &settings, options);
    let failure = world.run(pool.run_query("SELECT 1", &[])).unwrap_err();
    assert!(
        failure.to_string().contains("0 busy, 0 idle, 1 connecting"),
        "{failure}"
    );
}

#[test]
fn dropping_the_reactor_with_everything_under_way_is_quiet() {
    let world = World::new();
    let pool = world.pool(1);
    let work = pool.run_interaction(|tx| tx.operation("SELECT pg_sleep(600)", &[]));
    let waits: Deferred<_> = pool.run_query("SELECT 1", &[]);
    drop(world);
    drop((work, waits, pool));
}

//! Interactions on a real server: commit, rollback, cancels, collisions, panics.
mod common;
use common::{World, assert_outside, code, count, make, patient};
use databases::{
    ConnectionPool, Isolation, RollbackFailed, RolledBack, Server, Transaction, TransactionOver,
};
use deferreds::{Abandoned, Cancelled, Deferred, Failure, Resolver, deferred_list};
use std::{cell::RefCell, rc::Rc, time::Duration};

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
    let mut dropped = 0;
    for turns in 0.. {
        let mine = pool.clone();
        let task = coroutines::spawn(&world.handle, async move {
            let insert = |tx: Transaction| tx.operation("INSERT INTO dropped VALUES (1)", &[]);
            mine.run_interaction(insert).await?;
            mine.run_operation("DELETE FROM dropped", &[]).await
        });
        let canceller = task.canceller();
        let result = Rc::new(RefCell::new(None));
        let keeps = Rc::clone(&result);
        task.on_result(move |ended| *keeps.borrow_mut() = Some(ended));
        for _ in 0..turns {
            if result.borrow().is_none() {
                world.reactor.turn(Some(Duration::from_secs(1))).unwrap();
            }
        }
        let finished = result.borrow().is_some();
        canceller.cancel(); // drops the future, wherever it is
        assert_outside(&mut world, &pool, &format!("dropped after {turns} turns"));
        let emptied = pool.run_operation("DELETE FROM dropped", &[]);
        world.run(emptied).unwrap();
        if finished {
            assert!(result.take().unwrap().is_ok());
            break; // every poll had its turn
        }
        dropped += 1;
        assert!(turns < 1000, "it never ends");
    }
    assert!(dropped >= 3, "only {dropped} were dropped");
}

#[test]
fn a_rollback_that_fails_keeps_both_errors() {
    let mut world = World::new();
    let mut server = Server::temporary().unwrap();
    let pool = ConnectionPool::new(&world.handle, server.settings(), patient(1));
    let failed = pool.run_interaction(move |_| {
        server.kill(); // no event has told this side yet
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

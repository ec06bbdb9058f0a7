//! The pool on a real server: lending, limits, questions given up, connections that end.
mod common;
use common::{World, assert_outside, code, patient, settings, wait_until_active};
use databases::{ConnectionPool, PoolClosed, PoolOptions, PoolTimeout, Settings};
use deferreds::{Abandoned, Cancelled, Deferred, Failure, deferred_list};
use std::{cell::RefCell, panic::AssertUnwindSafe, rc::Rc, time::Duration};

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
    // And one that ends while it is idle.
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
    assert_ne!(pid(&mut world), first); // the dead one was lent to no borrower
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
    // One connection is all that this role may have: the first works, the second is refused, the
    // third waits for the first.
    let few = ConnectionPool::new(&world.handle, &reader("rosebuds"), patient(2));
    let held = world.run(few.acquire()).unwrap();
    let refused = world.run(few.run_query("SELECT 1", &[])).unwrap_err();
    assert_eq!(code(&refused), "53300");
    drop(held);
    world.run(few.check()).unwrap();
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

#[test]
fn run_with_connection_gives_back_on_every_path() {
    let mut world = World::new();
    let pool = world.pool(1);
    // A setting of the session is still there at the second question: it is one connection, and no
    // transaction.
    let kept = pool.run_with_connection(|connection| {
        let set = connection.operation("SET application_name = 'lent'", &[]);
        let asked = connection.query("SELECT current_setting('application_name') AS name", &[]);
        set.add_callback(move |_| asked)
    });
    let rows = world.run(kept).unwrap();
    assert_eq!(rows[0].get::<String>("name").unwrap(), "lent");
    let outside = pool.run_with_connection(|connection| connection.operation("SAVEPOINT a", &[]));
    assert_eq!(code(&world.run(outside).unwrap_err()), "25P01");
    assert_eq!(pool.state().idle, 1);

    let now = pool.run_with_connection(|_| Ok(7)); // a value that is there at once
    assert_eq!(world.run(now).unwrap(), 7);
    let failed = pool.run_with_connection(|_| Err::<(), _>(Failure::new("no")));
    assert_eq!(world.run(failed).unwrap_err().to_string(), "no");
    let refused = pool.run_with_connection(|connection| connection.query("SELEC", &[]));
    assert_eq!(code(&world.run(refused).unwrap_err()), "42601");
    let open = pool.run_with_connection(|connection| connection.operation("BEGIN", &[]));
    world.run(open).unwrap();
    assert_outside(&mut world, &pool, "BEGIN was left open");

    // A connection is there at once, so the panic is its caller's; one in a stage costs the
    // connection.
    let mine = pool.clone();
    let panics = std::panic::catch_unwind(AssertUnwindSafe(|| {
        mine.run_with_connection(|_| -> Result<(), Failure> { panic!("in the closure") })
    }));
    assert!(panics.is_err());
    world.run(pool.check()).unwrap();
    let late = pool.run_with_connection(|connection| {
        let asked = connection.query("SELECT 1", &[]);
        asked.add_callback(|_| -> Result<(), Failure> { panic!("in a stage") })
    });
    let failure = world.run(late).unwrap_err();
    assert!(failure.check::<Abandoned>().is_some(), "{failure}");
    let sleeps =
        pool.run_with_connection(|connection| connection.query("SELECT pg_sleep(603)", &[]));
    let canceller = sleeps.canceller();
    wait_until_active(&mut world, "SELECT pg_sleep(603)");
    canceller.cancel();
    let failure = world.run(sleeps).unwrap_err();
    assert!(failure.check::<Cancelled>().is_some(), "{failure}");

    // And inside itself, in a pool of one: an error, and no deadlock.
    let options = PoolOptions {
        wait: Duration::from_millis(100),
        ..patient(1)
    };
    let short = ConnectionPool::new(&world.handle, &settings(), options);
    let inner = short.clone();
    let nested = short.run_with_connection(move |_| inner.run_with_connection(|_| Ok(())));
    let failure = world.run(nested).unwrap_err();
    assert!(failure.check::<PoolTimeout>().is_some(), "{failure}");
    world.run(short.check()).unwrap();
    world.run(pool.check()).unwrap();
    assert_eq!((pool.state().busy, short.state().busy), (0, 0));
}

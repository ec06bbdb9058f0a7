//! A server that is killed in the middle of everything: nothing reported is lost, nothing is
//! reported twice, the pool recovers.
mod common;
use common::{World, patient};
use databases::{CommitUnknown, ConnectionPool, Server};
use deferreds::Failure;
use std::{
    cell::{Cell, RefCell},
    collections::BTreeSet,
    rc::Rc,
    time::Duration,
};

#[test]
fn kill_9_in_the_middle_of_100_interactions() {
    let mut world = World::new();
    let mut server = Server::temporary().unwrap();
    let pool = ConnectionPool::new(&world.handle, server.settings(), patient(10));
    world
        .run(pool.run_operation("CREATE TABLE kept (n int PRIMARY KEY)", &[]))
        .unwrap();
    let told = Rc::new(RefCell::new(Vec::<(i32, Result<(), Failure>)>::new()));
    let committed = Rc::new(Cell::new(0));
    for n in 0..100 {
        let (told, committed) = (Rc::clone(&told), Rc::clone(&committed));
        let work = pool.run_interaction(move |tx| {
            let sql = "INSERT INTO kept SELECT $1 FROM pg_sleep(0.003)";
            tx.operation(sql, &[&n]).add_callback(|_| Ok(()))
        });
        work.on_result(move |result| {
            committed.set(committed.get() + i32::from(result.is_ok()));
            told.borrow_mut().push((n, result));
        });
    }
    while committed.get() < 20 {
        world.reactor.turn(Some(Duration::from_secs(1))).unwrap();
    }
    server.kill();
    // Those that wait for a connection try to make one, and are told that there is no server.
    let begin = world.handle.now();
    while told.borrow().len() < 100 {
        world.reactor.turn(Some(Duration::from_secs(1))).unwrap();
        assert!(
            (world.handle.now() - begin).as_secs() < 60,
            "some have not fired"
        );
    }
    server.restart().unwrap();
    let rows = world
        .run(pool.run_query("SELECT n FROM kept", &[]))
        .unwrap(); // the pool recovers
    let kept: BTreeSet<i32> = rows.iter().map(|row| row.get("n").unwrap()).collect();
    let told = told.take();
    let once: BTreeSet<_> = told.iter().map(|(n, _)| *n).collect();
    assert_eq!((told.len(), once.len()), (100, 100)); // each once
    for (n, result) in &told {
        match result {
            Ok(()) => assert!(kept.contains(n), "{n} was reported committed, and is lost"),
            Err(failure) if failure.check::<CommitUnknown>().is_some() => {} // it may be there
            Err(failure) => assert!(!kept.contains(n), "{n} failed with {failure}, and is there"),
        }
    }
    assert!(kept.len() >= 20 && kept.len() < 100, "{}", kept.len());
    assert_eq!(pool.state().busy, 0);
}

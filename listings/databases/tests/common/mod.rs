//! What the tests share: a server for all of a test program, a reactor that runs until a Deferred
//! has fired.
#![allow(dead_code, reason = "no test program uses all of it")]
use databases::{
    ConnectionPool, DatabaseError, PoolOptions, Server, Settings,
    redis::{RedisServer, RedisSettings},
};
use deferreds::{Deferred, Failure};
use reactor::{Handle, Os, Reactor};
use std::{cell::RefCell, rc::Rc, sync::LazyLock, time::Duration};

/// One server for all tests of a program. It ends with the program.
static SERVER: LazyLock<Server> = LazyLock::new(|| Server::temporary().unwrap());

/// How to connect to it, as its owner.
pub(crate) fn settings() -> Settings {
    SERVER.settings().clone()
}

/// A reactor, run until the Deferred has fired.
pub(crate) struct World {
    pub(crate) reactor: Reactor,
    pub(crate) handle: Handle,
}

impl World {
    pub(crate) fn new() -> World {
        let reactor = Reactor::new(Os::new().unwrap());
        let handle = reactor.handle();
        World { reactor, handle }
    }

    /// A pool of so many connections, with limits that no loaded machine meets.
    pub(crate) fn pool(&self, size: usize) -> ConnectionPool {
        ConnectionPool::new(&self.handle, &settings(), patient(size))
    }

    /// Turns until it has fired; a minute is a hang.
    pub(crate) fn run<T: 'static>(&mut self, deferred: Deferred<T>) -> Result<T, Failure> {
        let found = Rc::new(RefCell::new(None));
        let keeps = Rc::clone(&found);
        deferred.on_result(move |result| *keeps.borrow_mut() = Some(result));
        let begin = self.handle.now();
        while found.borrow().is_none() {
            self.reactor.turn(Some(Duration::from_secs(1))).unwrap();
            let hangs = (self.handle.now() - begin).as_secs() > 60;
            assert!(!hangs, "nothing has fired for a minute");
        }
        found.take().unwrap()
    }
}

pub(crate) fn patient(size: usize) -> PoolOptions {
    PoolOptions {
        size,
        wait: Duration::from_secs(60),
        connect: Duration::from_secs(60),
        clean: Duration::from_secs(60),
        ..PoolOptions::default()
    }
}

/// The SQLSTATE of a failure.
pub(crate) fn code(failure: &Failure) -> &str {
    match failure.check::<DatabaseError>() {
        Some(error) => &error.code,
        None => panic!("no error of the database: {failure}"),
    }
}

/// One Redis for all tests of a program.
static REDIS: LazyLock<RedisServer> = LazyLock::new(|| RedisServer::temporary().unwrap());

/// How to connect to one of its databases. Each test has a number of its own.
pub(crate) fn redis(database: u32) -> RedisSettings {
    REDIS.database(database)
}

/// How many rows a table has.
pub(crate) fn count(world: &mut World, pool: &ConnectionPool, table: &str) -> i64 {
    let rows = pool.run_query(&format!("SELECT count(*) AS n FROM {table}"), &[]);
    world.run(rows).unwrap()[0].get("n").unwrap()
}

pub(crate) fn make(world: &mut World, pool: &ConnectionPool, table: &str) {
    let made = pool.run_operation(&format!("CREATE TABLE {table} (n int PRIMARY KEY)"), &[]);
    world.run(made).unwrap();
}

/// Whether the next borrower of a pool of one is outside of a transaction: `SAVEPOINT` fails there
/// with 25P01.
pub(crate) fn assert_outside(world: &mut World, pool: &ConnectionPool, when: &str) {
    let failure = world
        .run(pool.run_operation("SAVEPOINT a", &[]))
        .unwrap_err();
    assert_eq!(code(&failure), "25P01", "{when}");
}

/// Returns when a connection is at work on exactly this.
pub(crate) fn wait_until_active(world: &mut World, sql: &str) {
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

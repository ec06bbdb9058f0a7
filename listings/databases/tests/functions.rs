//! Stored functions as the interface, who may do what, and the shelf that stands on them.
mod common;
use common::{World, code, patient, redis, settings};
use databases::{
    BlockingConnection, ConnectionPool, NameError, Settings, Shelf, ShelfPoem, in_thread,
    redis::{RedisPool, RedisServer},
};
use deferreds::Failure;
use std::sync::Mutex;

/// `CREATE OR REPLACE FUNCTION` by two at once is an error of PostgreSQL's, and the tests share a
/// server.
static INSTALLS: Mutex<()> = Mutex::new(());

fn install(world: &mut World, pool: &ConnectionPool) {
    let _one = INSTALLS.lock();
    world.run(Shelf::install(pool)).unwrap();
    world.run(Shelf::install(pool)).unwrap();
}

#[test]
fn any_function_with_the_prefix_can_be_called_and_nothing_else() {
    let mut world = World::new();
    let pool = world.pool(1);
    let late = "CREATE FUNCTION function_louder(line text) RETURNS text LANGUAGE sql AS 'SELECT upper(line)'";
    world.run(pool.run_operation(late, &[])).unwrap();
    let rows = world.run(pool.call("louder", &[&"it's a poem"])).unwrap();
    assert_eq!(
        rows[0].get::<String>("function_louder").unwrap(),
        "IT'S A POEM"
    );
    for name in ["pg_sleep", "louder\"; DROP TABLE poems; --", "LOUDER", ""] {
        let failure = world.run(pool.call(name, &[&"x"])).unwrap_err();
        assert_eq!(code(&failure), "42883", "{name}");
    }
    let failure = world.run(pool.call("louder", &[])).unwrap_err();
    assert_eq!(code(&failure), "42883"); // another number of values is another function
    let missing = pool.missing_functions(&["louder", "quieter", "pg_sleep", "LOUDER"]);
    assert_eq!(
        world.run(missing).unwrap(),
        ["quieter", "pg_sleep", "LOUDER"]
    );
    let long = world.run(pool.call(&"x".repeat(60), &[])).unwrap_err();
    assert!(long.check::<NameError>().is_some(), "{long}");
}

#[test]
fn the_shelf_reads_from_postgresql_and_then_from_redis() {
    let mut world = World::new();
    let pool = world.pool(3);
    install(&mut world, &pool);
    let cache = RedisPool::new(&world.handle, &redis(3), patient(1));
    let shelf = Shelf::new(&pool, Some(&cache));
    let catalogue = world.run(shelf.catalogue()).unwrap();
    assert!(
        catalogue
            .iter()
            .any(|entry| entry.name == "tyger" && entry.poet == "William Blake")
    );

    let first = world.run(shelf.poem("tyger")).unwrap().unwrap();
    assert_eq!(first.title, "The Tyger");
    let kept = world
        .run(cache.command(&["HGET", "poem:tyger", "text"]))
        .unwrap();
    assert_eq!(kept.into_text().unwrap().unwrap(), first.text);
    // The second comes from Redis: a text that only Redis has is what is read.
    world
        .run(cache.command(&["HSET", "poem:tyger", "text", "from Redis"]))
        .unwrap();
    let second = world.run(shelf.poem("tyger")).unwrap().unwrap();
    assert_eq!(second.text, "from Redis");
    world.run(shelf.poem("hope")).unwrap();
    world.run(shelf.poem("tyger")).unwrap();
    assert_eq!(world.run(shelf.lately()).unwrap(), ["tyger", "hope"]);
    assert_eq!(world.run(shelf.poem("nothing")).unwrap(), None);
    assert_eq!(world.run(shelf.lately()).unwrap().len(), 2); // what is not there was not asked for

    // A new text is read at once, not when the old one is forgotten.
    let poem = ShelfPoem {
        text: "new\n".to_owned(),
        ..second
    };
    world.run(shelf.add(&poem)).unwrap();
    assert_eq!(
        world.run(shelf.poem("tyger")).unwrap().unwrap().text,
        "new\n"
    );
}

#[test]
fn the_shelf_goes_on_without_redis() {
    let mut world = World::new();
    let pool = world.pool(3);
    install(&mut world, &pool);
    let mut server = RedisServer::temporary().unwrap();
    let cache = RedisPool::new(&world.handle, server.settings(), patient(1));
    let shelf = Shelf::new(&pool, Some(&cache));
    world.run(shelf.poem("hope")).unwrap().unwrap();
    server.kill();
    world.run(shelf.poem("hope")).unwrap().unwrap();
    assert!(world.run(shelf.lately()).unwrap().is_empty());
    let none = Shelf::new(&pool, None);
    assert_eq!(
        world.run(none.poem("hope")).unwrap().unwrap().poet,
        "Emily Dickinson"
    );
}

#[test]
fn a_reader_may_call_the_functions_and_see_no_table() {
    let mut world = World::new();
    let pool = world.pool(1);
    install(&mut world, &pool);
    let made = pool.run_operation("CREATE ROLE web LOGIN PASSWORD 'rosebuds'", &[]);
    world.run(made).unwrap();
    let web = Settings {
        user: "web".to_owned(),
        password: Some("rosebuds".to_owned()),
        ..settings()
    };
    let web = ConnectionPool::new(&world.handle, &web, patient(1));
    let poem = Shelf::new(&web, None).poem("hope");
    assert!(world.run(poem).unwrap().is_some());
    for sql in [
        "SELECT * FROM poems",
        "DELETE FROM poems",
        "CREATE FUNCTION function_mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    ] {
        let failure = world.run(web.run_query(sql, &[])).unwrap_err();
        assert_eq!(code(&failure), "42501", "{sql}");
    }
}

#[test]
fn the_blocking_way_gives_the_same_answers_and_a_thread_keeps_its_connection() {
    let mut blocking = BlockingConnection::new(&settings()).unwrap();
    let rows = blocking
        .query("SELECT $1 || '!' AS word", &[&"Hope"])
        .unwrap();
    assert_eq!(rows[0].get::<String>("word").unwrap(), "Hope!");
    let failed = blocking.transaction(|it| {
        it.query("CREATE TABLE never_there (n int)", &[])?;
        it.query("SELECT 1/0", &[])
    });
    assert_eq!(code(&failed.unwrap_err()), "22012");
    let gone = blocking.query("SELECT * FROM never_there", &[]);
    assert_eq!(code(&gone.unwrap_err()), "42P01");

    let mut world = World::new();
    let pid = |it: &mut BlockingConnection| {
        let rows = it.query("SELECT pg_backend_pid() AS pid", &[])?;
        Ok(rows[0].get::<i32>("pid")?)
    };
    let mut pids = Vec::new();
    for _ in 0..20 {
        let asked = in_thread(&world.handle, &settings(), pid);
        pids.push(world.run(asked).unwrap());
    }
    pids.sort_unstable();
    pids.dedup();
    assert!(pids.len() < 20, "a connection for each question");
    let failed = in_thread(&world.handle, &settings(), |_| {
        Err::<(), _>(Failure::new("no"))
    });
    assert_eq!(world.run(failed).unwrap_err().to_string(), "no");
}

#[test]
fn a_function_whose_answer_changes_is_not_replaced_and_one_whose_body_changes_is() {
    let mut world = World::new();
    let pool = world.pool(1);
    let mut make = |sql: &str| {
        let made = pool.run_operation(sql, &[]);
        world.run(made)
    };
    make("CREATE FUNCTION function_frozen() RETURNS TABLE (a int) LANGUAGE sql AS 'SELECT 1'")
        .unwrap();
    let other = "CREATE OR REPLACE FUNCTION function_frozen() RETURNS TABLE (a int, b int) LANGUAGE sql AS 'SELECT 1, 2'";
    assert_eq!(code(&make(other).unwrap_err()), "42P13");
    make("CREATE OR REPLACE FUNCTION function_frozen() RETURNS TABLE (a int) LANGUAGE sql AS 'SELECT 2'").unwrap();
    let rows = world.run(pool.call("frozen", &[])).unwrap();
    assert_eq!(rows[0].get::<i32>("a").unwrap(), 2);
}

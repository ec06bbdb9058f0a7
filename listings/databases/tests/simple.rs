//! The simple protocol on a real server: several statements, one transaction, values as text.
mod common;
use common::{World, code, settings};
use databases::{Connection, ConnectionLost, connect};

fn connected(world: &mut World) -> Connection {
    world.run(connect(&world.handle, &settings())).unwrap()
}

#[test]
fn each_statement_has_its_answer_and_values_are_text() {
    let mut world = World::new();
    let connection = connected(&mut world);
    let sql = "CREATE TEMPORARY TABLE words (n int, word text);
               INSERT INTO words VALUES (1, 'rose; bud'), (2, NULL);;
               SELECT n, word, n = 2 AS two FROM words ORDER BY n;
               SELECT FROM words; -- rows without columns";
    let answers = world.run(connection.simple_query(sql)).unwrap();
    let tags: Vec<_> = answers.iter().map(|answer| answer.tag()).collect();
    assert_eq!(tags, ["CREATE TABLE", "INSERT 0 2", "SELECT 2", "SELECT 2"]);
    assert_eq!((answers[0].count(), answers[1].count()), (0, 2));
    assert!(answers[1].rows().is_empty());
    let rows = answers[2].rows();
    assert_eq!(rows[0].get("n").unwrap(), Some("1"));
    assert_eq!(rows[0].get("word").unwrap(), Some("rose; bud"));
    assert_eq!(rows[1].get("word").unwrap(), None);
    assert_eq!(rows[1].get("two").unwrap(), Some("t"));
    assert_eq!(rows[0].columns().collect::<Vec<_>>(), ["n", "word", "two"]);
    let none = rows[0].get("m").unwrap_err().to_string();
    assert!(none.contains("there are: n, word, two"), "{none}");
    assert_eq!(answers[3].rows().len(), 2);
    assert_eq!(answers[3].rows()[0].columns().count(), 0);
}

#[test]
fn nothing_of_it_is_kept_when_one_statement_fails() {
    let mut world = World::new();
    let connection = connected(&mut world);
    let sql = "CREATE TEMPORARY TABLE halves (n int); INSERT INTO halves VALUES (1); SELECT 1/0; SELECT 2";
    // Other questions before it and after it, all on their way together.
    let before = connection.query("SELECT 1 AS n", &[]);
    let failed = connection.simple_query(sql);
    let gone = connection.query("SELECT n FROM halves", &[]);
    let after = connection.simple_query("SELECT 3 AS n");
    assert_eq!(world.run(before).unwrap()[0].get::<i32>("n").unwrap(), 1);
    assert_eq!(code(&world.run(failed).unwrap_err()), "22012");
    assert_eq!(code(&world.run(gone).unwrap_err()), "42P01");
    let after = world.run(after).unwrap();
    assert_eq!(after[0].rows()[0].get("n").unwrap(), Some("3"));

    // Its own COMMIT keeps what is before it.
    let sql = "BEGIN; CREATE TEMPORARY TABLE kept (n int); COMMIT; SELECT 1/0";
    let failed = world.run(connection.simple_query(sql)).unwrap_err();
    assert_eq!(code(&failed), "22012");
    world
        .run(connection.query("SELECT n FROM kept", &[]))
        .unwrap();
    assert!(!connection.is_in_transaction());
}

#[test]
fn sql_without_a_statement_has_no_answer_and_bad_sql_has_an_error() {
    let mut world = World::new();
    let connection = connected(&mut world);
    for nothing in ["", " ; ", "-- a comment"] {
        assert!(
            world
                .run(connection.simple_query(nothing))
                .unwrap()
                .is_empty()
        );
    }
    let failure = world
        .run(connection.simple_query("SELECT 1; SELEC 2"))
        .unwrap_err();
    assert_eq!(code(&failure), "42601");
    assert!(world.run(connection.simple_query("SELECT '\0'")).is_err());
    let parameter = world.run(connection.simple_query("SELECT $1")).unwrap_err();
    assert_eq!(code(&parameter), "42P02"); // there are no values here
    world.run(connection.simple_query("SELECT 1")).unwrap();
}

#[test]
fn a_copy_ends_the_connection_with_a_clear_error() {
    let mut world = World::new();
    let connection = connected(&mut world);
    let copied = connection.simple_query("COPY (SELECT 1) TO STDOUT");
    let failure = world.run(copied).unwrap_err();
    assert!(failure.check::<ConnectionLost>().is_some(), "{failure}");
    assert!(failure.to_string().contains("COPY"), "{failure}");
}

#[test]
fn rows_of_several_statements_are_counted_together() {
    let mut world = World::new();
    let connection = connected(&mut world);
    let one = "SELECT repeat('rosebuds', 1 << 20) FROM generate_series(1, 4);"; // 32 MiB
    let answers = world.run(connection.simple_query(one)).unwrap();
    assert_eq!(answers[0].rows().len(), 4);
    let failure = world
        .run(connection.simple_query(&one.repeat(3)))
        .unwrap_err();
    assert!(failure.to_string().contains("LIMIT"), "{failure}");
}

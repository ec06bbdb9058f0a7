//! The table changes, and the program that asks does not.
use databases::{ConnectionPool, PoolOptions, Server, ServerError};
use deferreds::{Deferred, gather_results, react};
use std::process::ExitCode;
use trace::say;

// ANCHOR: program
/// All that the program knows: a function's name, its value, and the columns of its answer.
fn show(pool: &ConnectionPool) -> Deferred<()> {
    pool.call("poems_by", &[&"Blake"]).add_callback(|rows| {
        for row in rows {
            let (title, year): (String, i32) = (row.get("title")?, row.get("year")?);
            say!("  {title}, {year}");
        }
        Ok(())
    })
}
// ANCHOR_END: program

// ANCHOR: before
const BEFORE: &[&str] = &[
    "CREATE TABLE poems (title text, poet text, year int)",
    "INSERT INTO poems VALUES ('The Tyger', 'Blake', 1794), ('Hope', 'Dickinson', 1891)",
    "CREATE FUNCTION function_poems_by(who text) RETURNS TABLE (title text, year int)
     LANGUAGE sql STABLE AS $$ SELECT title, year FROM poems WHERE poet = who $$",
];
// ANCHOR_END: before

// ANCHOR: after
const AFTER: &[&str] = &[
    "CREATE TABLE poets (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text UNIQUE)",
    "INSERT INTO poets (name) SELECT DISTINCT poet FROM poems",
    "ALTER TABLE poems ADD published date, ADD poet_id int REFERENCES poets",
    "UPDATE poems SET published = make_date(year, 1, 1),
     poet_id = (SELECT id FROM poets WHERE name = poet)",
    "ALTER TABLE poems DROP COLUMN poet, DROP COLUMN year",
    "CREATE OR REPLACE FUNCTION function_poems_by(who text) RETURNS TABLE (title text, year int)
     LANGUAGE sql STABLE AS $$
       SELECT title, extract(year FROM published)::int
       FROM poems JOIN poets ON poets.id = poet_id WHERE name = who $$",
];
// ANCHOR_END: after

/// The administrator at work: all of it, or nothing.
fn administer(pool: &ConnectionPool, statements: &'static [&str]) -> Deferred<()> {
    pool.run_interaction(move |tx| {
        let done = statements.iter().map(|sql| tx.operation(sql, &[]));
        gather_results(done.collect::<Vec<_>>()).add_callback(|_| Ok(()))
    })
}

fn main() -> Result<ExitCode, ServerError> {
    let server = Server::temporary()?;
    let settings = server.settings().clone();
    Ok(react(move |reactor| {
        // ANCHOR: main
        let pool = ConnectionPool::new(reactor, &settings, PoolOptions::default());
        let (first, second, third) = (pool.clone(), pool.clone(), pool.clone());
        administer(&pool, BEFORE)
            .add_callback(move |()| {
                say!("one table:");
                show(&first)
            })
            .add_callback(move |()| administer(&second, AFTER))
            .add_callback(move |()| {
                say!("two tables, a date in place of a year:");
                show(&third)
            })
        // ANCHOR_END: main
    }))
}

//! A loan that needs two changes: both are kept, or neither.
use databases::{ConnectionPool, PoolOptions, Server, ServerError, Transaction};
use deferreds::{Deferred, Failure, gather_results, react};
use std::process::ExitCode;
use trace::say;

// ANCHOR: lend
/// Takes a copy off the shelf and writes down who has it.
fn lend(tx: Transaction, poem: &'static str, reader: &'static str) -> Deferred<()> {
    let taken = tx.operation(
        "UPDATE shelf SET copies = copies - 1 WHERE poem = $1",
        &[&poem],
    );
    taken.add_callback(move |count| {
        if count == 0 {
            return Deferred::fail(Failure::new(format!("no poem \"{poem}\"")));
        }
        let noted = tx.operation("INSERT INTO loans VALUES ($1, $2)", &[&poem, &reader]);
        noted.add_callback(|_| Ok(()))
    })
}
// ANCHOR_END: lend

fn main() -> Result<ExitCode, ServerError> {
    let server = Server::temporary()?;
    let settings = server.settings().clone();
    Ok(react(move |reactor| {
        // ANCHOR: main
        let pool = ConnectionPool::new(reactor, &settings, PoolOptions::default());
        let made = pool.run_interaction(|tx| {
            gather_results([
                tx.operation("CREATE TABLE loans (poem text, reader text)", &[]),
                tx.operation(
                    "CREATE TABLE shelf (poem text, copies int CHECK (copies >= 0))",
                    &[],
                ),
                tx.operation("INSERT INTO shelf VALUES ('Hope', 1)", &[]),
            ])
        });
        let lends = pool.clone();
        let lent = made.add_callback(move |_| {
            let ann = lends.run_interaction(|tx| lend(tx, "Hope", "Ann"));
            ann.add_callback(move |()| {
                say!("Ann has it");
                lends.run_interaction(|tx| lend(tx, "Hope", "Bob"))
            })
        });
        let told = lent.add_errback(|failure| {
            say!("Bob has not: {failure}");
            Ok(())
        });
        told.add_callback(move |()| {
            let sql = "SELECT copies, (SELECT count(*) FROM loans) AS loans FROM shelf";
            pool.run_query(sql, &[]).add_callback(|rows| {
                let (copies, loans): (i32, i64) = (rows[0].get("copies")?, rows[0].get("loans")?);
                say!("copies on the shelf: {copies}, loans: {loans}");
                Ok(())
            })
        })
        // ANCHOR_END: main
    }))
}

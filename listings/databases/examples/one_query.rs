//! A question to PostgreSQL, and a loop that does not wait for the answer.
use databases::{Server, ServerError, connect};
use deferreds::react;
use std::process::ExitCode;
use trace::say;

// ANCHOR: main
fn main() -> Result<ExitCode, ServerError> {
    let server = Server::find()?;
    let settings = server.settings().clone();
    Ok(react(move |reactor| {
        connect(reactor, &settings).add_callback(|connection| {
            say!("connected");
            let sql = "SELECT word, length(word) AS letters
                       FROM regexp_split_to_table($1, ' ') AS word";
            let rows = connection.query(sql, &[&"Gather ye rosebuds"]);
            let printed = rows.add_callback(|rows| {
                for row in rows {
                    let (word, letters): (String, i32) = (row.get("word")?, row.get("letters")?);
                    say!("{letters} letters: {word}");
                }
                Ok(())
            });
            say!("asked, with {} answer to come", connection.pending());
            printed
        })
    }))
}
// ANCHOR_END: main

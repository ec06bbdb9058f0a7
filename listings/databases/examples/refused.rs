//! Three questions sent together, the second of which PostgreSQL refuses.
use databases::{DatabaseError, Server, ServerError, connect};
use deferreds::{Failure, gather_results, react};
use std::process::ExitCode;
use trace::say;

fn main() -> Result<ExitCode, ServerError> {
    let server = Server::find()?;
    let settings = server.settings().clone();
    Ok(react(move |reactor| {
        connect(reactor, &settings).add_callback(|connection| {
            // ANCHOR: ask
            let questions = [
                "SELECT 'slow' AS word FROM pg_sleep(0.2)",
                "SELECT word FROM rosebuds",
                "SELECT 'quick' AS word",
            ];
            let answers = questions.map(|sql| {
                connection.query(sql, &[]).add_callbacks(
                    |rows| Ok(rows[0].get::<String>("word")?),
                    |failure| {
                        let error: DatabaseError = failure.trap()?;
                        Ok::<_, Failure>(format!("{}, {}", error.code, error.message))
                    },
                )
            });
            let printed = answers.map(|answer| {
                answer.add_callback(|text| {
                    say!("{text}");
                    Ok(())
                })
            });
            // ANCHOR_END: ask
            say!("asked {} questions", connection.pending());
            gather_results(printed).add_callback(|_| Ok(()))
        })
    }))
}

//! Several statements in one message, the last of which fails.
use databases::{DatabaseError, Server, ServerError, connect};
use deferreds::{Failure, react};
use std::process::ExitCode;
use trace::say;

fn main() -> Result<ExitCode, ServerError> {
    let server = Server::temporary()?;
    let settings = server.settings().clone();
    Ok(react(move |reactor| {
        connect(reactor, &settings).add_callback(|connection| {
            // ANCHOR: ask
            let script = connection.simple_query(
                "CREATE TABLE poems (title text);
                 INSERT INTO poems VALUES ('Hope'), ('The Tyger');
                 INSERT INTO poem VALUES ('Song')",
            );
            let told = script.add_both(|answers| {
                let failure = answers.expect_err("there is no table poem");
                let error: DatabaseError = failure.trap()?;
                say!("{}, {}", error.code, error.message);
                Ok::<_, Failure>(())
            });
            let counted = "SELECT count(*) AS poems FROM poems";
            let left = connection.simple_query(counted).add_both(|answers| {
                match answers {
                    Ok(answers) => say!("poems: {:?}", answers[0].rows()[0].get("poems")?),
                    Err(failure) => say!("{failure}"),
                }
                Ok(())
            });
            told.add_callback(move |()| left)
            // ANCHOR_END: ask
        })
    }))
}

//! A command that is given up before its reply has come, and the next one's reply.
use databases::{
    ServerError,
    redis::{RedisServer, connect},
};
use deferreds::{Cancelled, Failure, react};
use std::process::ExitCode;
use trace::say;

fn main() -> Result<ExitCode, ServerError> {
    let server = RedisServer::find()?;
    let settings = server.database(3);
    Ok(react(move |reactor| {
        // ANCHOR: main
        connect(reactor, &settings).add_callback(|redis| {
            let first = redis.command(&["ECHO", "the reply to the first"]);
            let second = redis.command(&["ECHO", "the reply to the second"]);
            first.canceller().cancel();
            say!("replies to come: {}", redis.pending());
            let given_up = first.add_errback(|failure| {
                failure.trap::<Cancelled>()?;
                say!("first: given up");
                Ok(databases::redis::Value::Nil)
            });
            let told = second.add_callback(|value| {
                say!("second: {}", value.into_text()?.unwrap_or_default());
                Ok::<_, Failure>(())
            });
            given_up.add_callback(move |_| told)
        })
        // ANCHOR_END: main
    }))
}

//! Two readers want the last copy at the same time: WATCH, on a connection of its own for each.
use databases::{
    PoolOptions, ServerError,
    redis::{Command, RedisPool, RedisServer},
};
use deferreds::{Deferred, Failure, gather_results, react};
use std::process::ExitCode;
use trace::say;

// ANCHOR: take
/// Takes a copy if there is one; tries again when another has changed the number meanwhile.
fn take(redis: &RedisPool, tries: u32) -> Deferred<Option<u32>> {
    let again = redis.clone();
    let done = redis.transaction(&["copies"], |tx| {
        tx.get("copies").add_callback(|copies| {
            let copies = copies.unwrap_or_default();
            let left: i64 = std::str::from_utf8(&copies)?.parse()?;
            Ok(match left {
                0 => Vec::new(), // nothing to change
                _ => vec![Command::new(["SET", "copies", &(left - 1).to_string()])],
            })
        })
    });
    done.add_callback(move |replies| match replies {
        None => take(&again, tries + 1),
        Some(replies) => Deferred::succeed((!replies.is_empty()).then_some(tries)),
    })
}
// ANCHOR_END: take

fn main() -> Result<ExitCode, ServerError> {
    let server = RedisServer::find()?;
    let settings = server.database(3);
    Ok(react(move |reactor| {
        // ANCHOR: main
        let redis = RedisPool::new(reactor, &settings, PoolOptions::default());
        redis.set("copies", "1").add_callback(move |()| {
            let both = [take(&redis, 1), take(&redis, 1)];
            gather_results(both).add_callback(|both| {
                let has: Vec<_> = both.iter().flatten().collect();
                say!("readers who have a copy: {}", has.len());
                Ok::<_, Failure>(())
            })
        })
        // ANCHOR_END: main
    }))
}

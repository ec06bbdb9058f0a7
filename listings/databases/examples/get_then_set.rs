//! Redis: read a key, write it again, and stop, whichever rail it ends on.
use databases::{
    PoolOptions, ServerError,
    redis::{RedisPool, RedisServer},
};
use deferreds::Deferred;
use reactor::{Os, Reactor};
use trace::say;

// ANCHOR: levels
/// The lower level: a number that Redis keeps, and one more.
fn count_up(redis: &RedisPool, key: &'static str) -> Deferred<u64> {
    let writes = redis.clone();
    redis
        .get(key)
        .add_callback(move |found| {
            let before = match found {
                None => 0,
                Some(text) => std::str::from_utf8(&text)?.parse::<u64>()?,
            };
            let written = writes.set(key, (before + 1).to_string());
            Ok(written.add_callback(move |()| Ok(before + 1)))
        })
        .add_callback(|written| written)
}

/// The upper level: it knows what the number means, and nothing of Redis's replies.
fn visit(redis: &RedisPool, poem: &'static str) -> Deferred<String> {
    count_up(redis, poem).add_callback(move |count| Ok(format!("{poem} was read {count} times")))
}
// ANCHOR_END: levels

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let server: Result<_, ServerError> = RedisServer::find();
    let server = server?;
    // ANCHOR: main
    let mut reactor = Reactor::new(Os::new()?);
    let handle = reactor.handle();
    let redis = RedisPool::new(&handle, &server.database(3), PoolOptions::default());
    let again = redis.clone();
    let spoiled = redis.clone();
    visit(&redis, "Hope")
        .add_callback(move |line| {
            say!("{line}");
            visit(&again, "Hope")
        })
        .add_callback(move |line| {
            say!("{line}");
            spoiled
                .set("Hope", "many")
                .add_callback(move |()| Ok(spoiled))
        })
        .add_callback(|redis| visit(&redis, "Hope"))
        .add_callback(|line| {
            say!("{line}");
            Ok(())
        })
        .add_errback(|failure| {
            say!("no: {failure}");
            Ok(())
        })
        // On both rails: without it, the loop would turn for ever.
        .on_result(move |_| handle.stop().expect("it is running"));
    reactor.run()?;
    // ANCHOR_END: main
    Ok(())
}

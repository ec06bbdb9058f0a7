//! The poetry shelf with Deferreds: poems from PostgreSQL, those asked for last from Redis.
use databases::{
    ConnectionPool, PoolOptions, Server, ServerError, Shelf,
    redis::{RedisPool, RedisServer},
};
use deferreds::{Deferred, gather_results, react};
use std::process::ExitCode;
use trace::say;

// ANCHOR: read
fn read(shelf: &Shelf, name: &'static str) -> Deferred<()> {
    shelf.poem(name).add_callback(move |poem| {
        match poem {
            Some(poem) => say!("{}, by {}", poem.title, poem.poet),
            None => say!("no poem {name}"),
        }
        Ok(())
    })
}
// ANCHOR_END: read

fn main() -> Result<ExitCode, ServerError> {
    let (server, cache) = (Server::temporary()?, RedisServer::temporary()?);
    let (settings, database) = (server.settings().clone(), cache.database(3));
    Ok(react(move |reactor| {
        // ANCHOR: main
        let pool = ConnectionPool::new(reactor, &settings, PoolOptions::default());
        let redis = RedisPool::new(reactor, &database, PoolOptions::default());
        let shelf = Shelf::new(&pool, Some(&redis));
        let (reads, asks) = (shelf.clone(), shelf);
        Shelf::install(&pool)
            .add_callback(move |()| {
                let first = read(&reads, "tyger");
                first
                    .add_callback({
                        let reads = reads.clone();
                        move |()| read(&reads, "limerick")
                    })
                    .add_callback(move |()| gather_results([read(&reads, "hope")]))
            })
            .add_callback(move |_| asks.lately())
            .add_callback(|names| {
                say!("asked for last: {}", names.join(", "));
                Ok(())
            })
        // ANCHOR_END: main
    }))
}

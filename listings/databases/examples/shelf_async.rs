//! The poetry shelf with async and await: the same program, read from top to bottom.
use databases::{
    ConnectionPool, PoolOptions, Server, Shelf,
    redis::{RedisPool, RedisServer},
};
use std::process::ExitCode;
use trace::say;

fn main() -> ExitCode {
    coroutines::run(|reactor| async move {
        let (server, cache) = (Server::temporary()?, RedisServer::temporary()?);
        // ANCHOR: main
        let pool = ConnectionPool::new(&reactor, server.settings(), PoolOptions::default());
        let redis = RedisPool::new(&reactor, &cache.database(3), PoolOptions::default());
        let shelf = Shelf::new(&pool, Some(&redis));
        Shelf::install(&pool).await?;
        for name in ["tyger", "limerick", "hope"] {
            match shelf.poem(name).await? {
                Some(poem) => say!("{}, by {}", poem.title, poem.poet),
                None => say!("no poem {name}"),
            }
        }
        say!("asked for last: {}", shelf.lately().await?.join(", "));
        Ok(())
        // ANCHOR_END: main
    })
}

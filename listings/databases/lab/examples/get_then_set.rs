//! Redis with the crate redis: a connection manager connects again by itself.
use databases::redis::RedisServer;
use redis::{AsyncCommands, aio::ConnectionManager};

type Error = Box<dyn std::error::Error>;

async fn count_up(redis: &mut ConnectionManager, key: &str) -> Result<u64, Error> {
    let before = match redis.get::<_, Option<String>>(key).await? {
        None => 0,
        Some(text) => text.parse()?,
    };
    let () = redis.set(key, before + 1).await?;
    Ok(before + 1)
}

async fn visit(redis: &mut ConnectionManager, poem: &str) -> Result<String, Error> {
    let count = count_up(redis, poem).await?;
    Ok(format!("{poem} was read {count} times"))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let server = RedisServer::temporary()?;
    let client = redis::Client::open(databases_lab::url(&server.database(3)))?;
    let mut redis = ConnectionManager::new(client).await?;
    println!("{}", visit(&mut redis, "Hope").await?);
    println!("{}", visit(&mut redis, "Hope").await?);
    let () = redis.set("Hope", "many").await?;
    if let Err(error) = visit(&mut redis, "Hope").await {
        println!("no: {error}");
    }
    Ok(()) // and the program ends: there is no loop to stop
}

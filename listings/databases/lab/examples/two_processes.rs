//! Messages from one process to another, with the crate redis.
use databases::redis::RedisServer;
use futures_util::StreamExt;
use redis::{AsyncCommands, Client};
use std::{env, process::Command};

type Error = Box<dyn std::error::Error>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    match env::args().nth(1) {
        None => hears().await,
        Some(url) => speaks(&url).await,
    }
}

/// The first process: listens, and only then starts the second.
async fn hears() -> Result<(), Error> {
    let server = RedisServer::temporary()?;
    let url = databases_lab::url(&server.database(3));
    // It belongs to this one alone, and what is said while it is lost is lost without a word.
    let mut news = Client::open(&*url)?.get_async_pubsub().await?;
    news.subscribe("poems").await?;
    let mut other = Command::new(env::current_exe()?).arg(url).spawn()?;
    let mut messages = news.on_message();
    while let Some(message) = messages.next().await {
        let line: String = message.get_payload()?;
        if line.is_empty() {
            break;
        }
        println!("heard: {line}");
    }
    other.wait()?; // it has said its last
    Ok(())
}

/// The second process.
async fn speaks(url: &str) -> Result<(), Error> {
    let mut redis = Client::open(url)?
        .get_multiplexed_async_connection()
        .await?;
    for line in [
        "Gather ye rosebuds while ye may,",
        "Old Time is still a-flying",
        "",
    ] {
        let heard: i64 = redis.publish("poems", line).await?;
        assert_eq!(heard, 1, "somebody listens");
    }
    Ok(())
}

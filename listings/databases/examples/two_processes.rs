//! Messages from one process to another, over Redis.
use databases::{
    News, PoolOptions,
    redis::{RedisPool, RedisServer, RedisSettings, Subscriber},
};
use deferreds::Failure;
use reactor::Handle;
use std::{
    env,
    process::{Command, ExitCode},
};
use trace::say;

fn main() -> ExitCode {
    coroutines::run(|reactor| async move {
        match env::args().nth(1) {
            None => hears(reactor).await,
            Some(url) => speaks(reactor, &url).await,
        }
    })
}

// ANCHOR: hears
/// The first process: listens, and only then starts the second.
async fn hears(reactor: Handle) -> Result<(), Failure> {
    let server = RedisServer::find()?;
    let settings = server.database(3);
    let news = Subscriber::new(&reactor, &settings, &["poems"]).await?;
    let me = env::current_exe()?;
    let mut other = Command::new(me).arg(settings.to_url()).spawn()?;
    loop {
        match news.next().await? {
            News::Message(message) if message.payload.is_empty() => break,
            News::Message(message) => {
                say!("heard: {}", String::from_utf8_lossy(&message.payload));
            }
            News::Gap => say!("some may be missing"),
        }
    }
    other.wait()?; // it has said its last
    Ok(())
}
// ANCHOR_END: hears

// ANCHOR: speaks
/// The second process.
async fn speaks(reactor: Handle, url: &str) -> Result<(), Failure> {
    let settings = RedisSettings::parse(url)?;
    let redis = RedisPool::new(&reactor, &settings, PoolOptions::default());
    for line in [
        "Gather ye rosebuds while ye may,",
        "Old Time is still a-flying",
        "",
    ] {
        let heard = redis.publish("poems", line).await?;
        assert_eq!(heard, 1, "somebody listens");
    }
    Ok(())
}
// ANCHOR_END: speaks

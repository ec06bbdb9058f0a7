//! What a pool must know of Redis's connections: how one is made, checked, and given up.
use super::{Redis, RedisSettings, connect};
use crate::generic_pool;
use deferreds::Deferred;
use reactor::Handle;

/// What the pool knows of Redis's connections.
pub(crate) struct RedisManager(pub(crate) RedisSettings);

impl generic_pool::ManageConnection for RedisManager {
    type Connection = Redis;

    fn connect(&self, reactor: &Handle) -> Deferred<Redis> {
        connect(reactor, &self.0)
    }

    fn is_lost(&self, redis: &Redis) -> bool {
        redis.is_lost()
    }

    fn is_clean(&self, redis: &Redis) -> bool {
        redis.pending() == 0
    }

    /// Redis cannot interrupt what a connection waits for, so a connection that still waits is
    /// closed.
    fn clean(&self, redis: &Redis) -> Deferred<()> {
        redis.abort();
        Deferred::fail(deferreds::Failure::new("left waiting"))
    }

    fn check(&self, redis: &Redis) -> Deferred<()> {
        redis.command(&["PING"]).add_callback(|_| Ok(()))
    }

    fn abort(&self, redis: &Redis) {
        redis.abort();
    }
}

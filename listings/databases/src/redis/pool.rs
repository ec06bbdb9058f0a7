//! A pool of connections to Redis: few that everybody shares, and some that are lent to one.
use super::{Command, Redis, RedisSettings, RedisTransaction, Value, connect, transaction};
use crate::{PoolClosed, PoolOptions, PoolState, TooManyPending, keeper, pending};
use bytes::Bytes;
use deferreds::{Deferred, Outcome, Resolver};
use reactor::Handle;
use std::{
    cell::{Cell, RefCell},
    fmt,
    rc::Rc,
    time::Duration,
};

/// A pool of connections to one database of a Redis. Clones are cheap and mean the same pool.
///
/// Commands go over a connection that all share, because Redis does one after the other anyway; a second connection would save
/// nothing. What waits, and what remembers, is lent one of [`PoolOptions::size`] connections of its own.
///
/// A connection that is lost fails what it had not answered, and the next command makes a new one. Nothing is sent twice.
#[derive(Clone)]
pub struct RedisPool(Rc<Inside>);

struct Inside {
    settings: RedisSettings,
    shared: RefCell<Option<Redis>>,
    connecting: Cell<bool>,
    waiting: RefCell<Vec<Resolver<Redis>>>,
    connect: Duration,
    own: keeper::Keeper<Manager>,
    closed: Cell<bool>,
}

impl RedisPool {
    /// A pool that connects there.
    ///
    /// # Panics
    /// When its size is 0.
    #[must_use]
    pub fn new(reactor: &Handle, settings: &RedisSettings, options: PoolOptions) -> RedisPool {
        let connect = options.connect;
        let manager = Manager(settings.clone());
        RedisPool(Rc::new(Inside {
            settings: settings.clone(),
            shared: RefCell::default(),
            connecting: Cell::new(false),
            waiting: RefCell::default(),
            connect,
            own: keeper::Keeper::new(reactor, manager, options),
            closed: Cell::new(false),
        }))
    }

    // ANCHOR: shared
    /// Fires with the connection that all share: the one there is, or a new one when there is none, or none any more.
    #[track_caller]
    pub fn shared(&self) -> Deferred<Redis> {
        let inside = &self.0;
        if inside.closed.get() {
            return Deferred::fail(PoolClosed);
        }
        if let Some(redis) = inside.shared.borrow().clone()
            && !redis.is_lost()
        {
            return Deferred::succeed(redis);
        }
        let pending = inside.waiting.borrow().len();
        if pending >= pending::MOST {
            let unsent = 0;
            return Deferred::fail(TooManyPending { pending, unsent });
        }
        let (resolver, shared) = Deferred::new();
        inside.waiting.borrow_mut().push(resolver);
        if !inside.connecting.replace(true) {
            let reactor = inside.own.reactor();
            let made = connect(reactor, &inside.settings).add_hard_timeout(reactor, inside.connect);
            let inside = Rc::clone(inside);
            made.on_result(move |result| inside.made(result));
        }
        shared
    }
    // ANCHOR_END: shared

    /// As [`Redis::command`].
    #[track_caller]
    pub fn command<A: AsRef<[u8]>>(&self, words: &[A]) -> Deferred<Value> {
        let words: Vec<_> = words.iter().map(|word| word.as_ref().to_vec()).collect();
        self.shared()
            .add_callback(move |redis| redis.command(&words))
    }

    /// As [`Redis::get`].
    #[track_caller]
    pub fn get(&self, key: &str) -> Deferred<Option<Bytes>> {
        let key = key.to_owned();
        self.shared().add_callback(move |redis| redis.get(&key))
    }

    /// As [`Redis::set`].
    #[track_caller]
    pub fn set(&self, key: &str, value: impl AsRef<[u8]>) -> Deferred<()> {
        let (key, value) = (key.to_owned(), value.as_ref().to_vec());
        self.shared()
            .add_callback(move |redis| redis.set(&key, value))
    }

    /// As [`Redis::set_for`].
    #[track_caller]
    pub fn set_for(&self, key: &str, value: impl AsRef<[u8]>, time: Duration) -> Deferred<()> {
        let (key, value) = (key.to_owned(), value.as_ref().to_vec());
        self.shared()
            .add_callback(move |redis| redis.set_for(&key, value, time))
    }

    /// As [`Redis::delete`].
    #[track_caller]
    pub fn delete(&self, key: &str) -> Deferred<bool> {
        let key = key.to_owned();
        self.shared().add_callback(move |redis| redis.delete(&key))
    }

    /// As [`Redis::publish`].
    #[track_caller]
    pub fn publish(&self, channel: &str, message: impl AsRef<[u8]>) -> Deferred<i64> {
        let (channel, message) = (channel.to_owned(), message.as_ref().to_vec());
        self.shared()
            .add_callback(move |redis| redis.publish(&channel, message))
    }

    // ANCHOR: blocking
    /// Sends a command that waits, such as `BLPOP`, over a connection of its own. So that you are not waiting for ever, give it its
    /// own time limit: `["BLPOP", "queue", "5"]` fires with nil after 5 s.
    ///
    /// Cancelled, the connection is closed. If Redis was about to reply then, what it took from the list is gone: use `BLMOVE`
    /// where that matters.
    #[track_caller]
    pub fn blocking<A: AsRef<[u8]>>(&self, words: &[A]) -> Deferred<Value> {
        let words: Vec<_> = words.iter().map(|word| word.as_ref().to_vec()).collect();
        self.0.own.acquire().add_callback(move |loan| {
            let asked = loan.send(&words);
            asked.add_both(move |reply| {
                drop(loan);
                reply
            })
        })
    }
    // ANCHOR_END: blocking

    /// Watches the keys, has `f` read and decide which commands to run, and runs those at once and together, unless one of the keys
    /// has been changed meanwhile. Fires with their replies, or with `None` when a key was changed and nothing was done.
    ///
    /// It has a connection of its own: `WATCH` belongs to a connection, and whoever else uses that ends it.
    #[track_caller]
    pub fn transaction<R: Outcome<Value = Vec<Command>>>(
        &self,
        watch: &[&str],
        f: impl FnOnce(RedisTransaction) -> R + 'static,
    ) -> Deferred<Option<Vec<Value>>> {
        let keys: Vec<_> = watch.iter().map(|key| (*key).to_owned()).collect();
        let loan = self.0.own.acquire();
        loan.add_callback(move |loan| transaction::run(loan, &keys, f))
    }

    /// Asks the server for a sign of life.
    #[track_caller]
    pub fn check(&self) -> Deferred<()> {
        self.command(&["PING"]).add_callback(|_| Ok(()))
    }

    /// Returns what the connections do that are lent. The shared one is not among them.
    #[must_use]
    pub fn state(&self) -> PoolState {
        self.0.own.state()
    }

    /// Takes no more commands, and fires when all connections that were lent have come back and are closed.
    #[track_caller]
    pub fn close(&self) -> Deferred<()> {
        self.0.closed.set(true);
        for resolver in self.0.waiting.take() {
            resolver.errback(PoolClosed);
        }
        self.0.shared.take();
        self.0.own.close()
    }
}

impl Inside {
    fn made(&self, result: Result<Redis, deferreds::Failure>) {
        self.connecting.set(false);
        let waiting = self.waiting.take();
        match result {
            Ok(redis) => {
                if !self.closed.get() {
                    *self.shared.borrow_mut() = Some(redis.clone());
                }
                for resolver in waiting {
                    resolver.callback(redis.clone());
                }
            }
            Err(failure) => {
                for resolver in waiting {
                    resolver.errback(NoRedis(failure.to_string()));
                }
            }
        }
    }
}

impl fmt::Debug for RedisPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RedisPool").field(&self.state()).finish()
    }
}

/// No connection to Redis could be made; the command was not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoRedis(String);

impl fmt::Display for NoRedis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the command was not sent: {}", self.0)
    }
}

impl std::error::Error for NoRedis {}

/// What the pool knows of Redis's connections.
pub(crate) struct Manager(RedisSettings);

impl keeper::Manage for Manager {
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

    /// Redis cannot interrupt what a connection waits for, so a connection that somebody left waiting is closed.
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

//! A pool of connections to Redis: one that all share, and some that are lent to one borrower.
use super::{
    Command, Redis, RedisSettings, RedisTransaction, Value, connect, manager::RedisManager,
    transaction,
};
use crate::{PoolClosed, PoolOptions, PoolState, TooManyPending, generic_pool, pending};
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
/// Commands go over a connection that all share, because Redis does one after the other anyway; a
/// second connection would save nothing. What waits, and what remembers, is lent one of
/// [`PoolOptions::size`] connections of its own.
///
/// A connection that is lost fails what it had not answered, and the next command makes a new one.
/// Nothing is sent twice.
#[derive(Clone)]
pub struct RedisPool(Rc<Inner>);

struct Inner {
    settings: RedisSettings,
    shared: RefCell<Option<Redis>>,
    connecting: Cell<bool>,
    waiting: RefCell<Vec<Resolver<Redis>>>,
    connect: Duration,
    /// Those that are lent.
    lent: generic_pool::GenericPool<RedisManager>,
    closed: Cell<bool>,
}

impl RedisPool {
    /// Returns a pool that connects there.
    ///
    /// # Panics
    /// When its size is 0.
    #[must_use]
    pub fn new(reactor: &Handle, settings: &RedisSettings, options: PoolOptions) -> RedisPool {
        let connect = options.connect;
        let manager = RedisManager(settings.clone());
        RedisPool(Rc::new(Inner {
            settings: settings.clone(),
            shared: RefCell::default(),
            connecting: Cell::new(false),
            waiting: RefCell::default(),
            connect,
            lent: generic_pool::GenericPool::new(reactor, manager, options),
            closed: Cell::new(false),
        }))
    }

    // ANCHOR: shared
    /// Fires with the connection that all share: the one there is, or a new one when there is none,
    /// or none any more.
    #[track_caller]
    pub fn shared(&self) -> Deferred<Redis> {
        let inner = &self.0;
        if inner.closed.get() {
            return Deferred::fail(PoolClosed);
        }
        if let Some(redis) = inner.shared.borrow().clone()
            && !redis.is_lost()
        {
            return Deferred::succeed(redis);
        }
        let pending = inner.waiting.borrow().len();
        if pending >= pending::MAX_PENDING {
            let unsent = 0;
            return Deferred::fail(TooManyPending { pending, unsent });
        }
        // One attempt for all that come while it is under way.
        let (resolver, shared) = Deferred::new();
        inner.waiting.borrow_mut().push(resolver);
        if !inner.connecting.replace(true) {
            let reactor = inner.lent.reactor();
            let made = connect(reactor, &inner.settings).add_hard_timeout(reactor, inner.connect);
            let inner = Rc::clone(inner);
            made.on_result(move |result| inner.connected(result));
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
    /// Sends a command that waits, such as `BLPOP`, over a connection of its own. So that you are
    /// not waiting for ever, give it its own time limit: `["BLPOP", "queue", "5"]` fires with nil
    /// after 5 s.
    ///
    /// Cancelled, the connection is closed. If Redis was about to reply then, what it took from the
    /// list is gone: use `BLMOVE` where that matters.
    #[track_caller]
    pub fn blocking<A: AsRef<[u8]>>(&self, words: &[A]) -> Deferred<Value> {
        let words: Vec<_> = words.iter().map(|word| word.as_ref().to_vec()).collect();
        self.0.lent.acquire().add_callback(move |loan| {
            let asked = loan.send(&words);
            asked.add_both(move |reply| {
                drop(loan);
                reply
            })
        })
    }
    // ANCHOR_END: blocking

    /// Watches the keys, has `f` read and decide which commands to run, and runs those at once and
    /// together, unless one of the keys has been changed meanwhile. Fires with their replies, or
    /// with `None` when a key was changed and nothing was done.
    ///
    /// It has a connection of its own: `WATCH` belongs to a connection, and another who uses it
    /// would end the watch.
    #[track_caller]
    pub fn transaction<R: Outcome<Value = Vec<Command>>>(
        &self,
        watch: &[&str],
        f: impl FnOnce(RedisTransaction) -> R + 'static,
    ) -> Deferred<Option<Vec<Value>>> {
        let keys: Vec<_> = watch.iter().map(|key| (*key).to_owned()).collect();
        let loan = self.0.lent.acquire();
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
        self.0.lent.state()
    }

    /// Takes no more commands, and fires when all connections that were lent have come back and are
    /// closed.
    #[track_caller]
    pub fn close(&self) -> Deferred<()> {
        self.0.closed.set(true);
        for resolver in self.0.waiting.take() {
            resolver.errback(PoolClosed);
        }
        self.0.shared.take();
        self.0.lent.close()
    }
}

impl Inner {
    /// Hands the new shared connection, or the failure, to all that wait for it.
    fn connected(&self, result: Result<Redis, deferreds::Failure>) {
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

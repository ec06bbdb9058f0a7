//! A connection to Redis: sends commands without waiting, and hands each reply to the oldest
//! command that has none.
use super::{
    NotShared, RedisSettings, Value,
    reply_decoder::{ReplyDecoder, encode},
};
use crate::{all::all, pending::Pending};
use bytes::{Bytes, BytesMut};
use deferreds::{Deferred, Failure, Resolver};
use reactor::Handle;
use std::{
    cell::{Cell, RefCell},
    error::Error,
    fmt,
    rc::Rc,
    time::Duration,
};
use transports::{Address, Connector, Factory, Loss, Protocol, Transport};

/// Connects, logs in if there is a password, and chooses the database. Fires with a [`Redis`] that
/// can be asked.
///
/// It fails with a [`transports::ConnectError`], with a [`RedisError`](super::RedisError)
/// (`WRONGPASS`, `NOAUTH`), and with [`RedisLost`]. Cancelled, it gives up.
///
/// ```
/// use databases::redis::{RedisServer, connect};
/// use deferreds::Failure;
/// use reactor::{Os, Reactor};
///
/// let server = RedisServer::temporary()?; // gone at the end of this block
/// let mut reactor = Reactor::new(Os::new()?);
/// let handle = reactor.handle();
/// let read = connect(&handle, &server.settings().clone()).add_callback(|redis| {
///     redis.set("poem", "Hope").add_callback(move |()| redis.get("poem"))
/// });
/// let _done = read.add_callback(move |poem| {
///     assert_eq!(poem.as_deref(), Some(&b"Hope"[..]));
///     Ok(handle.stop()?)
/// });
/// reactor.run()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[track_caller]
pub fn connect(reactor: &Handle, settings: &RedisSettings) -> Deferred<Redis> {
    let shared = Rc::new(SharedState::default());
    let connector: Rc<Cell<Option<Connector>>> = Rc::default();
    let (aborted, attempt) = (Rc::clone(&shared), Rc::clone(&connector));
    let (resolver, made) = Deferred::with_canceller(move |_| {
        if let Some(connector) = attempt.take() {
            connector.cancel();
        }
        aborted.abort();
    });
    let factory = InstanceFactory(Cell::new(Some(RedisProtocol {
        decoder: ReplyDecoder::default(),
        shared,
        made: Some(resolver),
    })));
    let attempt = transports::connect(reactor, &settings.address, Rc::new(factory));
    connector.set(Some(attempt));
    let settings = settings.clone();
    made.add_callback(move |redis| redis.log_in(&settings))
}

/// A connection to Redis. Clones are cheap and mean the same connection; when the last one is
/// dropped, what was sent is answered, and the connection ends.
#[derive(Clone)]
pub struct Redis(Rc<CloseOnDrop>);

impl Redis {
    fn log_in(self, settings: &RedisSettings) -> Deferred<Redis> {
        let mut first = Vec::new();
        if let Some(password) = &settings.password {
            let user = settings.user.as_deref().unwrap_or("default");
            first.push(self.send(&["AUTH", user, password]));
        }
        if settings.database > 0 {
            first.push(self.send(&["SELECT", &settings.database.to_string()]));
        }
        // All are sent at once. The first that is refused says why; the others do not matter then.
        all(first).add_callback(move |_| Ok(self))
    }

    // ANCHOR: command
    /// Sends a command: its name and what belongs to it, word by word. Fires with the reply, or
    /// fails with a [`RedisError`](super::RedisError) when Redis refuses, and with [`RedisLost`].
    ///
    /// It sends at once, also while others are on their way. Cancelling takes back the wish for the
    /// reply; it is still read when it comes, so that the next command gets its own.
    ///
    /// A command that would change the connection for all who share it, or make them wait, fails
    /// with [`NotShared`] and is not sent. So does one after 10,000 that have no reply, with
    /// [`TooManyPending`](crate::TooManyPending).
    #[track_caller]
    pub fn command<A: AsRef<[u8]>>(&self, words: &[A]) -> Deferred<Value> {
        if let Err(error) = NotShared::check(words) {
            return Deferred::fail(error);
        }
        let shared = &self.0.0;
        match shared.pending.has_room(shared.transport.borrow().as_ref()) {
            Err(full) if !self.is_lost() => Deferred::fail(full),
            _ => self.send(words),
        }
    }

    /// As [`command`](Redis::command), for a caller who has the connection alone; and without a
    /// limit, so that what ends a transaction is not refused because much was sent before.
    #[track_caller]
    pub(crate) fn send<A: AsRef<[u8]>>(&self, words: &[A]) -> Deferred<Value> {
        let shared = &self.0.0;
        if let Some(lost) = shared.lost.borrow().clone() {
            return Deferred::fail(lost);
        }
        let mut out = BytesMut::new();
        if let Err(error) = encode(words, &mut out) {
            return Deferred::fail(error);
        }
        let reply = shared.pending.push();
        shared.write(&out);
        reply
    }
    // ANCHOR_END: command

    /// Reads a key; `None` when there is none.
    #[track_caller]
    pub fn get(&self, key: &str) -> Deferred<Option<Bytes>> {
        self.command(&["GET", key])
            .add_callback(|value| Ok(value.into_bytes()?))
    }

    /// Writes a key.
    #[track_caller]
    pub fn set(&self, key: &str, value: impl AsRef<[u8]>) -> Deferred<()> {
        self.command(&[b"SET", key.as_bytes(), value.as_ref()])
            .add_callback(|_| Ok(()))
    }

    /// Writes a key that is forgotten after a time, in whole milliseconds and at least one.
    #[track_caller]
    pub fn set_for(&self, key: &str, value: impl AsRef<[u8]>, time: Duration) -> Deferred<()> {
        let millis = time.as_millis().max(1).to_string();
        let words = [
            b"SET",
            key.as_bytes(),
            value.as_ref(),
            b"PX",
            millis.as_bytes(),
        ];
        self.command(&words).add_callback(|_| Ok(()))
    }

    /// Forgets a key, and says whether it was there.
    #[track_caller]
    pub fn delete(&self, key: &str) -> Deferred<bool> {
        self.command(&["DEL", key])
            .add_callback(|value| Ok(value.into_integer()? > 0))
    }

    /// Says something on a channel, and fires with how many have heard it.
    #[track_caller]
    pub fn publish(&self, channel: &str, message: impl AsRef<[u8]>) -> Deferred<i64> {
        self.command(&[b"PUBLISH", channel.as_bytes(), message.as_ref()])
            .add_callback(|value| Ok(value.into_integer()?))
    }

    /// Returns how many commands have no reply yet.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.0.0.pending.len()
    }

    /// Sets how many commands may be without a reply at one time; 10,000 unless set. One more fails
    /// with [`TooManyPending`](crate::TooManyPending) and is not sent.
    pub fn limit_pending(&self, most: usize) {
        self.0.0.pending.limit(most);
    }

    /// Whether it is gone, or going: what is sent now fails.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.0.0.lost.borrow().is_some()
    }

    /// Ends it when all that was sent before is answered.
    pub fn close(&self) {
        self.0.0.close();
    }

    /// Ends it now: what has no reply fails.
    pub fn abort(&self) {
        self.0.0.abort();
    }

    /// Has `f` called with each reply from now on: those of a subscriber belong to no command.
    pub(crate) fn on_push(&self, f: impl Fn(Value) + 'static) {
        *self.0.0.pushed.borrow_mut() = Some(Rc::new(f));
    }

    /// Writes a command whose replies are pushed.
    pub(crate) fn subscribe<A: AsRef<[u8]>>(&self, words: &[A]) -> Result<(), Failure> {
        let mut out = BytesMut::new();
        encode(words, &mut out)?;
        self.0.0.write(&out);
        Ok(())
    }

    /// Fires when the connection is gone.
    pub(crate) fn when_lost(&self) -> Deferred<RedisLost> {
        match self.0.0.lost.borrow().clone() {
            Some(lost) => Deferred::succeed(lost),
            None => {
                let (resolver, lost) = Deferred::new();
                self.0.0.watchers.borrow_mut().push(resolver);
                lost
            }
        }
    }
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis")
            .field("pending", &self.pending())
            .field("lost", &self.is_lost())
            .finish()
    }
}

/// The connection is gone, and the reply with it. Whether a command that was on its way has been
/// done is more than this side knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedisLost(String);

impl fmt::Display for RedisLost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the connection to Redis is lost: {}", self.0)
    }
}

impl Error for RedisLost {}

/// Shared by the clones of a connection, so that dropping the last of them closes it.
struct CloseOnDrop(Rc<SharedState>);

impl Drop for CloseOnDrop {
    fn drop(&mut self) {
        self.0.close();
    }
}

type OnPush = Rc<dyn Fn(Value)>;

/// What the connection and its protocol share.
#[derive(Default)]
struct SharedState {
    transport: RefCell<Option<Transport>>,
    pending: Pending<Value>,
    lost: RefCell<Option<RedisLost>>,
    watchers: RefCell<Vec<Resolver<RedisLost>>>,
    pushed: RefCell<Option<OnPush>>,
}

impl SharedState {
    fn write(&self, bytes: &[u8]) {
        let transport = self.transport.borrow().clone();
        if let Some(transport) = transport {
            transport.write(bytes);
        }
    }

    fn abort(&self) {
        let transport = self.transport.borrow().clone();
        if let Some(transport) = transport {
            transport.abort_connection();
        }
    }

    /// Redis answers what it has read when a client has ended its direction, and then closes.
    fn close(&self) {
        if self.lost.borrow().is_some() {
            return;
        }
        *self.lost.borrow_mut() = Some(RedisLost("closed by this side".to_owned()));
        let transport = self.transport.borrow().clone();
        if let Some(transport) = transport {
            if self.pending.len() == 0 {
                transport.lose_connection();
            } else {
                // QUIT is answered last, and then Redis closes.
                self.pending.push().on_result(|_| {});
                transport.write(b"*1\r\n$4\r\nQUIT\r\n");
            }
        }
    }

    fn fail_all(&self, lost: &RedisLost) {
        *self.lost.borrow_mut() = Some(lost.clone());
        loop {
            let next = self.pending.take_oldest();
            let Some(resolver) = next else { break };
            resolver.errback(lost.clone());
        }
        self.pushed.take();
        for watcher in self.watchers.take() {
            watcher.callback(lost.clone());
        }
    }
}

/// The protocol of one connection.
struct RedisProtocol {
    decoder: ReplyDecoder,
    shared: Rc<SharedState>,
    made: Option<Resolver<Redis>>,
}

impl Protocol for RedisProtocol {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        *self.shared.transport.borrow_mut() = Some(transport.clone());
        if let Some(made) = self.made.take() {
            made.callback(Redis(Rc::new(CloseOnDrop(Rc::clone(&self.shared)))));
        }
        Ok(())
    }

    fn data_received(&mut self, _: &Transport, data: &[u8]) -> Result<(), Failure> {
        self.decoder.feed(data);
        while let Some(reply) = self.decoder.next_reply()? {
            let pushed = self.shared.pushed.borrow().clone();
            if let Some(pushed) = pushed {
                pushed(reply);
                continue;
            }
            let oldest = self.shared.pending.take_oldest();
            match oldest {
                Some(resolver) => resolver.fire(reply.into_result()),
                None => {
                    let what = "a reply to no command".to_owned();
                    return Err(super::ReplyError(what).into());
                }
            }
        }
        Ok(())
    }

    fn connection_lost(&mut self, _: &Transport, why: Loss) {
        self.shared.transport.take();
        self.shared.fail_all(&RedisLost(why.to_string()));
    }
}

/// Builds one protocol, which existed before the connection.
struct InstanceFactory(Cell<Option<RedisProtocol>>);

impl Factory for InstanceFactory {
    fn build_protocol(&self, _: &Address) -> Option<Box<dyn Protocol>> {
        Some(Box::new(self.0.take()?))
    }

    fn connection_failed(&self, _: &Address, why: Failure) {
        if let Some(made) = self.0.take().and_then(|protocol| protocol.made) {
            made.errback(why);
        }
    }
}

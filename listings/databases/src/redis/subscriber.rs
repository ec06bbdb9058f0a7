//! Messages from Redis, on a connection that listens and does nothing else.
use super::{Redis, RedisSettings, Value, connect};
use crate::message_queue::{MessageQueue, News, Size, Subscribe, keep_subscribed};
use bytes::Bytes;
use deferreds::{Deferred, Failure, Resolver};
use reactor::Handle;
use std::{
    cell::{Cell, RefCell},
    fmt,
    rc::Rc,
};

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The channel.
    pub channel: String,
    /// What was said.
    pub payload: Bytes,
}

impl Size for Message {
    fn size(&self) -> usize {
        self.channel.len() + self.payload.len()
    }
}

/// Hears what is said on some channels. It has a connection of its own and makes it again when it
/// is lost; then [`News::Gap`] says that messages may be missing. Dropped, it ends.
pub struct Subscriber {
    queue: MessageQueue<Message>,
    subscription: Rc<Subscription>,
}

impl Subscriber {
    /// Connects and subscribes; fires when Redis has confirmed all channels, so that nothing said
    /// after that is missed.
    #[track_caller]
    pub fn new(
        reactor: &Handle,
        settings: &RedisSettings,
        channels: &[&str],
    ) -> Deferred<Subscriber> {
        let queue = MessageQueue::new();
        let subscription = Rc::new(Subscription {
            settings: settings.clone(),
            names: channels.iter().map(|name| (*name).to_owned()).collect(),
            redis: Rc::default(),
        });
        // Without a channel there would be no confirmation, and it would wait for ever.
        if subscription.names.is_empty() {
            return Deferred::fail(Failure::new("a subscriber names at least one channel"));
        }
        let kept = keep_subscribed(reactor, Rc::clone(&subscription) as _, queue.clone());
        let subscriber = Subscriber {
            queue,
            subscription,
        };
        kept.add_callback(move |()| Ok(subscriber))
    }

    /// Fires with the next message, or with a gap.
    ///
    /// Cancel what you do not wait for any more: a Deferred that is dropped instead takes the next
    /// message with it. One that is awaited is cancelled when its future is dropped.
    #[track_caller]
    pub fn next(&self) -> Deferred<News<Message>> {
        self.queue.next()
    }
}

impl Drop for Subscriber {
    fn drop(&mut self) {
        self.queue.end();
        if let Some(redis) = self.subscription.redis.take() {
            redis.abort();
        }
    }
}

impl fmt::Debug for Subscriber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscriber")
            .field("channels", &self.subscription.names)
            .finish_non_exhaustive()
    }
}

/// How to connect and what to subscribe to.
struct Subscription {
    settings: RedisSettings,
    names: Vec<String>,
    /// The connection that there is now, so that the end of the subscriber can end it.
    redis: Rc<RefCell<Option<Redis>>>,
}

impl Subscribe<Message> for Subscription {
    fn subscribe(&self, reactor: &Handle, queue: &MessageQueue<Message>) -> Deferred<Deferred<()>> {
        let (names, queue) = (self.names.clone(), queue.clone());
        let keeps = Rc::clone(&self.redis);
        connect(reactor, &self.settings).add_callback(move |redis| {
            let (resolver, confirmed) = Deferred::new();
            let handler = PushHandler {
                left: Cell::new(names.len()),
                resolver: Cell::new(Some(resolver)),
            };
            // Before SUBSCRIBE is sent: its confirmations are replies to no command, too.
            redis.on_push(move |value| handler.handle(value, &queue));
            let words = ["SUBSCRIBE"]
                .into_iter()
                .chain(names.iter().map(|name| &**name));
            if let Err(failure) = redis.subscribe(&words.collect::<Vec<_>>()) {
                return Deferred::fail(failure);
            }
            let lost = redis.when_lost();
            *keeps.borrow_mut() = Some(redis);
            confirmed.add_callback(move |()| Ok(lost.add_callback(|_| Ok(()))))
        })
    }
}

/// Takes what Redis sends to a subscriber: confirmations, then messages.
struct PushHandler {
    /// How many channels are not confirmed yet.
    left: Cell<usize>,
    resolver: Cell<Option<Resolver<()>>>,
}

impl PushHandler {
    fn handle(&self, value: Value, queue: &MessageQueue<Message>) {
        match value {
            Value::Array(values) => {
                let [kind, channel, payload] = <[Value; 3]>::try_from(values)
                    .unwrap_or_else(|_| [Value::Nil, Value::Nil, Value::Nil]);
                let text = |value: Value| value.into_text().ok().flatten().unwrap_or_default();
                match (&*text(kind), payload) {
                    ("message", Value::Bytes(payload)) => {
                        let channel = text(channel);
                        queue.push(News::Message(Message { channel, payload }));
                    }
                    ("subscribe", _) => {
                        self.left.set(self.left.get().saturating_sub(1));
                        if self.left.get() == 0
                            && let Some(resolver) = self.resolver.take()
                        {
                            resolver.callback(());
                        }
                    }
                    _ => {} // other kinds are for commands that this one never sends
                }
            }
            Value::Error(error) => {
                if let Some(resolver) = self.resolver.take() {
                    resolver.errback(error);
                }
            }
            _ => {}
        }
    }
}

//! What other clients of PostgreSQL say on channels, on a connection that listens and does nothing
//! else.
use crate::{
    Connection, Notification, Settings,
    all::all,
    connect,
    manager::Connect,
    message_queue::{MessageQueue, News, Size, Subscribe, keep_subscribed},
};
use deferreds::{Deferred, Failure};
use reactor::Handle;
use std::{cell::RefCell, fmt, rc::Rc};

/// Hears the notifications of some channels. It has a connection of its own and makes it again when
/// it is lost; then [`News::Gap`] says that notifications may be missing, because PostgreSQL keeps
/// none for those who are away. Dropped, it ends.
///
/// A notification comes when the transaction that sent it commits, and not at all when that is
/// rolled back.
pub struct Listener {
    queue: MessageQueue<Notification>,
    subscription: Rc<Subscription>,
}

impl Listener {
    /// Connects and listens; fires when PostgreSQL has confirmed all channels, so that nothing
    /// committed after that is missed.
    #[track_caller]
    pub fn new(reactor: &Handle, settings: &Settings, channels: &[&str]) -> Deferred<Listener> {
        let settings = settings.clone();
        let connect = move |reactor: &Handle| connect(reactor, &settings);
        Listener::with_connector(reactor, connect, channels)
    }

    /// As [`new`](Listener::new), but connects with `connect`, for example by TLS.
    #[track_caller]
    pub fn with_connector(
        reactor: &Handle,
        connect: impl Fn(&Handle) -> Deferred<Connection> + 'static,
        channels: &[&str],
    ) -> Deferred<Listener> {
        if channels.is_empty() {
            return Deferred::fail(Failure::new("a listener names at least one channel"));
        }
        // LISTEN takes no values, so the names are quoted here.
        let quoted = channels.iter().map(|name| {
            let name = name.replace('"', "\"\"");
            format!("LISTEN \"{name}\";")
        });
        let subscription = Rc::new(Subscription {
            connect: Box::new(connect),
            sql: quoted.collect(),
            connection: Rc::default(),
        });
        let queue = MessageQueue::new();
        let kept = keep_subscribed(reactor, Rc::clone(&subscription) as _, queue.clone());
        let listener = Listener {
            queue,
            subscription,
        };
        kept.add_callback(move |()| Ok(listener))
    }

    /// Fires with the next notification, or with a gap.
    ///
    /// Cancel what you do not wait for any more: a Deferred that is dropped instead takes the next
    /// notification with it. One that is awaited is cancelled when its future is dropped.
    #[track_caller]
    pub fn next(&self) -> Deferred<News<Notification>> {
        self.queue.next()
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.queue.end();
        if let Some(connection) = self.subscription.connection.take() {
            connection.abort();
        }
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listener")
            .field("sql", &self.subscription.sql)
            .finish_non_exhaustive()
    }
}

impl Size for Notification {
    fn size(&self) -> usize {
        self.channel.len() + self.payload.len()
    }
}

/// How to connect and what to listen to.
struct Subscription {
    connect: Connect,
    sql: Vec<String>,
    /// The connection that there is now, so that the end of the listener can end it.
    connection: Rc<RefCell<Option<Connection>>>,
}

impl Subscribe<Notification> for Subscription {
    fn subscribe(
        &self,
        reactor: &Handle,
        queue: &MessageQueue<Notification>,
    ) -> Deferred<Deferred<()>> {
        let (sql, queue) = (self.sql.clone(), queue.clone());
        let keeps = Rc::clone(&self.connection);
        (self.connect)(reactor).add_callback(move |connection| {
            connection.on_notification(move |notification| queue.push(News::Message(notification)));
            let asked = sql.iter().map(|sql| connection.operation(sql, &[]));
            let all = all(asked.collect::<Vec<_>>());
            let lost = connection.when_lost();
            *keeps.borrow_mut() = Some(connection);
            all.add_callback(move |_| Ok(lost.add_callback(|_| Ok(()))))
        })
    }
}

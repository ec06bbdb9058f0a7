//! What comes unasked: messages one after the other, a mark where some may be missing, a connection
//! that is made again.
use deferreds::{Deferred, Failure, Resolver};
use reactor::Handle;
use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    rc::Rc,
    time::Duration,
};

/// The most messages that wait to be read, and the most bytes of them: 64 MiB. One that is longer
/// waits alone.
const MAX_MESSAGES: usize = 1000;
const MAX_BYTES: usize = 64 << 20;

/// The first pause before connecting again; each is twice the one before, up to the last.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

// ANCHOR: news
/// What a subscriber hears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News<T> {
    /// A message.
    Message(T),
    /// Messages may have been lost up to here: the connection was gone and is there again, or too
    /// many came before they were read. They are not sent again, so look for yourself what has
    /// changed.
    Gap,
}
// ANCHOR_END: news

/// How many bytes a message has.
pub(crate) trait Size {
    fn size(&self) -> usize;
}

impl<T: Size> Size for News<T> {
    fn size(&self) -> usize {
        match self {
            News::Message(message) => message.size(),
            News::Gap => 0,
        }
    }
}

/// How to connect and subscribe: what differs between PostgreSQL and Redis.
pub(crate) trait Subscribe<T: 'static>: 'static {
    /// Connects, subscribes, and pushes each message into the queue. The outer Deferred fires when
    /// it listens, the inner one when the connection is gone.
    fn subscribe(&self, reactor: &Handle, queue: &MessageQueue<T>) -> Deferred<Deferred<()>>;
}

/// Messages that have come and are not read yet, and readers that wait for one.
pub(crate) struct MessageQueue<T: 'static>(Rc<Inner<T>>);

impl<T> Clone for MessageQueue<T> {
    fn clone(&self) -> Self {
        MessageQueue(Rc::clone(&self.0))
    }
}

struct Inner<T: 'static> {
    messages: RefCell<VecDeque<News<T>>>,
    /// The bytes of those.
    bytes: Cell<usize>,
    /// Some were dropped, and no reader has got the gap yet.
    missed: Cell<bool>,
    readers: RefCell<VecDeque<Resolver<News<T>>>>,
    ended: Cell<bool>,
}

impl<T: Size + 'static> MessageQueue<T> {
    pub(crate) fn new() -> MessageQueue<T> {
        MessageQueue(Rc::new(Inner {
            messages: RefCell::default(),
            bytes: Cell::new(0),
            missed: Cell::new(false),
            readers: RefCell::default(),
            ended: Cell::new(false),
        }))
    }

    /// Fires with the next message, or with a gap.
    #[track_caller]
    pub(crate) fn next(&self) -> Deferred<News<T>> {
        let inner = &self.0;
        if let Some(news) = inner.messages.borrow_mut().pop_front() {
            inner.bytes.set(inner.bytes.get() - news.size());
            return Deferred::succeed(news);
        }
        if inner.missed.replace(false) {
            return Deferred::succeed(News::Gap);
        }
        let (resolver, news) = Deferred::new();
        inner.readers.borrow_mut().push_back(resolver);
        news
    }

    /// Hands it to the reader that has waited longest, else keeps it, up to the limits.
    pub(crate) fn push(&self, news: News<T>) {
        let inner = &self.0;
        loop {
            let reader = inner.readers.borrow_mut().pop_front();
            match reader {
                None => break,
                Some(reader) if reader.is_cancelled() => {}
                Some(reader) => return reader.callback(news),
            }
        }
        if inner.missed.get() {
            return; // until the reader has come to the gap
        }
        let waiting = inner.messages.borrow().len();
        let bytes = inner.bytes.get() + news.size();
        if waiting >= MAX_MESSAGES || (waiting > 0 && bytes > MAX_BYTES) {
            inner.missed.set(true);
        } else {
            inner.bytes.set(bytes);
            inner.messages.borrow_mut().push_back(news);
        }
    }

    /// Drops readers and messages, and stops connecting again.
    pub(crate) fn end(&self) {
        self.0.ended.set(true);
        drop(self.0.readers.take()); // they hear Abandoned, unless the reactor ends, too
        self.0.messages.take();
        self.0.bytes.set(0);
    }

    fn is_ended(&self) -> bool {
        self.0.ended.get()
    }
}

// ANCHOR: keep_subscribed
/// Listens, and connects again when the connection is lost, until the queue is ended. Fires when it
/// listens for the first time, or cannot.
pub(crate) fn keep_subscribed<T: Size + 'static>(
    reactor: &Handle,
    subscribe: Rc<dyn Subscribe<T>>,
    queue: MessageQueue<T>,
) -> Deferred<()> {
    let first = subscribe.subscribe(reactor, &queue);
    let reactor = reactor.clone();
    first.add_callback(move |lost| {
        lost.on_result(move |_| reconnect_after(&reactor, subscribe, queue, FIRST_PAUSE));
        Ok(())
    })
}

/// Connects again after a pause. The gap is reported once that one listens, so that a reader who
/// looks then misses nothing that comes later.
fn reconnect_after<T: Size + 'static>(
    reactor: &Handle,
    subscribe: Rc<dyn Subscribe<T>>,
    queue: MessageQueue<T>,
    pause: Duration,
) {
    if queue.is_ended() {
        return;
    }
    reactor.call_later(pause, move |reactor| {
        if queue.is_ended() {
            return;
        }
        let made = subscribe.subscribe(reactor, &queue);
        let reactor = reactor.clone();
        made.on_result(move |result: Result<Deferred<()>, Failure>| match result {
            Ok(_) if queue.is_ended() => {} // what was made for it is dropped
            Ok(lost) => {
                queue.push(News::Gap);
                lost.on_result(move |_| reconnect_after(&reactor, subscribe, queue, FIRST_PAUSE));
            }
            Err(failure) => {
                tracing::warn!("a subscriber cannot connect again: {failure}");
                reconnect_after(&reactor, subscribe, queue, (pause * 2).min(LONGEST_PAUSE));
            }
        });
    });
}
// ANCHOR_END: keep_subscribed

#[cfg(test)]
mod tests {
    use super::{MAX_BYTES, MAX_MESSAGES, MessageQueue, News, Size};

    #[derive(Debug, PartialEq, Eq)]
    struct Long(usize);

    impl Size for Long {
        fn size(&self) -> usize {
            self.0
        }
    }

    /// The sizes of what can be read at once, up to a gap, or to the end.
    fn read(queue: &MessageQueue<Long>) -> (Vec<usize>, bool) {
        let mut sizes = Vec::new();
        loop {
            match queue.next().into_result() {
                Ok(Ok(News::Message(Long(size)))) => sizes.push(size),
                Ok(Ok(News::Gap)) => return (sizes, true),
                Ok(Err(failure)) => panic!("{failure}"),
                Err(waits) => {
                    waits.canceller().cancel(); // there is no more
                    return (sizes, false);
                }
            }
        }
    }

    #[test]
    fn exactly_so_many_bytes_are_kept_and_one_more_is_a_gap() {
        let queue = MessageQueue::new();
        let half = MAX_BYTES / 2;
        queue.push(News::Message(Long(half)));
        queue.push(News::Message(Long(half)));
        assert_eq!(read(&queue), (vec![half, half], false));
        queue.push(News::Message(Long(half)));
        queue.push(News::Message(Long(half + 1)));
        queue.push(News::Message(Long(1))); // what comes after a gap belongs to it
        assert_eq!(read(&queue), (vec![half], true));
        queue.push(News::Message(Long(MAX_BYTES + 1))); // alone
        queue.push(News::Message(Long(0)));
        assert_eq!(read(&queue), (vec![MAX_BYTES + 1], true));
        queue.push(News::Message(Long(3))); // and there is room again
        assert_eq!(read(&queue), (vec![3], false));
    }

    #[test]
    fn exactly_so_many_messages_are_kept_and_one_more_is_a_gap() {
        let queue = MessageQueue::new();
        for _ in 0..MAX_MESSAGES {
            queue.push(News::Message(Long(1)));
        }
        let (sizes, gap) = read(&queue);
        assert_eq!((sizes.len(), gap), (MAX_MESSAGES, false));
        for _ in 0..=MAX_MESSAGES {
            queue.push(News::Message(Long(1)));
        }
        let (sizes, gap) = read(&queue);
        assert_eq!((sizes.len(), gap), (MAX_MESSAGES, true));
    }
}

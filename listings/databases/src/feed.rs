//! What comes unasked: messages one after the other, a mark where some may be missing, a connection that is made again.
use deferreds::{Deferred, Failure, Resolver};
use reactor::Handle;
use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    rc::Rc,
    time::Duration,
};

/// The most messages that wait to be read, and the most bytes of them: 64 MiB. One that is longer waits alone.
const MOST: usize = 1000;
const MOST_BYTES: usize = 64 << 20;

/// The first pause before connecting again; each is twice the one before, up to the last.
const FIRST: Duration = Duration::from_millis(50);
const LAST: Duration = Duration::from_secs(5);

// ANCHOR: news
/// What a subscriber hears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News<T> {
    /// Somebody said something.
    Message(T),
    /// Messages may have been lost up to here: the connection was gone and is there again, or nobody read and there were too
    /// many. Nothing sends them again, so look for yourself what has changed.
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

/// Makes a connection, has its messages told to the feed, and fires when it listens; then its other half fires when it is
/// gone.
pub(crate) trait Listen<T: 'static>: 'static {
    /// Connects and subscribes. The outer fires when it listens, the inner when the connection is gone.
    fn listen(&self, reactor: &Handle, feed: &Feed<T>) -> Deferred<Deferred<()>>;
}

/// Messages that have come.
pub(crate) struct Feed<T: 'static>(Rc<Inside<T>>);

impl<T> Clone for Feed<T> {
    fn clone(&self) -> Self {
        Feed(Rc::clone(&self.0))
    }
}

struct Inside<T: 'static> {
    come: RefCell<VecDeque<News<T>>>,
    /// The bytes of those.
    bytes: Cell<usize>,
    /// Some were dropped, and the reader has not been told yet.
    missed: Cell<bool>,
    readers: RefCell<VecDeque<Resolver<News<T>>>>,
    ended: Cell<bool>,
}

impl<T: Size + 'static> Feed<T> {
    pub(crate) fn new() -> Feed<T> {
        Feed(Rc::new(Inside {
            come: RefCell::default(),
            bytes: Cell::new(0),
            missed: Cell::new(false),
            readers: RefCell::default(),
            ended: Cell::new(false),
        }))
    }

    /// The next one.
    #[track_caller]
    pub(crate) fn next(&self) -> Deferred<News<T>> {
        let inside = &self.0;
        if let Some(news) = inside.come.borrow_mut().pop_front() {
            inside.bytes.set(inside.bytes.get() - news.size());
            return Deferred::succeed(news);
        }
        if inside.missed.replace(false) {
            return Deferred::succeed(News::Gap);
        }
        let (resolver, news) = Deferred::new();
        inside.readers.borrow_mut().push_back(resolver);
        news
    }

    pub(crate) fn tell(&self, news: News<T>) {
        let inside = &self.0;
        loop {
            let reader = inside.readers.borrow_mut().pop_front();
            match reader {
                None => break,
                Some(reader) if reader.is_cancelled() => {}
                Some(reader) => return reader.callback(news),
            }
        }
        if inside.missed.get() {
            return; // until the reader has come to the gap
        }
        let waiting = inside.come.borrow().len();
        let bytes = inside.bytes.get() + news.size();
        if waiting >= MOST || (waiting > 0 && bytes > MOST_BYTES) {
            inside.missed.set(true);
        } else {
            inside.bytes.set(bytes);
            inside.come.borrow_mut().push_back(news);
        }
    }

    pub(crate) fn end(&self) {
        self.0.ended.set(true);
        drop(self.0.readers.take()); // they hear Abandoned, unless the reactor ends, too
        self.0.come.take();
        self.0.bytes.set(0);
    }

    fn is_ended(&self) -> bool {
        self.0.ended.get()
    }
}

// ANCHOR: keep
/// Listens for as long as the feed is wanted. Fires when it listens for the first time, or cannot.
pub(crate) fn keep<T: Size + 'static>(
    reactor: &Handle,
    listen: Rc<dyn Listen<T>>,
    feed: Feed<T>,
) -> Deferred<()> {
    let first = listen.listen(reactor, &feed);
    let reactor = reactor.clone();
    first.add_callback(move |lost| {
        lost.on_result(move |_| again(&reactor, listen, feed, FIRST));
        Ok(())
    })
}

/// The connection is gone. After a pause, makes another; the gap is told once that one listens, so that whoever looks then misses
/// nothing that comes later.
fn again<T: Size + 'static>(
    reactor: &Handle,
    listen: Rc<dyn Listen<T>>,
    feed: Feed<T>,
    pause: Duration,
) {
    if feed.is_ended() {
        return;
    }
    reactor.call_later(pause, move |reactor| {
        if feed.is_ended() {
            return;
        }
        let made = listen.listen(reactor, &feed);
        let reactor = reactor.clone();
        made.on_result(move |result: Result<Deferred<()>, Failure>| match result {
            Ok(_) if feed.is_ended() => {} // what was made for it is dropped
            Ok(lost) => {
                feed.tell(News::Gap);
                lost.on_result(move |_| again(&reactor, listen, feed, FIRST));
            }
            Err(failure) => {
                tracing::warn!("a subscriber cannot connect again: {failure}");
                again(&reactor, listen, feed, (pause * 2).min(LAST));
            }
        });
    });
}
// ANCHOR_END: keep

#[cfg(test)]
mod tests {
    use super::{Feed, MOST, MOST_BYTES, News, Size};

    #[derive(Debug, PartialEq, Eq)]
    struct Long(usize);

    impl Size for Long {
        fn size(&self) -> usize {
            self.0
        }
    }

    /// The sizes of what can be read at once, up to a gap, or to the end.
    fn read(feed: &Feed<Long>) -> (Vec<usize>, bool) {
        let mut sizes = Vec::new();
        loop {
            match feed.next().into_result() {
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
        let feed = Feed::new();
        let half = MOST_BYTES / 2;
        feed.tell(News::Message(Long(half)));
        feed.tell(News::Message(Long(half)));
        assert_eq!(read(&feed), (vec![half, half], false));
        feed.tell(News::Message(Long(half)));
        feed.tell(News::Message(Long(half + 1)));
        feed.tell(News::Message(Long(1))); // what comes after a gap belongs to it
        assert_eq!(read(&feed), (vec![half], true));
        feed.tell(News::Message(Long(MOST_BYTES + 1))); // alone
        feed.tell(News::Message(Long(0)));
        assert_eq!(read(&feed), (vec![MOST_BYTES + 1], true));
        feed.tell(News::Message(Long(3))); // and there is room again
        assert_eq!(read(&feed), (vec![3], false));
    }

    #[test]
    fn exactly_so_many_messages_are_kept_and_one_more_is_a_gap() {
        let feed = Feed::new();
        for _ in 0..MOST {
            feed.tell(News::Message(Long(1)));
        }
        let (sizes, gap) = read(&feed);
        assert_eq!((sizes.len(), gap), (MOST, false));
        for _ in 0..=MOST {
            feed.tell(News::Message(Long(1)));
        }
        let (sizes, gap) = read(&feed);
        assert_eq!((sizes.len(), gap), (MOST, true));
    }
}

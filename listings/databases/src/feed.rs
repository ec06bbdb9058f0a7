//! What comes unasked: messages one after the other, a mark where some may be missing, a connection that is made again.
use deferreds::{Deferred, Failure, Resolver};
use reactor::Handle;
use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    rc::Rc,
    time::Duration,
};

/// The most messages that wait to be read.
const MOST: usize = 1000;

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
    /// Some were dropped, and the reader has not been told yet.
    missed: Cell<bool>,
    readers: RefCell<VecDeque<Resolver<News<T>>>>,
    ended: Cell<bool>,
}

impl<T: 'static> Feed<T> {
    pub(crate) fn new() -> Feed<T> {
        Feed(Rc::new(Inside {
            come: RefCell::default(),
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
        if inside.come.borrow().len() >= MOST {
            inside.missed.set(true);
        } else {
            inside.come.borrow_mut().push_back(news);
        }
    }

    pub(crate) fn end(&self) {
        self.0.ended.set(true);
        drop(self.0.readers.take()); // they hear Abandoned, unless the reactor ends, too
        self.0.come.take();
    }

    fn is_ended(&self) -> bool {
        self.0.ended.get()
    }
}

// ANCHOR: keep
/// Listens for as long as the feed is wanted. Fires when it listens for the first time, or cannot.
pub(crate) fn keep<T: 'static>(
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
fn again<T: 'static>(reactor: &Handle, listen: Rc<dyn Listen<T>>, feed: Feed<T>, pause: Duration) {
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

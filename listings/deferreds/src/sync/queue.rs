//! A queue: values that wait for a reader, and readers that wait for a value.
use crate::{Deferred, sync::wait_queue::WaitQueue};
use reactor::Panics;
use std::{cell::RefCell, collections::VecDeque, error::Error, fmt, rc::Rc};

/// Values that wait for a reader, or readers that wait for a value; first in, first out. Clones are
/// about the same queue.
///
/// ```
/// use deferreds::Queue;
///
/// let queue = Queue::new();
/// let first = queue.get(); // it waits
/// queue.put("Gather ye rosebuds")?;
/// queue.put("while ye may")?;
/// assert_eq!(first.into_result().unwrap().unwrap(), "Gather ye rosebuds");
/// assert_eq!(queue.get().into_result().unwrap().unwrap(), "while ye may");
/// # Ok::<(), deferreds::QueueOverflow<&str>>(())
/// ```
///
/// When the last clone is dropped, a reader that still waits hears [`Abandoned`](crate::Abandoned):
/// no value can come any more.
///
/// Source:
/// [`DeferredQueue`](https://docs.twisted.org/en/stable/api/twisted.internet.defer.DeferredQueue.html).
pub struct Queue<T: 'static>(Rc<Inside<T>>);

struct Inside<T: 'static> {
    size: Option<usize>,
    backlog: Option<usize>,
    /// While a reader is being served there may be values and readers at the same time.
    values: RefCell<VecDeque<T>>,
    line: Rc<WaitQueue<T>>,
}

impl<T: 'static> Queue<T> {
    /// Returns one without limits.
    #[must_use]
    pub fn new() -> Queue<T> {
        Queue::with_limits(None, None)
    }

    /// At most `size` values wait for a reader, and at most `backlog` readers for a value. With a
    /// `size` of 0, a value can be put only when a reader waits.
    ///
    /// ```
    /// use deferreds::Queue;
    /// let queue = Queue::with_limits(1, None);
    /// queue.put("one").unwrap();
    /// let overflow = queue.put("two").unwrap_err();
    /// assert_eq!(overflow.0, "two"); // it comes back
    /// ```
    #[must_use]
    pub fn with_limits(
        size: impl Into<Option<usize>>,
        backlog: impl Into<Option<usize>>,
    ) -> Queue<T> {
        Queue(Rc::new(Inside {
            size: size.into(),
            backlog: backlog.into(),
            values: RefCell::default(),
            line: WaitQueue::new(),
        }))
    }

    /// Hands `value` to the reader that has waited longest, whose stages run before this returns;
    /// or keeps it.
    ///
    /// Called by a stage of a reader that is being served, it returns first: the next reader is
    /// served when the stages of that one have run. So readers are served one after the other,
    /// however they put, and without any stack.
    ///
    /// # Errors
    /// [`QueueOverflow`], with the value, when as many values wait as may.
    pub fn put(&self, value: T) -> Result<(), QueueOverflow<T>> {
        let inside = &self.0;
        // Each value that a reader is about to get makes room.
        let room = inside.size.map(|size| size.saturating_add(self.waiting()));
        if room.is_some_and(|room| self.len() >= room) {
            return Err(QueueOverflow(value));
        }
        inside.values.borrow_mut().push_back(value);
        inside
            .line
            .serve(|_| inside.values.borrow_mut().pop_front());
        Ok(())
    }

    /// Returns the value that has waited longest, or the next one, behind those who wait already.
    /// Cancelled, it leaves the line, and no value is lost. A value that has come to it is its own:
    /// dropping the Deferred then drops the value.
    ///
    /// When as many wait as may, it fails at once with [`QueueUnderflow`].
    #[track_caller]
    pub fn get(&self) -> Deferred<T> {
        let inside = &self.0;
        if self.waiting() == 0 {
            let first = inside.values.borrow_mut().pop_front();
            if let Some(value) = first {
                return Deferred::succeed(value);
            }
        }
        let room = inside
            .backlog
            .map(|backlog| backlog.saturating_add(self.len()));
        if room.is_some_and(|room| self.waiting() >= room) {
            return Deferred::fail(QueueUnderflow);
        }
        inside.line.join(|_| {})
    }

    /// Returns how many values wait for a reader.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.values.borrow().len()
    }

    /// Returns whether no value waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns how many readers wait for a value.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.0.line.len()
    }
}

impl<T: 'static> Drop for Inside<T> {
    /// One after the other: each value may panic when it is dropped.
    fn drop(&mut self) {
        let mut panics = Panics::default();
        for value in self.values.take() {
            panics.catch(|| drop(value));
        }
        panics.go_on();
    }
}

impl<T: 'static> Clone for Queue<T> {
    fn clone(&self) -> Queue<T> {
        Queue(self.0.clone())
    }
}

impl<T: 'static> Default for Queue<T> {
    fn default() -> Queue<T> {
        Queue::new()
    }
}

impl<T: 'static> fmt::Debug for Queue<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queue")
            .field("len", &self.len())
            .field("waiting", &self.waiting())
            .finish()
    }
}

/// A value that had no room in a [`Queue`].
pub struct QueueOverflow<T>(pub T);

impl<T> fmt::Debug for QueueOverflow<T> {
    /// Without the value, which may have no way to be shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("QueueOverflow(..)")
    }
}

impl<T> fmt::Display for QueueOverflow<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the queue is full")
    }
}

impl<T> Error for QueueOverflow<T> {}

/// As many wait for a value of a [`Queue`] as may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueUnderflow;

impl fmt::Display for QueueUnderflow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("too many wait for a value of the queue")
    }
}

impl Error for QueueUnderflow {}

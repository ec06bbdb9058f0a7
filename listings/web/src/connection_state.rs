//! The state of one connection: what hyper may read, what is under way since when, and when that
//! has been too long.
use crate::{Limits, head_scanner::HeadScanner};
use reactor::{DelayedCall, Handle, Time};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    task::Waker,
};
use transports::Transport;

/// Sent to a client whose request did not come in time. hyper has nothing to write then.
const REQUEST_TIMEOUT: &str =
    "HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// What hyper may read next.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReadLimit {
    /// The head of a request, and not one byte after it.
    Head,
    /// So many bytes of a body.
    Body(u64),
    /// Whatever comes: HTTP/2, or where a body ended has been hyper's secret.
    Unlimited,
}

/// The state of one connection.
pub(crate) struct ConnectionState {
    pub(crate) transport: Transport,
    pub(crate) limits: Rc<Limits>,
    pub(crate) read_limit: Cell<ReadLimit>,
    pub(crate) head: RefCell<HeadScanner>,
    /// Whether a byte has come since the last reply.
    pub(crate) received: Cell<bool>,
    /// Bytes that were handed to the transport.
    pub(crate) written: Cell<u64>,
    /// How many requests are being answered; with HTTP/2 there may be many.
    active: Cell<usize>,
    idle_since: Cell<Time>,
    /// How many bytes had been sent when that was last looked at, and when it last was another
    /// number.
    progress: Cell<(u64, Time)>,
    pub(crate) stopping: Cell<bool>,
    pub(crate) read_waker: Cell<Option<Waker>>,
    pub(crate) driver_waker: Cell<Option<Waker>>,
    timer: Cell<Option<DelayedCall>>,
}

impl ConnectionState {
    pub(crate) fn new(
        transport: &Transport,
        limits: &Rc<Limits>,
        read_limit: ReadLimit,
    ) -> Rc<ConnectionState> {
        let now = transport.handle().now();
        let state = Rc::new(ConnectionState {
            transport: transport.clone(),
            limits: Rc::clone(limits),
            read_limit: Cell::new(read_limit),
            head: RefCell::default(),
            received: Cell::new(false),
            written: Cell::new(0),
            active: Cell::new(0),
            idle_since: Cell::new(now),
            progress: Cell::new((0, now)),
            stopping: Cell::new(false),
            read_waker: Cell::default(),
            driver_waker: Cell::default(),
            timer: Cell::default(),
        });
        state.set_timer(now); // the first head has to come in time, too
        state
    }

    pub(crate) fn handle(&self) -> &Handle {
        self.transport.handle()
    }

    /// Counts a request whose head has come. Returns whether it states two lengths.
    pub(crate) fn begin_request(&self, length: Option<u64>, chunked: bool) -> bool {
        self.active.set(self.active.get() + 1);
        let ambiguous = self.head.borrow().is_ambiguous();
        if self.read_limit.get() != ReadLimit::Unlimited {
            let body = ReadLimit::Body(length.unwrap_or(0));
            self.set_read_limit(if chunked { ReadLimit::Unlimited } else { body });
        }
        ambiguous
    }

    /// Counts a reply that is over, or will never be.
    pub(crate) fn reply_over(&self) {
        self.active.set(self.active.get() - 1);
        if self.active.get() == 0 {
            self.idle_since.set(self.handle().now());
            self.received.set(false);
            *self.head.borrow_mut() = HeadScanner::default();
            if self.read_limit.get() == ReadLimit::Body(0) {
                self.set_read_limit(ReadLimit::Head);
            }
        }
    }

    /// Has hyper read the rest of the body, of which so many bytes are left.
    pub(crate) fn body_read(&self, left: u64) {
        let over = left == 0 && self.active.get() == 0;
        self.read_limit.set(if over {
            ReadLimit::Head
        } else {
            ReadLimit::Body(left)
        });
    }

    /// Sets what hyper may read, and wakes its read.
    fn set_read_limit(&self, read_limit: ReadLimit) {
        self.read_limit.set(read_limit);
        if let Some(waker) = self.read_waker.take() {
            waker.wake();
        }
    }

    /// Whether no request is being answered, and none has begun to come.
    pub(crate) fn is_idle(&self) -> bool {
        self.active.get() == 0 && !self.received.get()
    }

    /// Answers what has been asked, and then ends.
    pub(crate) fn stop(&self) {
        self.stopping.set(true);
        if let Some(waker) = self.driver_waker.take() {
            waker.wake();
        }
    }

    /// Stops the timer of a connection that is over.
    pub(crate) fn cancel_timer(&self) {
        if let Some(timer) = self.timer.take() {
            let _ = timer.cancel(); // it may be what ended this
        }
    }

    // ANCHOR: watch
    /// Sets the one timer of a connection, which looks at the clock now and then. So no request has
    /// to set or cancel one.
    fn set_timer(self: &Rc<ConnectionState>, now: Time) {
        let limits = &self.limits;
        let soon = now + limits.head_time.min(limits.send_time);
        let idle = self.idle_since.get() + limits.head_time;
        let at = if idle > now { soon.min(idle) } else { soon };
        let state = Rc::clone(self);
        let timer = self
            .handle()
            .call_later(at - now, move |_| state.check_times());
        self.timer.set(Some(timer));
    }

    /// Ends the connection when its client has been too slow, else sets the timer again.
    fn check_times(self: &Rc<ConnectionState>) {
        if self.transport.is_lost() {
            return;
        }
        let (now, waiting) = (self.handle().now(), self.transport.waiting() as u64);
        let (sent, since) = (
            self.written.get() - waiting.min(self.written.get()),
            self.progress.get(),
        );
        if waiting == 0 || sent != since.0 {
            self.progress.set((sent, now));
        } else if now - since.1 >= self.limits.send_time {
            tracing::debug!(peer = %self.transport.peer(), "a client takes no byte of its reply");
            return self.transport.abort_connection();
        }
        // A client that still takes its reply is not idle, however long that takes.
        if waiting > 0 {
            self.idle_since.set(now);
        } else if self.active.get() == 0 && now - self.idle_since.get() >= self.limits.head_time {
            if self.received.get() && self.read_limit.get() == ReadLimit::Head {
                self.transport.write(REQUEST_TIMEOUT);
            }
            self.transport.lose_connection();
        }
        self.set_timer(now);
    }
    // ANCHOR_END: watch
}

//! What goes on in one connection: whose turn it is, since when, and when that has been too long.
use crate::{Limits, head::Head};
use reactor::{DelayedCall, Handle, Time};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    task::Waker,
};
use transports::Transport;

/// Sent to a client whose request did not come in time. hyper has nothing to write then.
const TOO_SLOW: &str =
    "HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// What hyper may read next.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Credit {
    /// The head of a request, and not one byte after it.
    Head,
    /// So many bytes of a body.
    Body(u64),
    /// Whatever comes: HTTP/2, or where a body ended has been hyper's secret.
    All,
}

/// The state of one connection.
pub(crate) struct Life {
    pub(crate) transport: Transport,
    pub(crate) limits: Rc<Limits>,
    pub(crate) credit: Cell<Credit>,
    pub(crate) head: RefCell<Head>,
    /// Whether a byte has come since the last reply.
    pub(crate) heard: Cell<bool>,
    /// Bytes that were handed to the transport.
    pub(crate) written: Cell<u64>,
    /// How many requests are being answered.
    active: Cell<usize>,
    idle_since: Cell<Time>,
    /// How many bytes had been sent when that was last looked at, and when it last was another number.
    progress: Cell<(u64, Time)>,
    pub(crate) stopping: Cell<bool>,
    pub(crate) reader: Cell<Option<Waker>>,
    pub(crate) driver: Cell<Option<Waker>>,
    alarm: Cell<Option<DelayedCall>>,
}

impl Life {
    pub(crate) fn new(transport: &Transport, limits: &Rc<Limits>, credit: Credit) -> Rc<Life> {
        let now = transport.handle().now();
        let life = Rc::new(Life {
            transport: transport.clone(),
            limits: Rc::clone(limits),
            credit: Cell::new(credit),
            head: RefCell::default(),
            heard: Cell::new(false),
            written: Cell::new(0),
            active: Cell::new(0),
            idle_since: Cell::new(now),
            progress: Cell::new((0, now)),
            stopping: Cell::new(false),
            reader: Cell::default(),
            driver: Cell::default(),
            alarm: Cell::default(),
        });
        life.set_alarm(now);
        life
    }

    pub(crate) fn handle(&self) -> &Handle {
        self.transport.handle()
    }

    /// A head has come whole. Returns whether it tells two lengths.
    pub(crate) fn begin(&self, length: Option<u64>, chunked: bool) -> bool {
        self.active.set(self.active.get() + 1);
        let ambiguous = self.head.borrow().is_ambiguous();
        if self.credit.get() != Credit::All {
            let body = Credit::Body(length.unwrap_or(0));
            self.allow(if chunked { Credit::All } else { body });
        }
        ambiguous
    }

    /// A reply is over, or will never be.
    pub(crate) fn reply_over(&self) {
        self.active.set(self.active.get() - 1);
        if self.active.get() == 0 {
            self.idle_since.set(self.handle().now());
            self.heard.set(false);
            *self.head.borrow_mut() = Head::default();
            if self.credit.get() == Credit::Body(0) {
                self.allow(Credit::Head);
            }
        }
    }

    /// So many bytes of a body were read.
    pub(crate) fn body_read(&self, left: u64) {
        let over = left == 0 && self.active.get() == 0;
        self.credit.set(if over {
            Credit::Head
        } else {
            Credit::Body(left)
        });
    }

    fn allow(&self, credit: Credit) {
        self.credit.set(credit);
        if let Some(waker) = self.reader.take() {
            waker.wake();
        }
    }

    /// No request is being answered, and none has begun to come.
    pub(crate) fn is_silent(&self) -> bool {
        self.active.get() == 0 && !self.heard.get()
    }

    /// Answers what has been asked, and then ends.
    pub(crate) fn stop(&self) {
        self.stopping.set(true);
        if let Some(waker) = self.driver.take() {
            waker.wake();
        }
    }

    /// It is over: nothing has to be watched any more.
    pub(crate) fn end(&self) {
        if let Some(alarm) = self.alarm.take() {
            let _ = alarm.cancel(); // it may be what ended this
        }
    }

    // ANCHOR: watch
    /// One timer a connection, which looks at the clock now and then. Nothing has to be set or taken back at each request.
    fn set_alarm(self: &Rc<Life>, now: Time) {
        let limits = &self.limits;
        let soon = now + limits.head_time.min(limits.send_time);
        let idle = self.idle_since.get() + limits.head_time;
        let at = if idle > now { soon.min(idle) } else { soon };
        let life = Rc::clone(self);
        let alarm = self.handle().call_later(at - now, move |_| life.look());
        self.alarm.set(Some(alarm));
    }

    fn look(self: &Rc<Life>) {
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
        if waiting > 0 {
            self.idle_since.set(now);
        } else if self.active.get() == 0 && now - self.idle_since.get() >= self.limits.head_time {
            if self.heard.get() && self.credit.get() == Credit::Head {
                self.transport.write(TOO_SLOW);
            }
            self.transport.lose_connection();
        }
        self.set_alarm(now);
    }
    // ANCHOR_END: watch
}

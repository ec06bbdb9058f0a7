//! A reply on its way: hyper takes its body, and when that is over, the connection and the log are
//! told.
use crate::{
    Body, StatusCode,
    access::{Access, AccessLog},
    body::IncompleteBody,
    connection_state::ConnectionState,
    panics::catch_panic,
};
use hyper::{
    Method,
    body::{Body as HyperBody, Bytes, Frame, SizeHint},
};
use reactor::Time;
use std::{
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

/// Made when a request has come, dropped when its reply is over, or when it will never be.
pub(crate) struct ReplyGuard {
    state: Rc<ConnectionState>,
    began: Time,
    log: Option<(AccessLog, Access)>,
}

impl ReplyGuard {
    pub(crate) fn new(state: &Rc<ConnectionState>, log: Option<(AccessLog, Access)>) -> ReplyGuard {
        ReplyGuard {
            state: Rc::clone(state),
            began: state.handle().now(),
            log,
        }
    }

    pub(crate) fn into_body(mut self, status: StatusCode, body: Body) -> Outgoing {
        if let Some((_, access)) = &mut self.log {
            access.status = Some(status);
        }
        Outgoing { body, reply: self }
    }
}

impl Drop for ReplyGuard {
    fn drop(&mut self) {
        self.state.reply_over();
        if let Some((log, mut access)) = self.log.take() {
            access.took = self.state.handle().now() - self.began;
            let _ = catch_panic(|| log(&access)); // its panic has printed itself
        }
    }
}

/// A body that hyper sends.
pub(crate) struct Outgoing {
    body: Body,
    reply: ReplyGuard,
}

impl HyperBody for Outgoing {
    type Data = Bytes;
    type Error = IncompleteBody;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, IncompleteBody>>> {
        let polled = self.body.poll(context);
        if let (Some((_, access)), Poll::Ready(Some(Ok(frame)))) = (&mut self.reply.log, &polled) {
            access.bytes += frame.data_ref().map_or(0, |data| data.len() as u64);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_at_end()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size()
    }
}

impl Drop for Outgoing {
    fn drop(&mut self) {
        if let Some((_, access)) = &mut self.reply.log {
            // The reply to HEAD is whole without its body.
            access.whole = access.method == Method::HEAD || self.body.was_taken();
        }
    }
}

//! A reply on its way: hyper takes its body, and when that is over, the connection and the log are told.
use crate::{Access, Body, StatusCode, body::Cut, life::Life, site::guard};
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

/// What is called with each line of the access log.
pub(crate) type Log = Rc<dyn Fn(&Access)>;

/// Made when a request has come, dropped when its reply is over, or when it will never be.
pub(crate) struct Reply {
    life: Rc<Life>,
    began: Time,
    log: Option<(Log, Access)>,
}

impl Reply {
    pub(crate) fn new(life: &Rc<Life>, log: Option<(Log, Access)>) -> Reply {
        Reply {
            life: Rc::clone(life),
            began: life.handle().now(),
            log,
        }
    }

    pub(crate) fn with(mut self, status: StatusCode, body: Body) -> Outgoing {
        if let Some((_, access)) = &mut self.log {
            access.status = Some(status);
        }
        Outgoing { body, reply: self }
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        self.life.reply_over();
        if let Some((log, mut access)) = self.log.take() {
            access.took = self.life.handle().now() - self.began;
            let _ = guard(|| log(&access)); // its panic has printed itself
        }
    }
}

/// A body that hyper sends.
pub(crate) struct Outgoing {
    body: Body,
    reply: Reply,
}

impl HyperBody for Outgoing {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
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

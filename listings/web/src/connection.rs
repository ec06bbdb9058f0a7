//! One connection: hyper drives the protocol, this drives hyper, and ends it when it should end.
use crate::{
    Access, Answer, Request, Response,
    life::{Credit, Life},
    reply::{Outgoing, Reply},
    running::Shared,
    site::{Trouble, guard},
    wire::Wire,
};
use coroutines::timeout;
use deferreds::Failure;
use hyper::{
    body::{Body, Incoming},
    header::{CONTENT_LENGTH, TRANSFER_ENCODING},
    server::conn::{http1, http2},
    service::Service,
};
use reactor::Handle;
use std::{
    convert::Infallible,
    future::{Future, poll_fn},
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
    time::Duration,
};
use transports::Stream;

// ANCHOR: serve
/// Serves one connection to its end.
pub(crate) async fn serve(site: Rc<Shared>, stream: Stream) {
    let facts = stream.transport().tls_facts();
    let is_h2 = facts.is_some_and(|facts| facts.alpn.as_deref() == Some(b"h2"));
    let credit = if is_h2 { Credit::All } else { Credit::Head };
    let life = Life::new(stream.transport(), &site.limits, credit);
    let _registered = site.register(&life);
    let wire = Wire::new(stream, Rc::clone(&life));
    let ask = Ask {
        site,
        life: Rc::clone(&life),
    };
    let end = if is_h2 {
        serve_h2(wire, ask).await
    } else {
        serve_h1(wire, ask).await
    };
    // The peer left, or spoke something else. That is its business.
    if let Err(error) = end {
        tracing::debug!(peer = %life.transport.peer(), "a connection ended early: {error}");
    }
}
// ANCHOR_END: serve

async fn serve_h1(wire: Wire, ask: Ask) -> hyper::Result<()> {
    let life = Rc::clone(&ask.life);
    let mut http = http1::Builder::new()
        .auto_date_header(false) // a simulated world has no date
        .max_buf_size(life.limits.head_bytes.max(8192)) // hyper wants no less
        .serve_connection(wire, ask);
    let end = until_stopped(&life, |stop, context| {
        if stop {
            Pin::new(&mut http).graceful_shutdown();
        }
        http.poll_without_shutdown(context)
    })
    .await;
    let (handle, limit) = (life.handle(), life.limits.linger);
    // What cannot be read or written now needs no end in good order.
    let _ = timeout(
        handle,
        linger_limit(&life, limit),
        http.into_parts().io.linger(),
    )
    .await;
    end
}

/// Lingering includes that the last bytes are sent, which a slow client may take its time for; that is watched elsewhere.
fn linger_limit(life: &Life, limit: Duration) -> Duration {
    if life.transport.waiting() > 0 {
        limit + life.limits.send_time
    } else {
        limit
    }
}

async fn serve_h2(wire: Wire, ask: Ask) -> hyper::Result<()> {
    let life = Rc::clone(&ask.life);
    let mut http = http2::Builder::new(Tasks(life.handle().clone()))
        .auto_date_header(false)
        .max_concurrent_streams(100)
        .max_header_list_size(u32::try_from(life.limits.head_bytes).unwrap_or(u32::MAX))
        .serve_connection(wire, ask);
    until_stopped(&life, |stop, context| {
        let mut http = Pin::new(&mut http);
        if stop {
            http.as_mut().graceful_shutdown();
        }
        http.poll(context)
    })
    .await
}

// ANCHOR: until
/// Polls a connection of hyper. Told to stop, it answers what has been asked; one that is silent ends at once, because
/// hyper would wait for its first request.
async fn until_stopped(
    life: &Life,
    mut poll: impl FnMut(bool, &mut Context<'_>) -> Poll<hyper::Result<()>>,
) -> hyper::Result<()> {
    let mut told = false;
    poll_fn(|context| {
        life.driver.set(Some(context.waker().clone()));
        let stop = life.stopping.get();
        if stop && life.is_silent() {
            return Poll::Ready(Ok(()));
        }
        poll(stop && !std::mem::replace(&mut told, stop), context)
    })
    .await
}
// ANCHOR_END: until

/// HTTP/2 answers many requests at once, and hyper wants a task for each.
#[derive(Clone)]
struct Tasks(Handle);

impl<F: Future<Output = ()> + 'static> hyper::rt::Executor<F> for Tasks {
    fn execute(&self, future: F) {
        drop(coroutines::spawn(&self.0, async move {
            future.await;
            Ok(())
        }));
    }
}

/// What hyper calls with each request.
struct Ask {
    site: Rc<Shared>,
    life: Rc<Life>,
}

impl Service<hyper::Request<Incoming>> for Ask {
    type Response = hyper::Response<Outgoing>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>>>>;

    fn call(&self, mut request: hyper::Request<Incoming>) -> Self::Future {
        let (site, life) = (Rc::clone(&self.site), Rc::clone(&self.life));
        let headers = request.headers();
        let length = headers
            .get(CONTENT_LENGTH)
            .and_then(|n| n.to_str().ok()?.parse().ok());
        let ambiguous = life.begin(length, headers.contains_key(TRANSFER_ENCODING));
        let log = site.log.as_ref().map(|log| {
            let access = Access {
                peer: life.transport.peer().clone(),
                method: request.method().clone(),
                target: request.uri().clone(),
                version: request.version(),
                status: None,
                bytes: 0,
                took: Duration::ZERO,
                whole: false,
            };
            (Rc::clone(log), access)
        });
        let reply = Reply::new(&life, log);
        request
            .extensions_mut()
            .insert(life.transport.peer().clone());
        Box::pin(async move {
            let response = if ambiguous {
                crate::site::two_lengths()
            } else {
                site.answer(&life, request).await
            };
            let (head, body) = response.into_parts();
            let outgoing = reply.with(head.status, body);
            Ok(hyper::Response::from_parts(head, outgoing))
        })
    }
}

/// Waits for what a resource answered. A panic of its future is the failure of this request.
pub(crate) async fn wait(answer: Answer) -> Result<Response, Trouble> {
    // ANCHOR: wait
    match answer {
        Answer::Now(response) => Ok(response?),
        // The client leaves: hyper drops this future, and with that the Deferred is cancelled.
        Answer::Later(response) => Ok(response.await?),
        Answer::Awaited(mut future) => {
            let polled = poll_fn(|context| match guard(|| future.as_mut().poll(context)) {
                Ok(poll) => poll.map_err(Trouble::from),
                Err(failure) => Poll::Ready(Err(failure.into())),
            });
            polled.await
        }
    }
    // ANCHOR_END: wait
}

/// Takes what still comes of a refused body, for a while.
async fn discard(reactor: Handle, time: Duration, mut body: Incoming) -> Result<(), Failure> {
    use http_body_util::BodyExt;
    let all = async { while let Some(Ok(_)) = body.frame().await {} };
    Ok(timeout(&reactor, time, all).await?)
}

/// Reads the whole body of a request, in time and up to the limit.
pub(crate) async fn read(
    life: &Life,
    request: hyper::Request<Incoming>,
) -> Result<Request, Trouble> {
    use http_body_util::{BodyExt, LengthLimitError, Limited};
    let (head, body) = request.into_parts();
    if body.is_end_stream() {
        return Ok(Request::from_parts(head, Default::default()));
    }
    let limits = &life.limits;
    if body.size_hint().lower() > limits.body_bytes as u64 {
        // Before the first byte. HTTP/1.1 lingers when the connection ends; this one goes on, and only the body must be
        // taken, because a stream that is reset may cost the client its reply.
        if head.version == hyper::Version::HTTP_2 {
            let discarded = coroutines::spawn(
                life.handle(),
                discard(life.handle().clone(), limits.linger, body),
            );
            drop(discarded.add_errback(|_| Ok(())));
        }
        return Err(Trouble::too_large());
    }
    let body = Limited::new(body, limits.body_bytes).collect();
    match timeout(life.handle(), limits.body_time, body).await {
        Ok(Ok(whole)) => Ok(Request::from_parts(head, whole.to_bytes())),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Trouble::too_large()),
        Ok(Err(_)) => Err(Trouble::bad_body()),
        Err(_) => Err(Trouble::too_slow()),
    }
}

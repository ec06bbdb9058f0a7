//! One connection: hyper drives the protocol, this drives hyper, and ends it when it should end.
use crate::{
    Access,
    connection_state::{ConnectionState, ReadLimit},
    hyper_io::HyperIo,
    reply::{Outgoing, ReplyGuard},
    request_error::two_lengths,
    site_state::SiteState,
};
use coroutines::timeout;
use hyper::{
    body::Incoming,
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
pub(crate) async fn serve(site: Rc<SiteState>, stream: Stream) {
    let facts = stream.transport().tls_facts();
    let is_h2 = facts.is_some_and(|facts| facts.alpn.as_deref() == Some(b"h2"));
    let read_limit = if is_h2 {
        ReadLimit::Unlimited
    } else {
        ReadLimit::Head
    };
    let state = ConnectionState::new(stream.transport(), &site.limits, read_limit);
    let _registered = site.register(&state);
    let io = HyperIo::new(stream, Rc::clone(&state));
    let service = HyperService {
        site,
        state: Rc::clone(&state),
    };
    let end = if is_h2 {
        serve_h2(io, service).await
    } else {
        serve_h1(io, service).await
    };
    // The peer left, or spoke something else. That is its business.
    if let Err(error) = end {
        tracing::debug!(peer = %state.transport.peer(), "a connection ended early: {error}");
    }
}
// ANCHOR_END: serve

async fn serve_h1(io: HyperIo, service: HyperService) -> hyper::Result<()> {
    let state = Rc::clone(&service.state);
    let mut http = http1::Builder::new()
        .auto_date_header(false) // a simulated world has no date
        .max_buf_size(state.limits.head_bytes.max(8192)) // hyper wants no less
        .serve_connection(io, service);
    let end = until_stopped(&state, |stop, context| {
        if stop {
            Pin::new(&mut http).graceful_shutdown();
        }
        http.poll_without_shutdown(context)
    })
    .await;
    let (handle, limit) = (state.handle(), state.limits.linger);
    // What cannot be read or written now needs no end in good order.
    let _ = timeout(
        handle,
        linger_limit(&state, limit),
        http.into_parts().io.linger(),
    )
    .await;
    end
}

/// Returns the limit for lingering. It includes the time to send the last bytes to a slow client,
/// which `ConnectionState` watches.
fn linger_limit(state: &ConnectionState, limit: Duration) -> Duration {
    if state.transport.waiting() > 0 {
        limit + state.limits.send_time
    } else {
        limit
    }
}

async fn serve_h2(io: HyperIo, service: HyperService) -> hyper::Result<()> {
    let state = Rc::clone(&service.state);
    let mut http = http2::Builder::new(HyperExecutor(state.handle().clone()))
        .auto_date_header(false)
        .max_concurrent_streams(100)
        .max_header_list_size(u32::try_from(state.limits.head_bytes).unwrap_or(u32::MAX))
        .serve_connection(io, service);
    until_stopped(&state, |stop, context| {
        let mut http = Pin::new(&mut http);
        if stop {
            http.as_mut().graceful_shutdown();
        }
        http.poll(context)
    })
    .await
}

// ANCHOR: until
/// Polls a connection of hyper. Told to stop, it answers what has been asked; one that is silent
/// ends at once, because hyper would wait for its first request.
async fn until_stopped(
    state: &ConnectionState,
    mut poll: impl FnMut(bool, &mut Context<'_>) -> Poll<hyper::Result<()>>,
) -> hyper::Result<()> {
    let mut told = false;
    poll_fn(|context| {
        state.driver_waker.set(Some(context.waker().clone()));
        let stop = state.stopping.get();
        if stop && state.is_idle() {
            return Poll::Ready(Ok(()));
        }
        poll(stop && !std::mem::replace(&mut told, stop), context)
    })
    .await
}
// ANCHOR_END: until

/// HTTP/2 answers many requests at once, and hyper wants a task for each.
#[derive(Clone)]
struct HyperExecutor(Handle);

impl<F: Future<Output = ()> + 'static> hyper::rt::Executor<F> for HyperExecutor {
    fn execute(&self, future: F) {
        drop(coroutines::spawn(&self.0, async move {
            future.await;
            Ok(())
        }));
    }
}

/// What hyper calls with each request.
struct HyperService {
    site: Rc<SiteState>,
    state: Rc<ConnectionState>,
}

impl Service<hyper::Request<Incoming>> for HyperService {
    type Response = hyper::Response<Outgoing>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>>>>;

    fn call(&self, mut request: hyper::Request<Incoming>) -> Self::Future {
        let (site, state) = (Rc::clone(&self.site), Rc::clone(&self.state));
        let headers = request.headers();
        let length = headers
            .get(CONTENT_LENGTH)
            .and_then(|n| n.to_str().ok()?.parse().ok());
        let ambiguous = state.begin_request(length, headers.contains_key(TRANSFER_ENCODING));
        let log = site.log.as_ref().map(|log| {
            let access = Access {
                peer: state.transport.peer().clone(),
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
        // From here on, its drop counts the request as over, also when this future is dropped.
        let reply = ReplyGuard::new(&state, log);
        request
            .extensions_mut()
            .insert(state.transport.peer().clone());
        Box::pin(async move {
            let response = if ambiguous {
                two_lengths()
            } else {
                site.answer(&state, request).await
            };
            let (head, body) = response.into_parts();
            let outgoing = reply.into_body(head.status, body);
            Ok(hyper::Response::from_parts(head, outgoing))
        })
    }
}

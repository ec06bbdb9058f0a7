//! From a request to its response: finds the resource, reads the body, waits for the answer.
use crate::{
    Answer, Request, Resource, Response,
    connection_state::ConnectionState,
    panics::catch_panic,
    path::names,
    refuse,
    request_error::{RequestError, not_allowed},
    site_state::SiteState,
};
use coroutines::timeout;
use deferreds::Failure;
use hyper::{
    Method, StatusCode, Version,
    body::{Body, Incoming},
    header::HOST,
};
use reactor::Handle;
use std::{future::poll_fn, rc::Rc, task::Poll, time::Duration};

/// The methods that are known at all. Any other is answered with 501.
const KNOWN_METHODS: [Method; 7] = [
    Method::GET,
    Method::HEAD,
    Method::POST,
    Method::PUT,
    Method::DELETE,
    Method::OPTIONS,
    Method::PATCH,
];

impl SiteState {
    pub(crate) async fn answer(
        &self,
        state: &ConnectionState,
        request: hyper::Request<Incoming>,
    ) -> Response {
        match self.try_answer(state, request).await {
            Ok(response) => response,
            Err(RequestError::Refused(response)) => response,
            Err(RequestError::Failed(failure)) => {
                // The client learns that it failed, the log learns why.
                tracing::error!(place = %failure.location(), "a resource failed: {failure}");
                refuse(StatusCode::INTERNAL_SERVER_ERROR)
            }
        }
    }

    async fn try_answer(
        &self,
        state: &ConnectionState,
        mut request: hyper::Request<Incoming>,
    ) -> Result<Response, RequestError> {
        let hosts = request.headers().get_all(HOST).iter().count();
        if hosts > 1 || (hosts == 0 && request.version() == Version::HTTP_11) {
            return Err(StatusCode::BAD_REQUEST.into());
        }
        if !KNOWN_METHODS.contains(request.method()) {
            return Err(StatusCode::NOT_IMPLEMENTED.into());
        }
        let names = names(request.uri().path())?;
        let resource = catch_panic(|| find(&self.root, &names))?.ok_or(StatusCode::NOT_FOUND)?;
        if request.method() == Method::HEAD {
            *request.method_mut() = Method::GET; // hyper leaves the body out
        }
        let methods = catch_panic(|| resource.methods().to_vec())?;
        if !methods.contains(request.method()) {
            return Err(not_allowed(&methods));
        }
        let request = read_body(state, request).await?;
        wait(catch_panic(|| resource.render(&request))?).await
    }
}

// ANCHOR: find
/// Walks down from the root, a name at a time.
fn find(root: &Rc<dyn Resource>, names: &[String]) -> Option<Rc<dyn Resource>> {
    let mut found = Rc::clone(root);
    if names == [""] {
        return found.child("").or(Some(found));
    }
    for name in names {
        found = found.child(name)?;
    }
    Some(found)
}
// ANCHOR_END: find

/// Waits for what a resource answered. A panic of its future is the failure of this request.
async fn wait(answer: Answer) -> Result<Response, RequestError> {
    // ANCHOR: wait
    match answer {
        Answer::Now(response) => Ok(response?),
        // The client leaves: hyper drops this future, and with that the Deferred is cancelled.
        Answer::Later(response) => Ok(response.await?),
        Answer::Awaited(mut future) => {
            let polled = poll_fn(
                |context| match catch_panic(|| future.as_mut().poll(context)) {
                    Ok(poll) => poll.map_err(RequestError::from),
                    Err(failure) => Poll::Ready(Err(failure.into())),
                },
            );
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
async fn read_body(
    state: &ConnectionState,
    request: hyper::Request<Incoming>,
) -> Result<Request, RequestError> {
    use http_body_util::{BodyExt, LengthLimitError, Limited};
    let (head, body) = request.into_parts();
    if body.is_end_stream() {
        return Ok(Request::from_parts(head, Default::default()));
    }
    let limits = &state.limits;
    if body.size_hint().lower() > limits.body_bytes as u64 {
        // Before the first byte. HTTP/1.1 lingers when the connection ends; this one goes on, and
        // only the body must be taken, because a stream that is reset may cost the client its
        // reply.
        if head.version == hyper::Version::HTTP_2 {
            let discarded = coroutines::spawn(
                state.handle(),
                discard(state.handle().clone(), limits.linger, body),
            );
            drop(discarded.add_errback(|_| Ok(())));
        }
        return Err(RequestError::too_large());
    }
    let body = Limited::new(body, limits.body_bytes).collect();
    match timeout(state.handle(), limits.body_time, body).await {
        Ok(Ok(whole)) => Ok(Request::from_parts(head, whole.to_bytes())),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(RequestError::too_large()),
        Ok(Err(_)) => Err(RequestError::bad_body()),
        Err(_) => Err(RequestError::too_slow()),
    }
}

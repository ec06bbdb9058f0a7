//! A tree of resources at an address: hyper reads the requests and writes the answers, the tree is asked between.
use crate::{Answer, Request, Resource, Response, path::names, refuse};
use coroutines::spawn;
use deferreds::Failure;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::{
    Method, StatusCode, Version,
    body::{Body, Bytes, Incoming},
    header::{ALLOW, CONNECTION, HOST, HeaderValue},
    server::conn::http1,
    service::service_fn,
};
use reactor::{Address, Handle};
use std::{
    convert::Infallible,
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
};
use transports::{Port, Stream, Streams, listen};

/// A body of a request may have so many bytes, unless the site says otherwise.
const BODY_LIMIT: usize = 1 << 20;
/// The head of a request may have so many bytes: as many as hyper keeps at least.
const HEAD_LIMIT: usize = 16 * 1024;

/// The methods that are known at all. Any other is answered with 501.
const KNOWN: [Method; 7] = [
    Method::GET,
    Method::HEAD,
    Method::POST,
    Method::PUT,
    Method::DELETE,
    Method::OPTIONS,
    Method::PATCH,
];

/// A tree of resources that can be served.
///
/// What each request costs when something goes wrong is its own answer, never the server: a path that is not there
/// 404, a method that the resource does not render 405 and one that no resource could 501, a body over the limit 413,
/// a resource that fails or panics 500.
///
/// Source: [`twisted.web.server.Site`](https://docs.twisted.org/en/stable/api/twisted.web.server.Site.html).
pub struct Site {
    root: Rc<dyn Resource>,
    body_limit: usize,
}

impl Site {
    /// Returns a site with this root. At `/` it is its child `""` that renders, or without one the root itself.
    pub fn new(root: impl Resource + 'static) -> Site {
        Site {
            root: Rc::new(root),
            body_limit: BODY_LIMIT,
        }
    }

    /// Takes bodies of so many bytes at most; 1 MiB unless set.
    #[must_use]
    pub fn with_body_limit(mut self, bytes: usize) -> Site {
        self.body_limit = bytes;
        self
    }

    // ANCHOR: listen
    /// Serves the tree at an address, each connection in a task of its own.
    ///
    /// # Errors
    /// Those of [`listen`](transports::listen).
    #[track_caller]
    pub fn listen(self, reactor: &Handle, at: &Address) -> io::Result<Port> {
        let (site, executor) = (Rc::new(self), reactor.clone());
        let serve = move |stream: Stream| {
            let site = Rc::clone(&site);
            let http = http1::Builder::new()
                .auto_date_header(false) // a simulated world has no date
                .max_buf_size(HEAD_LIMIT)
                .serve_connection(
                    stream,
                    service_fn(move |request| {
                        let site = Rc::clone(&site);
                        async move { Ok::<_, Infallible>(site.answer(request).await) }
                    }),
                );
            drop(spawn(&executor, async move {
                // The peer left, or spoke something else. That is its business.
                if let Err(error) = http.await {
                    tracing::debug!("a connection ended early: {error}");
                }
                Ok(())
            }));
        };
        listen(reactor, at, Rc::new(Streams(serve)))
    }
    // ANCHOR_END: listen

    async fn answer(&self, request: hyper::Request<Incoming>) -> hyper::Response<Full<Bytes>> {
        match self.try_answer(request).await {
            Ok(response) => response,
            Err(Trouble::Refused(response)) => response,
            Err(Trouble::Failed(failure)) => {
                // The client learns that it failed, the log learns why.
                tracing::error!(place = %failure.location(), "a resource failed: {failure}");
                refuse(StatusCode::INTERNAL_SERVER_ERROR)
            }
        }
        .map(Full::new)
    }

    async fn try_answer(&self, request: hyper::Request<Incoming>) -> Result<Response, Trouble> {
        let (mut head, body) = request.into_parts();
        let hosts = head.headers.get_all(HOST).iter().count();
        if hosts > 1 || (hosts == 0 && head.version == Version::HTTP_11) {
            return Err(StatusCode::BAD_REQUEST.into());
        }
        if !KNOWN.contains(&head.method) {
            return Err(StatusCode::NOT_IMPLEMENTED.into());
        }
        let names = names(head.uri.path())?;
        let resource = guard(|| self.find(&names))?.ok_or(StatusCode::NOT_FOUND)?;
        if head.method == Method::HEAD {
            head.method = Method::GET; // hyper leaves the body out
        }
        let methods = guard(|| resource.methods().to_vec())?;
        if !methods.contains(&head.method) {
            return Err(not_allowed(&methods));
        }
        let body = self.read(body).await?;
        let request = Request::from_parts(head, body);
        // ANCHOR: render
        match guard(|| resource.render(&request))? {
            Answer::Now(response) => Ok(response?),
            // The client leaves: hyper drops this future, and with that the Deferred is cancelled.
            Answer::Later(response) => Ok(response.await?),
        }
        // ANCHOR_END: render
    }

    // ANCHOR: find
    /// Walks down from the root, a name at a time.
    fn find(&self, names: &[String]) -> Option<Rc<dyn Resource>> {
        let mut found = Rc::clone(&self.root);
        if names == [""] {
            return found.child("").or(Some(found));
        }
        for name in names {
            found = found.child(name)?;
        }
        Some(found)
    }
    // ANCHOR_END: find

    /// Reads the whole body, up to the limit. A length that is too large is refused before the first byte.
    async fn read(&self, body: Incoming) -> Result<Bytes, Trouble> {
        if body.size_hint().lower() > self.body_limit as u64 {
            return Err(too_large());
        }
        match Limited::new(body, self.body_limit).collect().await {
            Ok(whole) => Ok(whole.to_bytes()),
            Err(error) if error.is::<LengthLimitError>() => Err(too_large()),
            Err(_) => Err(StatusCode::BAD_REQUEST.into()),
        }
    }
}

/// Why there is no page.
enum Trouble {
    /// The client's fault, or nobody's.
    Refused(Response),
    /// A resource failed.
    Failed(Failure),
}

impl From<StatusCode> for Trouble {
    fn from(status: StatusCode) -> Trouble {
        Trouble::Refused(refuse(status))
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Trouble {
        Trouble::Failed(failure)
    }
}

fn not_allowed(methods: &[Method]) -> Trouble {
    let mut names: Vec<&str> = methods.iter().map(Method::as_str).collect();
    if methods.contains(&Method::GET) {
        names.push("HEAD");
    }
    let mut response = refuse(StatusCode::METHOD_NOT_ALLOWED);
    if let Ok(names) = HeaderValue::from_str(&names.join(", ")) {
        response.headers_mut().insert(ALLOW, names);
    }
    Trouble::Refused(response)
}

/// The rest of the body is not read, so the connection cannot go on.
fn too_large() -> Trouble {
    let mut response = refuse(StatusCode::PAYLOAD_TOO_LARGE);
    let close = HeaderValue::from_static("close");
    response.headers_mut().insert(CONNECTION, close);
    Trouble::Refused(response)
}

/// Calls code of a resource. Its panic is the failure of this one request.
fn guard<R>(call: impl FnOnce() -> R) -> Result<R, Failure> {
    catch_unwind(AssertUnwindSafe(call)).map_err(|payload| {
        // What was thrown may panic again when it is dropped.
        if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
            std::mem::forget(again);
        }
        Failure::new("it panicked; the message is on standard error")
    })
}

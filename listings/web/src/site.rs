//! A tree of resources that answers requests: which resource it is, and what becomes of what goes wrong.
use crate::{
    Access, Limits, Resource, Response, Running, Served,
    connection::{read, wait},
    life::Life,
    path::names,
    refuse,
    reply::Log,
    running::Shared,
};
use deferreds::Failure;
use hyper::{
    Method, StatusCode, Version,
    body::Incoming,
    header::{ALLOW, CONNECTION, HOST, HeaderValue},
};
use reactor::{Address, Handle};
use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
};
use transports::listen;

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
/// 404, a method that the resource does not render 405 and one that no resource could 501, a body over the limit 413 and
/// one that does not come in time 408, a resource that fails or panics 500.
///
/// Source: [`twisted.web.server.Site`](https://docs.twisted.org/en/stable/api/twisted.web.server.Site.html).
pub struct Site {
    root: Rc<dyn Resource>,
    limits: Limits,
    log: Option<Log>,
}

impl Site {
    /// Returns a site with this root. At `/` it is its child `""` that renders, or without one the root itself.
    pub fn new(root: impl Resource + 'static) -> Site {
        Site {
            root: Rc::new(root),
            limits: Limits::default(),
            log: None,
        }
    }

    /// Sets what a client may cost.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Site {
        self.limits = limits;
        self
    }

    /// Takes bodies of so many bytes at most; 1 MiB unless set.
    #[must_use]
    pub fn with_body_limit(mut self, bytes: usize) -> Site {
        self.limits.body_bytes = bytes;
        self
    }

    /// Calls `log` with each request, when its reply is over. Show it, and it is one line.
    #[must_use]
    pub fn with_access_log(mut self, log: impl Fn(&Access) + 'static) -> Site {
        self.log = Some(Rc::new(log));
        self
    }

    // ANCHOR: listen
    /// Serves the tree at an address, each connection in a task of its own.
    ///
    /// # Errors
    /// Those of [`listen`](transports::listen).
    #[track_caller]
    pub fn listen(self, reactor: &Handle, at: &Address) -> io::Result<Served> {
        let running = self.start(reactor);
        let port = listen(reactor, at, running.factory())?;
        Ok(Served::new(running, port))
    }
    // ANCHOR_END: listen

    /// Begins to serve, at no port yet: [`Running::factory`] is for as many as you like.
    #[must_use]
    pub fn start(self, reactor: &Handle) -> Running {
        Running::new(self.root, self.limits, self.log, reactor)
    }
}

impl Shared {
    pub(crate) async fn answer(&self, life: &Life, request: hyper::Request<Incoming>) -> Response {
        match self.try_answer(life, request).await {
            Ok(response) => response,
            Err(Trouble::Refused(response)) => response,
            Err(Trouble::Failed(failure)) => {
                // The client learns that it failed, the log learns why.
                tracing::error!(place = %failure.location(), "a resource failed: {failure}");
                refuse(StatusCode::INTERNAL_SERVER_ERROR)
            }
        }
    }

    async fn try_answer(
        &self,
        life: &Life,
        mut request: hyper::Request<Incoming>,
    ) -> Result<Response, Trouble> {
        let hosts = request.headers().get_all(HOST).iter().count();
        if hosts > 1 || (hosts == 0 && request.version() == Version::HTTP_11) {
            return Err(StatusCode::BAD_REQUEST.into());
        }
        if !KNOWN.contains(request.method()) {
            return Err(StatusCode::NOT_IMPLEMENTED.into());
        }
        let names = names(request.uri().path())?;
        let resource = guard(|| find(&self.root, &names))?.ok_or(StatusCode::NOT_FOUND)?;
        if request.method() == Method::HEAD {
            *request.method_mut() = Method::GET; // hyper leaves the body out
        }
        let methods = guard(|| resource.methods().to_vec())?;
        if !methods.contains(request.method()) {
            return Err(not_allowed(&methods));
        }
        let request = read(life, request).await?;
        wait(guard(|| resource.render(&request))?).await
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

/// Why there is no page.
pub(crate) enum Trouble {
    /// The client's fault, or nobody's.
    Refused(Response),
    /// A resource failed.
    Failed(Failure),
}

impl Trouble {
    pub(crate) fn too_large() -> Trouble {
        Trouble::Refused(and_close(StatusCode::PAYLOAD_TOO_LARGE))
    }

    pub(crate) fn too_slow() -> Trouble {
        Trouble::Refused(and_close(StatusCode::REQUEST_TIMEOUT))
    }

    pub(crate) fn bad_body() -> Trouble {
        Trouble::Refused(and_close(StatusCode::BAD_REQUEST))
    }
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

/// A request with two lengths: as one parser reads it there is another request in it.
pub(crate) fn two_lengths() -> Response {
    and_close(StatusCode::BAD_REQUEST)
}

/// The rest of the body is not read, so the connection cannot go on.
fn and_close(status: StatusCode) -> Response {
    let mut response = refuse(status);
    let close = HeaderValue::from_static("close");
    response.headers_mut().insert(CONNECTION, close);
    response
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

/// Calls code of a resource. Its panic is the failure of this one request.
pub(crate) fn guard<R>(call: impl FnOnce() -> R) -> Result<R, Failure> {
    catch_unwind(AssertUnwindSafe(call)).map_err(|payload| {
        // What was thrown may panic again when it is dropped.
        if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
            std::mem::forget(again);
        }
        Failure::new("it panicked; the message is on standard error")
    })
}

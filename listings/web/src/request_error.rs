//! Why a request has no page: it is refused, or its resource failed.
use crate::{Response, refuse};
use deferreds::Failure;
use hyper::{
    Method, StatusCode,
    header::{ALLOW, CONNECTION, HeaderValue},
};

/// Why there is no page.
pub(crate) enum RequestError {
    /// The request cannot be served, and this response says why.
    Refused(Response),
    /// A resource failed.
    Failed(Failure),
}

impl RequestError {
    pub(crate) fn too_large() -> RequestError {
        RequestError::Refused(refuse_and_close(StatusCode::PAYLOAD_TOO_LARGE))
    }

    pub(crate) fn too_slow() -> RequestError {
        RequestError::Refused(refuse_and_close(StatusCode::REQUEST_TIMEOUT))
    }

    pub(crate) fn bad_body() -> RequestError {
        RequestError::Refused(refuse_and_close(StatusCode::BAD_REQUEST))
    }
}

impl From<StatusCode> for RequestError {
    fn from(status: StatusCode) -> RequestError {
        RequestError::Refused(refuse(status))
    }
}

impl From<Failure> for RequestError {
    fn from(failure: Failure) -> RequestError {
        RequestError::Failed(failure)
    }
}

/// Refuses a request with two lengths: as one of two parsers reads it, there is another request in
/// it.
pub(crate) fn two_lengths() -> Response {
    refuse_and_close(StatusCode::BAD_REQUEST)
}

/// Refuses a request whose body is not read to its end, so that the connection cannot go on.
fn refuse_and_close(status: StatusCode) -> Response {
    let mut response = refuse(status);
    let close = HeaderValue::from_static("close");
    response.headers_mut().insert(CONNECTION, close);
    response
}

/// Refuses a method that the resource does not render, and says which it does.
pub(crate) fn not_allowed(methods: &[Method]) -> RequestError {
    let mut names: Vec<&str> = methods.iter().map(Method::as_str).collect();
    if methods.contains(&Method::GET) {
        names.push("HEAD");
    }
    let mut response = refuse(StatusCode::METHOD_NOT_ALLOWED);
    if let Ok(names) = HeaderValue::from_str(&names.join(", ")) {
        response.headers_mut().insert(ALLOW, names);
    }
    RequestError::Refused(response)
}

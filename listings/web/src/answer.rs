//! What a resource is asked and what it answers: a response, now or later.
use deferreds::{Deferred, Failure};
use hyper::{
    StatusCode,
    body::Bytes,
    header::{CONTENT_TYPE, HeaderValue},
};

/// A request whose body has come whole. HEAD arrives as GET: the body of the answer is left out later.
pub type Request = hyper::Request<Bytes>;

/// A status, headers, and a body.
pub type Response = hyper::Response<Bytes>;

// ANCHOR: answer
/// What [`render`](crate::Resource::render) returns.
pub enum Answer {
    /// The response, or why there is none; the client then gets the status 500.
    Now(Result<Response, Failure>),
    /// The response comes when the Deferred fires. It is cancelled when the client leaves before that.
    Later(Deferred<Response>),
}
// ANCHOR_END: answer

impl From<Response> for Answer {
    fn from(response: Response) -> Answer {
        Answer::Now(Ok(response))
    }
}

impl From<Result<Response, Failure>> for Answer {
    fn from(result: Result<Response, Failure>) -> Answer {
        Answer::Now(result)
    }
}

impl From<Deferred<Response>> for Answer {
    fn from(response: Deferred<Response>) -> Answer {
        Answer::Later(response)
    }
}

/// Returns a page of HTML, sent as it is. Text from others belongs into a [template](crate::Templates), which escapes it.
#[must_use]
pub fn html(text: impl Into<String>) -> Response {
    typed(StatusCode::OK, "text/html; charset=utf-8", text.into())
}

/// Returns plain text.
#[must_use]
pub fn plain(text: impl Into<String>) -> Response {
    typed(StatusCode::OK, "text/plain; charset=utf-8", text.into())
}

/// Returns a response that says no more than its status.
///
/// ```
/// let response = web::refuse(web::StatusCode::NOT_FOUND);
/// assert_eq!(response.body(), "404 Not Found\n");
/// ```
#[must_use]
pub fn refuse(status: StatusCode) -> Response {
    typed(status, "text/plain; charset=utf-8", format!("{status}\n"))
}

fn typed(status: StatusCode, kind: &'static str, text: String) -> Response {
    let mut response = Response::new(text.into());
    *response.status_mut() = status;
    let kind = HeaderValue::from_static(kind);
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

//! What a resource is asked and what it answers: a response, now or later.
use crate::Body;
use deferreds::{Deferred, Failure};
use hyper::{
    StatusCode,
    body::Bytes,
    header::{CONTENT_TYPE, HeaderValue, LOCATION},
};
use std::{future::Future, pin::Pin};

/// A request whose body has come whole. HEAD arrives as GET: the body of the answer is left out
/// later.
///
/// Among its extensions is the [`Address`](reactor::Address) of the client.
pub type Request = hyper::Request<Bytes>;

/// A status, headers, and a [`Body`]: whole, or written piece by piece.
pub type Response = hyper::Response<Body>;

// ANCHOR: answer
/// What [`render`](crate::Resource::render) returns.
pub enum Answer {
    /// The response, or why there is none; the client then gets the status 500.
    Now(Result<Response, Failure>),
    /// The response comes when the Deferred fires. It is cancelled when the client leaves before
    /// that.
    Later(Deferred<Response>),
    /// The response comes when the future is ready. It is dropped when the client leaves before
    /// that.
    Awaited(Pin<Box<dyn Future<Output = Result<Response, Failure>>>>),
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

/// Returns a page of HTML, sent as it is. Text from others belongs into a
/// [template](crate::Templates), which escapes it.
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
/// assert_eq!(response.body().whole().unwrap(), "404 Not Found\n");
/// ```
#[must_use]
pub fn refuse(status: StatusCode) -> Response {
    typed(status, "text/plain; charset=utf-8", format!("{status}\n"))
}

/// Returns a response that sends the client to another place, with GET: 303, as after a form.
///
/// # Errors
/// When `to` cannot stand in a header.
pub fn see_other(to: &str) -> Result<Response, Failure> {
    let mut response = refuse(StatusCode::SEE_OTHER);
    response
        .headers_mut()
        .insert(LOCATION, HeaderValue::from_str(to)?);
    Ok(response)
}

pub(crate) fn typed(status: StatusCode, kind: &'static str, text: impl Into<Body>) -> Response {
    let mut response = Response::new(text.into());
    *response.status_mut() = status;
    let kind = HeaderValue::from_static(kind);
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

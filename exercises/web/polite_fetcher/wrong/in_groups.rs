//! Fetches a group, waits for all of it, and takes the next one.
use untwisted::{
    deferreds::{Deferred, DeferredList, Failure},
    web::{Client, Fetched},
};

/// Fetches all addresses, at most so many at once.
pub fn fetch_all(
    client: &Client,
    urls: &[String],
    at_once: usize,
) -> Deferred<Vec<Option<String>>> {
    let at_once = at_once.max(1).min(urls.len());
    let (group, others) = urls.split_at(at_once);
    let (client, others) = (client.clone(), others.to_vec());
    if group.is_empty() {
        return Deferred::succeed(Vec::new());
    }
    let pages: Vec<Deferred<Fetched>> = group.iter().map(|url| client.get(url)).collect();
    DeferredList::new(pages)
        .consume_errors()
        .all()
        .add_callback(move |pages| {
            let mut texts: Vec<_> = pages.into_iter().map(text).collect();
            fetch_all(&client, &others, at_once).add_callback(move |others| {
                texts.extend(others);
                Ok(texts)
            })
        })
}

fn text(page: Result<Fetched, Failure>) -> Option<String> {
    let page = page.ok().filter(|page| page.status().is_success())?;
    String::from_utf8(page.into_body().into()).ok()
}

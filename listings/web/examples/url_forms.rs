//! `get_url` in two forms: with stages, and awaited. The third, on tokio, is the twin.
use coroutines::run;
use deferreds::{Deferred, Failure};
use reactor::{Address, Handle};
use std::process::ExitCode;
use trace::say;
use web::{Branch, Page, Site, get_url, html};

// ANCHOR: stages
/// With stages: what becomes of the page, and what becomes of a failure.
fn headline(reactor: &Handle, url: &str) -> Deferred<String> {
    get_url(reactor, url)
        .add_callback(|page| Ok(first_line(&page)))
        .add_errback(|failure| Ok(format!("no headline: {failure}")))
}
// ANCHOR_END: stages

// ANCHOR: awaited
/// Awaited: the same.
async fn headline_awaited(reactor: &Handle, url: &str) -> String {
    match get_url(reactor, url).await {
        Ok(page) => first_line(&page),
        Err(failure) => format!("no headline: {failure}"),
    }
}
// ANCHOR_END: awaited

fn first_line(page: &str) -> String {
    page.lines().next().unwrap_or_default().to_owned()
}

// ANCHOR: main
fn main() -> ExitCode {
    run(|reactor| async move {
        let news = Page::new(|_| html("Spring has come\nIt is late this year.\n"));
        let site = Site::new(Branch::new().put("news", news));
        let site = site.listen(&reactor, &Address::loopback(0))?;
        for path in ["/news", "/weather"] {
            let url = format!("http://{}{path}", site.address());
            say!("stages:  {}", headline(&reactor, &url).await?);
            say!("awaited: {}", headline_awaited(&reactor, &url).await);
        }
        site.stop(std::time::Duration::from_secs(1)).await?;
        Ok::<(), Failure>(())
    })
}
// ANCHOR_END: main

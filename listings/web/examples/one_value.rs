//! A template with one value: the page's designer has a file of their own, and the program supplies
//! what changes.
use coroutines::run;
use reactor::Address;
use std::{future::pending, process::ExitCode};
use trace::say;
use web::{Page, Request, Site, Templates, context, query, talk};

// ANCHOR: template
const GREETING: &str = r#"<!doctype html>
<meta charset="utf-8">
<title>Good morning</title>
<h1>Good morning, {{ name }}</h1>
"#;
// ANCHOR_END: template

// ANCHOR: main
fn main() -> ExitCode {
    run(|reactor| async move {
        let mut templates = Templates::new();
        templates.put("greeting.html.j2", GREETING)?;
        let greeting = Page::new(move |request: &Request| {
            let question = query(request);
            let name = question.get("name").unwrap_or("stranger");
            templates.page("greeting.html.j2", context! { name })
        });
        // ANCHOR_END: main
        let port = std::env::args().nth(1);
        let number = port.as_deref().unwrap_or("0").parse()?;
        let site = Site::new(greeting).listen(&reactor, &Address::loopback(number))?;
        if port.is_some() {
            say!("serving at http://{}/?name=Emily", site.address());
            pending::<()>().await;
        }
        // ANCHOR: ask
        for target in ["/", "/?name=Emily", "/?name=<b>", "/?name=%3Cb%3E"] {
            let request = format!("GET {target} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
            let reply = talk(&reactor, site.address(), request).await?;
            let (first, last) = (reply.lines().next(), reply.lines().last());
            say!(
                "{target}: {}, {}",
                first.unwrap_or_default(),
                last.unwrap_or_default()
            );
        }
        // ANCHOR_END: ask
        Ok(())
    })
}

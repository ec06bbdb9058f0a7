//! A site of one resource: with a port it serves until you stop it, without one it asks itself.
use coroutines::run;
use reactor::Address;
use std::{future::pending, process::ExitCode};
use trace::say;
use web::{Page, Site, html, talk};

// ANCHOR: main
fn main() -> ExitCode {
    run(|reactor| async move {
        let hello = Page::new(|_| html("<h1>Hello from the reactor</h1>\n"));
        let port = std::env::args().nth(1);
        let number = port.as_deref().unwrap_or("0").parse()?;
        let site = Site::new(hello).listen(&reactor, &Address::loopback(number))?;
        // ANCHOR_END: main
        if port.is_some() {
            say!("serving at http://{}/", site.address());
            pending::<()>().await;
        }
        // ANCHOR: ask
        let request = "GET / HTTP/1.1\r\nhost: hello\r\nconnection: close\r\n\r\n";
        let reply = talk(&reactor, site.address(), request).await?;
        for line in reply.lines() {
            say!("{line}");
        }
        // ANCHOR_END: ask
        Ok(())
    })
}

//! A page that takes two seconds holds up no other page, and its work is cancelled when the client
//! leaves.
use coroutines::{run, sleep, spawn};
use deferreds::{Cancelled, Deferred, Failure, defer_later};
use reactor::{Address, Handle};
use std::{future::pending, process::ExitCode, time::Duration};
use trace::say;
use web::{Branch, Page, Request, Response, Site, plain, talk};

// ANCHOR: late
/// Answers after two seconds.
fn late(reactor: Handle) -> impl Fn(&Request) -> Deferred<Response> {
    move |request| {
        let path = request.uri().path().to_owned();
        say!("{path}: the server begins");
        defer_later(&reactor, Duration::from_secs(2), |_| Ok(()))
            .add_callback(|()| Ok(plain("at last")))
            .add_errback(move |failure| {
                if failure.check::<Cancelled>().is_some() {
                    say!("{path}: the server gives up");
                }
                Err::<Response, Failure>(failure)
            })
    }
}
// ANCHOR_END: late

// ANCHOR: main
fn main() -> ExitCode {
    run(|reactor| async move {
        let root = Branch::new()
            .put("now", Page::new(|_| plain("at once")))
            .put("late", Page::new(late(reactor.clone())))
            .put("dull", Page::new(late(reactor.clone())));
        let port = std::env::args().nth(1);
        let number = port.as_deref().unwrap_or("0").parse()?;
        let site = Site::new(root).listen(&reactor, &Address::loopback(number))?;
        // ANCHOR_END: main
        if port.is_some() {
            say!("serving at http://{}/late", site.address());
            pending::<()>().await;
        }
        // ANCHOR: clients
        let late = spawn(&reactor, get(&reactor, site.address(), "/late"));
        sleep(&reactor, Duration::from_millis(250)).await;
        let dull = spawn(&reactor, get(&reactor, site.address(), "/dull"));
        sleep(&reactor, Duration::from_millis(250)).await;
        get(&reactor, site.address(), "/now").await?;
        sleep(&reactor, Duration::from_millis(250)).await;
        dull.canceller().cancel(); // this client closes its connection
        late.await?;
        // ANCHOR_END: clients
        drop(dull.add_errback(|failure| failure.trap::<Cancelled>().map(drop)));
        Ok(())
    })
}

/// Fetches one page and prints it.
fn get(
    reactor: &Handle,
    at: &Address,
    path: &'static str,
) -> impl Future<Output = Result<(), Failure>> + use<> {
    let (reactor, at) = (reactor.clone(), at.clone());
    async move {
        let request = format!("GET {path} HTTP/1.1\r\nhost: late\r\nconnection: close\r\n\r\n");
        let reply = talk(&reactor, &at, request).await?;
        say!("{path}: {}", reply.lines().last().unwrap_or_default());
        Ok(())
    }
}

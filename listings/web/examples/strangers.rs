//! Four clients that cost a server something, and the line that the access log has for each.
use coroutines::{run, sleep, spawn};
use deferreds::Failure;
use reactor::{Address, Handle};
use std::{future::poll_fn, process::ExitCode, time::Duration};
use trace::say;
use transports::Stream;
use web::{Limits, Method, Page, Request, Site, plain, talk};

const SECOND: Duration = Duration::from_secs(1);

// ANCHOR: site
fn site() -> Site {
    let limits = Limits {
        head_time: 5 * SECOND,
        body_bytes: 1_000,
        ..Limits::default()
    };
    let methods = [Method::GET, Method::POST];
    let page = Page::of(&methods, |request: &Request| {
        plain(format!("{} bytes\n", request.body().len()))
    });
    Site::new(page)
        .with_limits(limits)
        .with_access_log(|line| say!("log: {line}"))
}
// ANCHOR_END: site

fn main() -> ExitCode {
    run(|reactor| async move {
        let site = site().listen(&reactor, &Address::loopback(0))?;
        // ANCHOR: clients
        let slow = spawn(&reactor, slow(reactor.clone(), site.address().clone()));
        let silent = Stream::connect(&reactor, site.address()).await?;
        for (who, request) in [
            (
                "large",
                "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1001\r\n\r\n",
            ),
            (
                "two-faced",
                "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
            ),
            (
                "polite",
                "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
            ),
        ] {
            let reply = talk(&reactor, site.address(), request).await?;
            say!("{who}: {}", reply.lines().next().unwrap_or("nothing"));
        }
        slow.await?;
        // ANCHOR_END: clients
        sleep(&reactor, SECOND).await;
        say!("{} connections are left", site.connections());
        drop(silent);
        Ok(())
    })
}

/// Sends a line of its head each second, and reads what comes back.
async fn slow(reactor: Handle, at: Address) -> Result<(), Failure> {
    let stream = Stream::connect(&reactor, &at).await?;
    let (began, writer, clock) = (reactor.now(), stream.transport().clone(), reactor.clone());
    drop(spawn(&reactor, async move {
        writer.write("GET / HTTP/1.1\r\nhost: a\r\n");
        while !writer.is_lost() {
            writer.write("x: y\r\n");
            sleep(&clock, SECOND).await;
        }
        Ok(())
    }));
    let mut reply = Vec::new();
    let read = poll_fn(|context| {
        stream.poll_read(context, |bytes| {
            reply.extend_from_slice(bytes);
            bytes.len()
        })
    });
    read.await?;
    let (reply, seconds) = (
        String::from_utf8_lossy(&reply),
        (reactor.now() - began).as_secs(),
    );
    say!(
        "slow: {} after {seconds} s",
        reply.lines().next().unwrap_or("nothing")
    );
    Ok(())
}

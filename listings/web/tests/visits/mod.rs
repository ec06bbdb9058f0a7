//! A site with tight limits, and what its visitors do.
#![allow(dead_code)] // each test uses a part of it
use coroutines::{block_on, sleep, spawn};
use deferreds::Failure;
use reactor::{Address, Handle, Reactor, Sim};
use std::{future::poll_fn, time::Duration};
use transports::Stream;
use web::{
    Branch, Bytes, Limits, Method, Page, Request, Served, Site, Writer, awaited, plain, streamed,
    talk,
};

pub(crate) const SECOND: Duration = Duration::from_secs(1);

/// Heads within 5 s, bodies within 10 s and of 1000 bytes, a byte each 7 s, lingering for 1 s.
fn limits() -> Limits {
    Limits {
        head_time: 5 * SECOND,
        body_time: 10 * SECOND,
        body_bytes: 1000,
        send_time: 7 * SECOND,
        linger: SECOND,
        ..Limits::default()
    }
}

fn site(reactor: &Handle) -> Branch {
    let echo = Page::of(&[Method::POST], |request: &Request| {
        plain(String::from_utf8_lossy(request.body()))
    });
    let (slow, big) = (reactor.clone(), reactor.clone());
    Branch::new()
        .put("now", Page::new(|_| plain("now")))
        .put("echo", echo)
        .put(
            "slow",
            awaited(move |_| {
                let reactor = slow.clone();
                async move {
                    sleep(&reactor, 20 * SECOND).await;
                    Ok(plain("slow"))
                }
            }),
        )
        .put(
            "big",
            Page::new(move |_| {
                let (writer, response) = streamed(&big, "text/plain");
                let reactor = big.clone();
                drop(spawn(&big, async move {
                    let _ = pour(&reactor, writer).await;
                    Ok(())
                }));
                response
            }),
        )
}

async fn pour(_: &Handle, writer: Writer) -> Result<(), Failure> {
    for _ in 0..64 {
        writer.send(Bytes::from(vec![b'x'; 64 * 1024])).await?;
    }
    writer.finish();
    Ok(())
}

pub(crate) fn serve() -> (Reactor, Served) {
    serve_in(Sim::new(1), |_| ())
}

pub(crate) fn serve_in(world: Sim, log: impl Fn(&web::Access) + 'static) -> (Reactor, Served) {
    let reactor = Reactor::new(world);
    let handle = reactor.handle();
    let site = Site::new(site(&handle))
        .with_limits(limits())
        .with_access_log(log);
    let served = site.listen(&handle, &Address::loopback(0)).unwrap();
    (reactor, served)
}

/// Reads until the end, and says when that was.
pub(crate) async fn rest(handle: &Handle, stream: &Stream) -> (String, u64) {
    let mut all = Vec::new();
    loop {
        let read = poll_fn(|context| {
            stream.poll_read(context, |bytes| {
                all.extend_from_slice(bytes);
                bytes.len()
            })
        });
        match read.await {
            Ok(1..) => {}
            Ok(0) | Err(_) => {
                let at = handle.now().as_millis();
                return (String::from_utf8_lossy(&all).into_owned(), at);
            }
        }
    }
}

/// Runs a client of a fresh site. Nothing of it is left afterwards.
pub(crate) fn client<F>(test: impl FnOnce(Handle, Address) -> F + 'static)
where
    F: Future<Output = Result<(), Failure>> + 'static,
{
    let (mut reactor, served) = serve();
    let (handle, at) = (reactor.handle(), served.address().clone());
    block_on(&mut reactor, async move {
        test(handle.clone(), at.clone()).await?;
        sleep(&handle, 60 * SECOND).await;
        assert!(
            get(&handle, &at, "/now").await.ends_with("now"),
            "others are served"
        );
        sleep(&handle, SECOND).await;
        assert_eq!(served.connections(), 0, "no connection is left");
        Ok(())
    })
    .unwrap();
}

pub(crate) async fn get(handle: &Handle, at: &Address, path: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n");
    talk(handle, at, request).await.unwrap()
}

pub(crate) fn is_about(millis: u64, expected: u64) -> bool {
    (expected..expected + 500).contains(&millis)
}

//! Two sources that answer, fail or wait; and a client that reads or leaves.
use finished_once::merged;
use std::{cell::RefCell, rc::Rc, time::Duration};
use untwisted::{
    coroutines::{block_on, sleep},
    deferreds::{Deferred, Failure, defer_later},
    reactor::{Address, Handle, Reactor, Sim},
    transports::Stream,
    web::{Page, Site, talk},
};

/// After so many seconds this text, or a failure.
type Says = (u64, Result<&'static str, &'static str>);

type Log = Rc<RefCell<Vec<&'static str>>>;

fn source(
    reactor: &Handle,
    name: &'static str,
    (seconds, says): Says,
    log: &Log,
) -> Deferred<String> {
    let log = Rc::clone(log);
    let later = defer_later(reactor, Duration::from_secs(seconds), |_| Ok(()));
    later
        .add_errback(move |failure| {
            log.borrow_mut().push(name);
            Err(failure)
        })
        .add_callback(move |()| says.map(str::to_owned).map_err(Failure::new))
}

/// The reply, and which sources were cancelled. `leaves` is when the client does.
fn visit(hills: Says, sea: Says, leaves: Option<u64>) -> (String, Vec<&'static str>) {
    let mut reactor = Reactor::new(Sim::new(1));
    let (handle, log) = (reactor.handle(), Log::default());
    let (h, l) = (handle.clone(), Rc::clone(&log));
    let page = Page::new(move |_| {
        merged(
            &h,
            source(&h, "hills", hills, &l),
            source(&h, "sea", sea, &l),
        )
    });
    let served = Site::new(page)
        .listen(&handle, &Address::loopback(0))
        .expect("a port");
    let at = served.address().clone();
    let reply = block_on(&mut reactor, async move {
        let request = "GET / HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n";
        if let Some(seconds) = leaves {
            let stream = Stream::connect(&handle, &at).await?;
            stream.transport().write(request);
            sleep(&handle, Duration::from_secs(seconds)).await;
            stream.transport().abort_connection();
            sleep(&handle, Duration::from_secs(100)).await;
            return Ok(String::new());
        }
        talk(&handle, &at, request).await
    });
    let cancelled = log.borrow().clone();
    (reply.expect("a reply"), cancelled)
}

/// The text of a reply in chunks, and whether its last chunk came.
fn body(reply: &str) -> (String, bool) {
    let body = reply.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    let lines = body
        .lines()
        .filter(|line| line.contains(':') || *line == "done");
    (
        lines.collect::<Vec<_>>().join(" / "),
        body.ends_with("0\r\n\r\n"),
    )
}

#[test]
fn both_are_written_as_they_answer() {
    for (hills, sea, expected) in [
        (
            (1, Ok("sun")),
            (2, Ok("rain")),
            "hills: sun / sea: rain / done",
        ),
        (
            (2, Ok("sun")),
            (1, Ok("rain")),
            "sea: rain / hills: sun / done",
        ),
        (
            (0, Ok("sun")),
            (0, Ok("rain")),
            "hills: sun / sea: rain / done",
        ),
    ] {
        let (text, whole) = body(&visit(hills, sea, None).0);
        assert_eq!(
            text, expected,
            "each source has its line as soon as it answers, and `done` is the last line"
        );
        assert!(
            whole,
            "the page is finished when both have answered, so that the client knows it is whole"
        );
    }
}

#[test]
fn the_first_does_not_wait_for_the_second() {
    let mut reactor = Reactor::new(Sim::new(1));
    let handle = reactor.handle();
    let (h, log) = (handle.clone(), Log::default());
    let page = Page::new(move |_| {
        merged(
            &h,
            source(&h, "hills", (90, Ok("sun")), &log),
            source(&h, "sea", (1, Ok("rain")), &log),
        )
    });
    let served = Site::new(page)
        .listen(&handle, &Address::loopback(0))
        .expect("a port");
    let at = served.address().clone();
    let early = block_on(&mut reactor, async move {
        let stream = Stream::connect(&handle, &at).await?;
        stream
            .transport()
            .write("GET / HTTP/1.1\r\nhost: test\r\n\r\n");
        sleep(&handle, Duration::from_secs(3)).await;
        let mut all = String::new();
        std::future::poll_fn(|context| {
            stream.poll_read(context, |bytes| {
                all += &String::from_utf8_lossy(bytes);
                bytes.len()
            })
        })
        .await?;
        Ok(all)
    });
    let early = early.expect("a beginning");
    assert!(
        early.contains("sea: rain"),
        "after 3 s the sea has answered, and its line is sent before the hills answer: {early:?}"
    );
}

#[test]
fn a_source_that_fails_has_a_line_too() {
    for (hills, sea, expected) in [
        (
            (1, Err("storm")),
            (2, Ok("rain")),
            "hills: no answer / sea: rain / done",
        ),
        (
            (2, Ok("sun")),
            (1, Err("storm")),
            "sea: no answer / hills: sun / done",
        ),
        (
            (1, Err("storm")),
            (2, Err("storm")),
            "hills: no answer / sea: no answer / done",
        ),
    ] {
        let (text, whole) = body(&visit(hills, sea, None).0);
        assert_eq!(
            text, expected,
            "a source that fails has the line `no answer`, and the page goes on without it"
        );
        assert!(
            whole,
            "a page with a source that failed is finished as any other"
        );
    }
}

#[test]
fn a_client_that_leaves_cancels_what_still_waits() {
    let (_, cancelled) = visit((50, Ok("sun")), (50, Ok("rain")), Some(2));
    assert_eq!(
        cancelled,
        ["hills", "sea"],
        "(cancelled) the client left when both were waiting"
    );
    let (_, cancelled) = visit((1, Ok("sun")), (50, Ok("rain")), Some(3));
    assert_eq!(
        cancelled,
        ["sea"],
        "(cancelled) the client left when only the sea was waiting"
    );
    let (_, cancelled) = visit((1, Ok("sun")), (2, Ok("rain")), None);
    assert!(
        cancelled.is_empty(),
        "(cancelled) no client has left: {cancelled:?}"
    );
}

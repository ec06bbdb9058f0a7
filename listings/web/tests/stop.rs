//! A site that is stopped: whom it waits for, how long, and what its log has of everybody.
mod visits;

use coroutines::{block_on, sleep, spawn};
use reactor::Sim;
use std::{cell::RefCell, rc::Rc};
use transports::Stream;
use visits::{SECOND, get, is_about, rest, serve, serve_in};
use web::talk;

#[test]
fn a_stop_ends_the_silent_at_once_and_waits_for_the_others() {
    let (mut reactor, served) = serve();
    let (handle, at) = (reactor.handle(), served.address().clone());
    block_on(&mut reactor, async move {
        let silent = Stream::connect(&handle, &at).await?;
        let kept = Stream::connect(&handle, &at).await?;
        kept.transport()
            .write("GET /now HTTP/1.1\r\nhost: test\r\n\r\n");
        let asking = Stream::connect(&handle, &at).await?;
        asking
            .transport()
            .write("GET /slow HTTP/1.1\r\nhost: test\r\n\r\n");
        let half = Stream::connect(&handle, &at).await?;
        half.transport().write("GET /now HTTP/1.1\r\n");
        sleep(&handle, SECOND).await;
        assert_eq!(served.connections(), 4);
        let (stopped, again) = (served.stop(60 * SECOND), served.stop(60 * SECOND));
        let h = handle.clone();
        let silent = spawn(&handle, async move { Ok(rest(&h, &silent).await) });
        let h = handle.clone();
        let kept = spawn(&handle, async move { Ok(rest(&h, &kept).await) });
        assert!(is_about(silent.await?.1, 1_000), "the one that never asked");
        assert!(is_about(kept.await?.1, 1_000), "the one that has its reply");
        half.transport().write("host: test\r\n\r\n");
        let (said, _) = rest(&handle, &half).await;
        assert!(
            said.starts_with("HTTP/1.1 200") && said.contains("connection: close"),
            "{said}"
        );
        let (said, when) = rest(&handle, &asking).await;
        assert!(
            said.ends_with("slow") && is_about(when, 20_000),
            "{said:?} after {when} ms"
        );
        drop((half, asking));
        assert_eq!(
            (stopped.await?, again.await?, served.connections()),
            (0, 0, 0)
        );
        assert!(
            Stream::connect(&handle, &at).await.is_err(),
            "nobody listens"
        );
        assert_eq!(
            served.stop(SECOND).await?,
            0,
            "a third time, and after the end"
        );
        Ok(())
    })
    .unwrap();
}

#[test]
fn a_stop_has_a_limit() {
    let (mut reactor, served) = serve();
    let (handle, at) = (reactor.handle(), served.address().clone());
    block_on(&mut reactor, async move {
        let asking = Stream::connect(&handle, &at).await?;
        asking
            .transport()
            .write("GET /slow HTTP/1.1\r\nhost: test\r\n\r\n");
        sleep(&handle, SECOND).await;
        assert_eq!(served.stop(3 * SECOND).await?, 1, "one was cut off");
        assert!(
            is_about(handle.now().as_millis(), 4_000),
            "{}",
            handle.now()
        );
        assert!(rest(&handle, &asking).await.0.is_empty());
        Ok(())
    })
    .unwrap();
}

#[test]
fn the_access_log_has_a_line_for_each_request() {
    let lines = Rc::new(RefCell::new(Vec::new()));
    let log = Rc::clone(&lines);
    let (mut reactor, served) = serve_in(Sim::new(1), move |access| {
        log.borrow_mut().push(access.to_string());
        assert!(access.target.path() != "/panic", "a log that panics");
    });
    let (handle, at) = (reactor.handle(), served.address().clone());
    block_on(&mut reactor, async move {
        get(&handle, &at, "/now?a=%22b").await;
        get(&handle, &at, "/panic").await;
        talk(
            &handle,
            &at,
            "HEAD /now HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n",
        )
        .await?;
        let leaves = Stream::connect(&handle, &at).await?;
        leaves
            .transport()
            .write("GET /slow HTTP/1.1\r\nhost: test\r\n\r\n");
        sleep(&handle, SECOND).await;
        drop(leaves);
        let leaves = Stream::connect(&handle, &at).await?;
        leaves
            .transport()
            .write("GET /big HTTP/1.1\r\nhost: test\r\n\r\n");
        leaves.transport().pause_reading();
        sleep(&handle, SECOND).await;
        leaves.transport().abort_connection();
        sleep(&handle, SECOND).await;
        Ok(())
    })
    .unwrap();
    let lines = lines.borrow();
    let ends: Vec<&str> = lines
        .iter()
        .map(|line| line.split_once(' ').unwrap().1)
        .collect();
    assert_eq!(ends[0], "\"GET /now?a=%22b HTTP/1.1\" 200 3 B 0 ms");
    assert_eq!(ends[1], "\"GET /panic HTTP/1.1\" 404 14 B 0 ms");
    assert!(
        ends[2].ends_with(" ms") && ends[2].starts_with("\"HEAD /now HTTP/1.1\" 200 0 B 0 ms"),
        "{}",
        ends[2]
    );
    assert!(
        ends[3].starts_with("\"GET /slow HTTP/1.1\" - 0 B 1"),
        "{}",
        ends[3]
    );
    assert!(ends[3].ends_with("cut off"), "{}", ends[3]);
    assert!(
        ends[4].starts_with("\"GET /big HTTP/1.1\" 200 "),
        "{}",
        ends[4]
    );
    assert!(ends[4].ends_with("cut off"), "{}", ends[4]);
    assert_eq!(ends.len(), 5);
}

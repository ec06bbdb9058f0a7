//! Clients that are slow, rude, silent, or gone: what each of them costs, and that nobody else pays.
use coroutines::{block_on, sleep, spawn};
use deferreds::Failure;
use reactor::{Address, Handle, Reactor, Sim};
use std::{cell::RefCell, future::poll_fn, rc::Rc, time::Duration};
use transports::Stream;
use web::{
    Branch, Bytes, Ended, Limits, Method, Page, Request, Served, Site, Writer, awaited, plain,
    streamed, talk,
};

const SECOND: Duration = Duration::from_secs(1);

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

fn serve() -> (Reactor, Served) {
    serve_in(Sim::new(1), |_| ())
}

fn serve_in(world: Sim, log: impl Fn(&web::Access) + 'static) -> (Reactor, Served) {
    let reactor = Reactor::new(world);
    let handle = reactor.handle();
    let site = Site::new(site(&handle))
        .with_limits(limits())
        .with_access_log(log);
    let served = site.listen(&handle, &Address::loopback(0)).unwrap();
    (reactor, served)
}

/// Reads until the end, and says when that was.
async fn rest(handle: &Handle, stream: &Stream) -> (String, u64) {
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
fn client<F>(test: impl FnOnce(Handle, Address) -> F + 'static)
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

async fn get(handle: &Handle, at: &Address, path: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n");
    talk(handle, at, request).await.unwrap()
}

fn is_about(millis: u64, expected: u64) -> bool {
    (expected..expected + 500).contains(&millis)
}

#[test]
fn a_silent_client_has_so_long_from_its_connect() {
    client(|handle, at| async move {
        let stream = Stream::connect(&handle, &at).await?;
        let (said, when) = rest(&handle, &stream).await;
        assert!(
            said.is_empty() && is_about(when, 5_000),
            "{said:?} after {when} ms"
        );
        Ok(())
    });
}

#[test]
fn a_slow_head_has_so_long_from_its_connect_however_it_trickles() {
    client(|handle, at| async move {
        let stream = Stream::connect(&handle, &at).await?;
        let (slow, pace) = (stream.transport().clone(), handle.clone());
        drop(spawn(&handle, async move {
            slow.write("GET /now HTTP/1.1\r\nhost: test\r\n");
            for _ in 0..30 {
                sleep(&pace, SECOND).await;
                slow.write("x: y\r\n");
            }
            Ok(())
        }));
        let (said, when) = rest(&handle, &stream).await;
        assert!(said.starts_with("HTTP/1.1 408"), "{said:?}");
        assert!(is_about(when, 5_000), "after {when} ms");
        Ok(())
    });
}

#[test]
fn a_slow_head_between_requests_has_so_long_from_the_last_reply() {
    client(|handle, at| async move {
        let stream = Stream::connect(&handle, &at).await?;
        sleep(&handle, 3 * SECOND).await;
        stream
            .transport()
            .write("GET /now HTTP/1.1\r\nhost: test\r\n\r\n");
        sleep(&handle, 3 * SECOND).await;
        stream.transport().write("GET /now HTT");
        let (said, when) = rest(&handle, &stream).await;
        assert!(
            said.contains("now") && said.contains("HTTP/1.1 408"),
            "{said:?}"
        );
        assert!(is_about(when, 8_000), "after {when} ms");
        Ok(())
    });
}

#[test]
fn a_slow_page_is_no_slow_client() {
    client(|handle, at| async move {
        assert!(get(&handle, &at, "/slow").await.ends_with("slow"));
        let when = handle.now().as_millis();
        assert!(is_about(when, 20_000), "after {when} ms");
        Ok(())
    });
}

#[test]
fn a_slow_body_has_so_long_from_its_head() {
    client(|handle, at| async move {
        let stream = Stream::connect(&handle, &at).await?;
        let (slow, pace) = (stream.transport().clone(), handle.clone());
        drop(spawn(&handle, async move {
            slow.write("POST /echo HTTP/1.1\r\nhost: test\r\ncontent-length: 100\r\n\r\n");
            for _ in 0..90 {
                sleep(&pace, SECOND).await;
                slow.write("x");
            }
            Ok(())
        }));
        let (said, when) = rest(&handle, &stream).await;
        assert!(said.starts_with("HTTP/1.1 408"), "{said:?}");
        assert!(is_about(when, 10_000), "after {when} ms");
        Ok(())
    });
}

#[test]
fn a_reader_that_takes_nothing_is_cut_off_and_little_waits_for_it() {
    client(|handle, at| async move {
        let stream = Stream::connect(&handle, &at).await?;
        stream
            .transport()
            .write("GET /big HTTP/1.1\r\nhost: test\r\n\r\n");
        stream.transport().pause_reading();
        sleep(&handle, 40 * SECOND).await;
        stream.transport().resume_reading();
        let (said, _) = rest(&handle, &stream).await;
        assert!(said.len() < 1 << 20, "{} bytes of 4 MiB came", said.len());
        Ok(())
    });
}

#[test]
fn a_reader_that_is_slow_gets_all_of_it() {
    client(|handle, at| async move {
        let stream = Stream::connect(&handle, &at).await?;
        stream
            .transport()
            .write("GET /big HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n");
        let mut count = 0;
        loop {
            // It sleeps for six seconds, and then takes what is there.
            sleep(&handle, 6 * SECOND).await;
            match poll_fn(|context| stream.poll_read(context, <[u8]>::len)).await? {
                0 => break,
                read => count += read,
            }
        }
        assert!(count > 4 << 20, "{count} bytes");
        Ok(())
    });
}

#[test]
fn chunks_that_are_nonsense_get_400() {
    for chunk in [
        "+5\r\nhello\r\n0\r\n\r\n",
        "-5\r\nhello\r\n0\r\n\r\n",
        "0x5\r\nhello\r\n0\r\n\r\n",
        "5\nhello\n0\n\n",
        "5\r\nhelloX\r\n0\r\n\r\n",
        " 5\r\nhello\r\n0\r\n\r\n",
        "five\r\nhello\r\n0\r\n\r\n",
        "\r\nhello\r\n0\r\n\r\n",
        "ffffffffffffffffffff\r\nhello\r\n0\r\n\r\n",
    ] {
        client(move |handle, at| async move {
            let head = "POST /echo HTTP/1.1\r\nhost: test\r\ntransfer-encoding: chunked\r\n\r\n";
            let reply = talk(&handle, &at, format!("{head}{chunk}")).await?;
            assert_eq!(reply.matches("HTTP/1.1 ").count(), 1, "{chunk:?}: {reply}");
            assert!(reply.starts_with("HTTP/1.1 400"), "{chunk:?}: {reply}");
            Ok(())
        });
    }
}

#[test]
fn nonsense_behind_a_request_comes_after_its_whole_reply() {
    client(|handle, at| async move {
        let request = "GET /slow HTTP/1.1\r\nhost: test\r\n\r\n\0\0nonsense\r\n\r\n";
        let reply = talk(&handle, &at, request).await?;
        let (first, second) = reply.split_at(reply.rfind("HTTP/1.1").unwrap());
        assert!(
            first.starts_with("HTTP/1.1 200") && first.ends_with("slow"),
            "{reply}"
        );
        assert!(second.starts_with("HTTP/1.1 400"), "{reply}");
        Ok(())
    });
}

#[test]
fn a_refused_upload_gets_its_reply_although_it_goes_on() {
    client(|handle, at| async move {
        let head = "POST /echo HTTP/1.1\r\nhost: test\r\ncontent-length: 2000000\r\n\r\n";
        let reply = talk(&handle, &at, [head.as_bytes(), &[b'x'; 2_000_000]].concat()).await?;
        assert!(reply.starts_with("HTTP/1.1 413"), "{reply}");
        Ok(())
    });
}

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

/// A page that is written until somebody stops it, and what its writer met.
fn written(
    reactor: &Handle,
    met: &Rc<RefCell<Vec<String>>>,
    write: impl AsyncFn(Writer) -> Result<(), Failure> + 'static,
) -> Rc<dyn web::Resource> {
    let (reactor, met, write) = (reactor.clone(), Rc::clone(met), Rc::new(write));
    Page::new(move |_| {
        let (writer, response) = streamed(&reactor, "text/plain");
        let (log, ends) = (Rc::clone(&met), writer.ended());
        drop(ends.add_callback(move |how| {
            log.borrow_mut().push(format!("{how:?}"));
            Ok(())
        }));
        let (log, write) = (Rc::clone(&met), Rc::clone(&write));
        drop(spawn(&reactor, async move {
            if let Err(failure) = write(writer).await {
                log.borrow_mut().push(failure.to_string());
            }
            Ok(())
        }));
        response
    })
}

fn stream_of(
    write: impl AsyncFn(Handle, Writer) -> Result<(), Failure> + 'static,
    leaves: bool,
) -> (String, Vec<String>) {
    let mut reactor = Reactor::new(Sim::new(1));
    let (handle, met) = (reactor.handle(), Rc::default());
    let h = handle.clone();
    let page = written(&handle, &met, async move |writer| {
        write(h.clone(), writer).await
    });
    let served = Site::new(Branch::new().put("", page))
        .listen(&handle, &Address::loopback(0))
        .unwrap();
    let at = served.address().clone();
    let said = block_on(&mut reactor, async move {
        let stream = Stream::connect(&handle, &at).await?;
        stream.transport().write("GET / HTTP/1.1\r\nhost: test\r\n\r\nGET /no HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n");
        if leaves {
            sleep(&handle, 2 * SECOND).await;
            stream.transport().abort_connection();
        }
        let said = rest(&handle, &stream).await.0;
        sleep(&handle, 60 * SECOND).await;
        Ok(said)
    });
    let met = met.borrow().clone();
    (said.unwrap(), met)
}

#[test]
fn a_page_is_written_piece_by_piece_and_finished() {
    let (said, met) = stream_of(
        async |handle, writer| {
            writer.write("one ")?;
            writer.write("")?; // an empty chunk would end it
            sleep(&handle, SECOND).await;
            writer.write("two")?;
            writer.finish();
            Ok(())
        },
        false,
    );
    assert!(
        said.contains("4\r\none \r\n3\r\ntwo\r\n0\r\n\r\nHTTP/1.1 404"),
        "{said}"
    );
    assert_eq!(met, ["Finished"]);
}

#[test]
fn a_page_that_is_never_finished_is_cut_off_so_that_the_client_can_tell() {
    let (said, met) = stream_of(
        async |_, writer| {
            writer.write("half of ")?;
            Ok(())
        },
        false,
    );
    assert!(
        said.contains("half of ") && !said.contains("0\r\n\r\n") && !said.contains("404"),
        "{said}"
    );
    assert_eq!(met, ["Left"]);
}

#[test]
fn a_writer_is_told_that_its_client_left_and_finish_does_nothing_then() {
    let (_, met) = stream_of(
        async |handle, writer| {
            writer.write("one")?;
            sleep(&handle, 10 * SECOND).await;
            assert_eq!(writer.write("two"), Err(web::WriteError::Left));
            assert_eq!(writer.ended().await?, Ended::Left);
            assert!(writer.drained().await.is_err());
            writer.finish();
            Ok(())
        },
        true,
    );
    assert_eq!(met, ["Left"]);
}

#[test]
fn a_writer_that_never_looks_is_stopped_before_it_fills_memory() {
    let (said, met) = stream_of(
        async |_, writer| {
            for _ in 0..1_000 {
                writer.write(vec![b'x'; 64 * 1024])?;
            }
            unreachable!("64 MB wait")
        },
        false,
    );
    assert!(said.len() < 20 << 20 && !said.contains("404"));
    assert_eq!(met.len(), 2);
    assert!(met.contains(&"Left".to_owned()));
    assert!(
        met[0].contains("16 MiB") || met[1].contains("16 MiB"),
        "{met:?}"
    );
}

#[test]
fn a_fast_writer_waits_for_its_reader() {
    let most = Rc::new(RefCell::new(0));
    let seen = Rc::clone(&most);
    let (said, met) = stream_of(
        async move |_, writer| {
            for _ in 0..200 {
                writer.send(vec![b'x'; 10_000]).await?;
                let mut most = seen.borrow_mut();
                *most = writer.waiting().max(*most);
            }
            writer.finish();
            Ok(())
        },
        false,
    );
    assert!(said.len() > 2_000_000);
    assert_eq!(met, ["Finished"]);
    assert!(
        *most.borrow() <= 64 * 1024 + 10_000,
        "{} bytes waited",
        most.borrow()
    );
}

#[test]
fn a_coroutine_that_panics_costs_its_own_request() {
    let mut reactor = Reactor::new(Sim::new(1));
    let handle = reactor.handle();
    let h = handle.clone();
    let root = Branch::new()
        .put(
            "panics",
            awaited(move |_| {
                let h = h.clone();
                async move {
                    sleep(&h, SECOND).await;
                    panic!("in an awaited page")
                }
            }),
        )
        .put("fine", Page::new(|_| plain("fine")));
    let served = Site::new(root)
        .listen(&handle, &Address::loopback(0))
        .unwrap();
    let at = served.address().clone();
    let reply = block_on(&mut reactor, async move {
        talk(&handle, &at, "GET /panics HTTP/1.1\r\nhost: a\r\n\r\nGET /fine HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await
    })
    .unwrap();
    assert!(
        reply.starts_with("HTTP/1.1 500") && reply.ends_with("fine"),
        "{reply}"
    );
}

#[test]
fn many_connections_that_are_kept_open_are_served_and_ended() {
    let (mut reactor, served) = serve();
    let (handle, at) = (reactor.handle(), served.address().clone());
    block_on(&mut reactor, async move {
        let mut kept = Vec::new();
        for _ in 0..2_000 {
            kept.push(Stream::connect(&handle, &at).await?);
        }
        for round in 1..=2 {
            for stream in &kept {
                stream
                    .transport()
                    .write("GET /now HTTP/1.1\r\nhost: test\r\n\r\n");
            }
            for stream in &kept {
                let mut reply = Vec::new();
                while !reply.ends_with(b"now") {
                    let read = poll_fn(|context| {
                        stream.poll_read(context, |bytes| {
                            reply.extend_from_slice(bytes);
                            bytes.len()
                        })
                    });
                    assert_ne!(read.await?, 0, "round {round}");
                }
            }
        }
        assert_eq!(served.connections(), 2_000);
        sleep(&handle, 10 * SECOND).await;
        assert_eq!(served.connections(), 0, "the silent are ended");
        Ok(())
    })
    .unwrap();
}

//! Clients that are slow, rude or silent: what each of them costs, and that no other client pays.
mod visits;

use coroutines::{sleep, spawn};
use std::future::poll_fn;
use transports::Stream;
use visits::{SECOND, client, get, is_about, rest};
use web::talk;

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

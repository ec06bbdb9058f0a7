//! A proxy between two servers: what it passes on, whose fault it is, and who is dropped when a
//! client leaves.
mod scripted;

use coroutines::{sleep, spawn};
use deferreds::Failure;
use reactor::{Address, Handle};
use scripted::{SECOND, raw, run};
use std::{cell::Cell, future::poll_fn, rc::Rc};
use transports::Stream;
use web::{Branch, Client, ClientOptions, Page, Proxy, Site, streamed, talk};

/// A proxy before a backend that records what it is asked.
async fn through(handle: &Handle, base: &str, request: String) -> Result<String, Failure> {
    let client = Client::with(
        handle,
        ClientOptions {
            timeout: 3 * SECOND,
            ..ClientOptions::default()
        },
    );
    let proxy = Proxy::new(handle, &client, base)?;
    let front =
        Site::new(Branch::new().put("p", Rc::new(proxy))).listen(handle, &Address::loopback(0))?;
    talk(handle, front.address(), request).await
}

#[test]
fn a_proxy_passes_on_the_message_and_nothing_of_the_connection() {
    run(|handle| async move {
        let (port, heard) = raw(&handle, |_| {
            (
                "HTTP/1.1 203 Fine\r\ncontent-length: 4\r\nconnection: x-hop, keep-alive\r\nx-hop: 1\r\nkeep-alive: timeout=5\r\nproxy-authenticate: x\r\nx-end: 2\r\nset-cookie: a\r\nset-cookie: b\r\n\r\npoem",
                false,
            )
        });
        let base = format!("http://{}/base/", port.address());
        let request = "POST /p/a%20b/c?d=%2F HTTP/1.1\r\nhost: front\r\nconnection: close, X-Mine\r\nx-mine: 1\r\nte: trailers\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABkAAQAoAAAAAIAAAAA\r\nproxy-authorization: secret\r\nx-forwarded-for: 6.6.6.6\r\nx-end: 3\r\ncontent-length: 2\r\n\r\nhi";
        let reply = through(&handle, &base, request.into()).await?;
        let heard = heard.borrow()[0].to_ascii_lowercase();
        assert!(
            heard.starts_with("post /base/a%20b/c?d=%2f http/1.1\r\n"),
            "{heard}"
        );
        assert!(
            heard.contains(&format!("host: {}\r\n", port.address())),
            "{heard}"
        );
        assert!(
            heard.contains("x-end: 3\r\n") && heard.contains("x-forwarded-for: 127.0.0.1\r\n"),
            "{heard}"
        );
        assert!(heard.ends_with("\r\n\r\nhi"), "{heard}");
        for hop in [
            "x-mine",
            "te:",
            "upgrade",
            "http2-settings",
            "proxy-auth",
            "6.6.6.6",
            "front",
        ] {
            assert!(!heard.contains(hop), "{hop}: {heard}");
        }
        assert!(
            reply.starts_with("HTTP/1.1 203") && reply.ends_with("poem"),
            "{reply}"
        );
        assert!(
            reply.contains("x-end: 2\r\n") && reply.contains("set-cookie: a\r\nset-cookie: b\r\n"),
            "{reply}"
        );
        for hop in ["x-hop", "keep-alive", "proxy-authenticate"] {
            assert!(!reply.contains(hop), "{hop}: {reply}");
        }
        Ok(())
    });
}

#[test]
fn a_proxy_says_whose_fault_it_is() {
    run(|handle| async move {
        let get = "GET /p HTTP/1.1\r\nhost: front\r\nconnection: close\r\n\r\n";
        let reply = through(&handle, "http://127.0.0.1:1", get.into()).await?;
        assert!(reply.starts_with("HTTP/1.1 502"), "{reply}");
        let (port, _) = raw(&handle, |_| ("", false));
        let reply = through(&handle, &format!("http://{}", port.address()), get.into()).await?;
        assert!(reply.starts_with("HTTP/1.1 504"), "{reply}");
        let (port, _) = raw(&handle, |_| ("nonsense\r\n\r\n", true));
        let reply = through(&handle, &format!("http://{}", port.address()), get.into()).await?;
        assert!(reply.starts_with("HTTP/1.1 502"), "{reply}");
        let (port, _) = raw(&handle, |_| {
            ("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf", true)
        });
        let reply = through(&handle, &format!("http://{}", port.address()), get.into()).await?;
        assert!(
            reply.contains("content-length: 9\r\n") && reply.ends_with("half"),
            "cut off, and it can be seen: {reply}"
        );
        for base in ["", "/x", "http://a/?b"] {
            assert!(
                Proxy::new(&handle, &Client::new(&handle), base).is_err(),
                "{base:?}"
            );
        }
        Ok(())
    });
}

#[test]
fn a_proxy_drops_its_backend_when_the_client_leaves() {
    // The backend says nothing at all, or a piece and then nothing.
    for speaks in [false, true] {
        run(move |handle| async move {
            let ended = Rc::new(Cell::new(false));
            let (seen, reactor) = (Rc::clone(&ended), handle.clone());
            let backend = Page::new(move |_| {
                let (writer, response) = streamed(&reactor, "text/plain");
                let seen = Rc::clone(&seen);
                drop(writer.ended().add_callback(move |_| {
                    seen.set(true);
                    Ok(())
                }));
                let reactor = reactor.clone();
                drop(spawn(&reactor.clone(), async move {
                    writer.write(if speaks { "a piece" } else { "" })?;
                    sleep(&reactor, 1_000 * SECOND).await;
                    Ok(())
                }));
                response
            });
            let backend = Site::new(backend).listen(&handle, &Address::loopback(0))?;
            let proxy = Proxy::new(
                &handle,
                &Client::new(&handle),
                &format!("http://{}", backend.address()),
            )?;
            let front = Site::new(proxy).listen(&handle, &Address::loopback(0))?;
            let client = Stream::connect(&handle, front.address()).await?;
            client
                .transport()
                .write("GET / HTTP/1.1\r\nhost: front\r\n\r\n");
            sleep(&handle, SECOND).await;
            assert_eq!((backend.connections(), ended.get()), (1, false));
            drop(client);
            sleep(&handle, 5 * SECOND).await;
            assert_eq!(
                (backend.connections(), ended.get()),
                (0, true),
                "speaks: {speaks}"
            );
            assert_eq!(front.connections(), 0);
            Ok(())
        });
    }
}

#[test]
fn a_proxy_holds_back_a_fast_backend_for_a_slow_client() {
    run(|handle| async move {
        let (most, reactor) = (Rc::new(Cell::new(0)), handle.clone());
        let seen = Rc::clone(&most);
        let backend = Page::new(move |_| {
            let (writer, response) = streamed(&reactor, "text/plain");
            let seen = Rc::clone(&seen);
            drop(spawn(&reactor, async move {
                for n in 1..=640 {
                    writer.send(vec![b'x'; 16 * 1024]).await?;
                    seen.set(n);
                }
                writer.finish();
                Ok(())
            }));
            response
        });
        let backend = Site::new(backend).listen(&handle, &Address::loopback(0))?;
        let proxy = Proxy::new(
            &handle,
            &Client::new(&handle),
            &format!("http://{}", backend.address()),
        )?;
        let front = Site::new(proxy).listen(&handle, &Address::loopback(0))?;
        let client = Stream::connect(&handle, front.address()).await?;
        client
            .transport()
            .write("GET / HTTP/1.1\r\nhost: front\r\nconnection: close\r\n\r\n");
        client.transport().pause_reading();
        sleep(&handle, 5 * SECOND).await;
        assert!(
            most.get() < 200,
            "{} of 640 pieces left the backend, and nobody reads",
            most.get()
        );
        client.transport().resume_reading();
        let mut count = 0;
        loop {
            match poll_fn(|context| client.poll_read(context, <[u8]>::len)).await? {
                0 => break,
                read => count += read,
            }
        }
        assert!(count > 640 * 16 * 1024, "{count}");
        Ok(())
    });
}

//! Clients: what is followed, what is kept, what is asked again.
mod scripted;

use coroutines::{sleep, spawn};
use deferreds::{Deferred, TimedOut};
use reactor::Address;
use scripted::{SECOND, raw, run};
use std::{cell::Cell, rc::Rc};
use web::{
    Branch, Bytes, Client, ClientOptions, Method, NoPage, Page, Request, Site, StatusCode, TooLong,
    TooManyRedirects, awaited, get_url, header, html, plain, refuse, streamed,
};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

fn post(url: &str) -> hyper::Request<Bytes> {
    hyper::Request::post(url)
        .header("authorization", "secret")
        .body("poem".into())
        .unwrap()
}

#[test]
fn a_connection_is_kept_for_the_next_question() {
    run(|handle| async move {
        let made = Rc::new(Cell::new(0));
        let count = Rc::clone(&made);
        let site = Site::new(Page::new(move |request: &Request| {
            count.set(count.get() + 1);
            plain(request.extensions().get::<Address>().unwrap().to_string())
        }));
        let served = site.listen(&handle, &Address::loopback(0))?;
        let client = Client::new(&handle);
        let url = format!("http://{}/", served.address());
        let first = client.get(&url).await?.into_body();
        assert_eq!(
            client.get(&url).await?.into_body(),
            first,
            "the same connection"
        );
        let (a, b) = (client.get(&url), client.get(&url));
        assert_ne!(
            a.await?.into_body(),
            b.await?.into_body(),
            "two at once need two"
        );
        sleep(&handle, 16 * SECOND).await;
        assert_ne!(client.get(&url).await?.into_body(), first, "too old");
        assert_eq!(made.get(), 5);
        Ok(())
    });
}

#[test]
fn a_stale_connection_is_asked_again_only_for_what_is_safe_to_repeat() {
    for (method, asked) in [
        (Method::GET, 3),
        (Method::PUT, 3),
        (Method::DELETE, 3),
        (Method::POST, 2),
        (Method::PATCH, 2),
    ] {
        run(move |handle| async move {
            // It answers once, and closes at the second question of the connection without a word.
            let (port, heard) = raw(&handle, |n| if n == 2 { ("", true) } else { (OK, false) });
            let client = Client::new(&handle);
            let url = format!("http://{}/", port.address());
            client.get(&url).await?;
            let request = hyper::Request::builder()
                .method(method.clone())
                .uri(&url)
                .body("poem".into())
                .unwrap();
            let second = client.request(request).await;
            assert_eq!(second.is_ok(), asked == 3, "{method}");
            assert_eq!(heard.borrow().len(), asked, "{method}");
            Ok(())
        });
    }
}

#[test]
fn a_fresh_connection_that_says_nothing_is_not_asked_again() {
    run(|handle| async move {
        let (port, heard) = raw(&handle, |_| ("", true));
        let failure = Client::new(&handle)
            .get(&format!("http://{}/", port.address()))
            .await
            .unwrap_err();
        assert!(failure.check::<hyper::Error>().is_some(), "{failure}");
        assert_eq!(heard.borrow().len(), 1);
        Ok(())
    });
}

#[test]
fn a_connection_that_was_closed_while_it_was_kept_is_not_used() {
    run(|handle| async move {
        let (port, heard) = raw(&handle, |n| (OK, n == 1));
        let client = Client::new(&handle);
        let url = format!("http://{}/", port.address());
        client.get(&url).await?;
        sleep(&handle, SECOND).await;
        client.request(post(&url)).await?;
        assert_eq!(heard.borrow().len(), 2);
        Ok(())
    });
}

#[test]
fn redirects_are_followed_to_their_end_and_no_further() {
    run(|handle| async move {
        let to = |status: u16, to: &'static str| {
            Page::of(&[Method::GET, Method::POST], move |_: &Request| {
                let mut response = refuse(StatusCode::from_u16(status).unwrap());
                response
                    .headers_mut()
                    .insert(header::LOCATION, to.parse().unwrap());
                response
            })
        };
        let end = Page::of(&[Method::GET, Method::POST], |request: &Request| {
            let secret = request.headers().get("authorization").is_some();
            let body = String::from_utf8_lossy(request.body()).into_owned();
            plain(format!("{} {body} {secret}", request.method()))
        });
        let root = Branch::new()
            .put("301", to(301, "/end"))
            .put("303", to(303, "end"))
            .put("307", to(307, "./x/../end"))
            .put("round", to(302, "/round"))
            .put("nowhere", to(302, "http://["))
            .put("end", end);
        let served = Site::new(root).listen(&handle, &Address::loopback(0))?;
        let client = Client::new(&handle);
        for (path, expected) in [
            ("301", "GET  true"),
            ("303", "GET  true"),
            ("307", "POST poem true"),
            ("end", "POST poem true"),
        ] {
            let answer = client
                .request(post(&format!("http://{}/{path}", served.address())))
                .await?;
            assert_eq!(answer.body(), expected, "{path}");
        }
        let url = |path| format!("http://{}/{path}", served.address());
        let round = client.get(&url("round")).await.unwrap_err();
        assert_eq!(round.check(), Some(&TooManyRedirects(10)));
        assert!(client.get(&url("nowhere")).await.is_err());
        // To another server, without what was for the first one.
        let other = Page::new(|request: &Request| {
            plain(format!("{:?}", request.headers().get("authorization")))
        });
        let other = Site::new(other).listen(&handle, &Address::loopback(0))?;
        let away: &'static str = format!("http://{}/", other.address()).leak();
        let served = Site::new(to(302, away)).listen(&handle, &Address::loopback(0))?;
        let answer = client
            .request(post(&format!("http://{}/", served.address())))
            .await?;
        assert_eq!(answer.body(), "None");
        Ok(())
    });
}

#[test]
fn a_client_waits_no_longer_and_reads_no_more_than_it_should() {
    run(|handle| async move {
        let (reactor, endless) = (handle.clone(), handle.clone());
        let cut = Rc::new(Cell::new(0));
        let seen = Rc::clone(&cut);
        let slow = awaited(move |_| {
            let (reactor, seen) = (reactor.clone(), Rc::clone(&seen));
            async move {
                struct Dropped(Rc<Cell<u32>>);
                impl Drop for Dropped {
                    fn drop(&mut self) {
                        self.0.set(self.0.get() + 1);
                    }
                }
                let _dropped = Dropped(seen);
                sleep(&reactor, 100 * SECOND).await;
                Ok(plain("late"))
            }
        });
        let endless = Page::new(move |_| {
            let (writer, response) = streamed(&endless, "text/plain");
            drop(
                spawn(&endless, async move {
                    loop {
                        writer.send(vec![b'x'; 1_000]).await?;
                    }
                    #[allow(unreachable_code)]
                    Ok(())
                })
                .add_errback(|_| Ok(())),
            );
            response
        });
        let root = Branch::new()
            .put("slow", slow)
            .put("endless", endless)
            .put("ten", Page::new(|_| plain("0123456789")));
        let served = Site::new(root).listen(&handle, &Address::loopback(0))?;
        let options = ClientOptions {
            timeout: 2 * SECOND,
            body_bytes: 10,
            ..ClientOptions::default()
        };
        let client = Client::with(&handle, options);
        let url = |path| format!("http://{}/{path}", served.address());
        assert!(
            client
                .get(&url("slow"))
                .await
                .unwrap_err()
                .check::<TimedOut>()
                .is_some()
        );
        assert_eq!(
            client.get(&url("endless")).await.unwrap_err().check(),
            Some(&TooLong(10))
        );
        assert_eq!(
            client.get(&url("ten")).await?.body(),
            "0123456789",
            "exactly the limit"
        );
        let cancelled = client.get(&url("slow"));
        sleep(&handle, SECOND).await;
        cancelled.canceller().cancel();
        assert!(cancelled.await.is_err());
        sleep(&handle, SECOND).await;
        assert_eq!(cut.get(), 2, "the server heard of both");
        assert_eq!(
            served.connections(),
            0,
            "the kept one went with the cancelled question"
        );
        Ok(())
    });
}

#[test]
fn what_is_wrong_is_said() {
    run(|handle| async move {
        let client = Client::new(&handle);
        for (url, says) in [
            ("", "empty"),
            ("/path", "http://"),
            ("ftp://host/", "http://"),
            ("http://user:password@host/", "authorization"),
            ("https://127.0.0.1/", "whom to believe"),
            ("http://127.0.0.1:1/", "no connection to 127.0.0.1:1"),
        ] {
            let failure = client.get(url).await.unwrap_err().to_string();
            assert!(failure.contains(says), "{url:?}: {failure}");
        }
        let served = Site::new(Branch::new()).listen(&handle, &Address::loopback(0))?;
        let failure = get_url(&handle, &format!("http://{}/", served.address()))
            .await
            .unwrap_err();
        assert_eq!(failure.check(), Some(&NoPage(StatusCode::NOT_FOUND)));
        Ok(())
    });
}

#[test]
fn an_answer_that_breaks_off_is_no_answer() {
    run(|handle| async move {
        for half in [
            "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n",
            "HTTP/1.1 200 O",
        ] {
            let (port, _) = raw(&handle, move |_| (half, true));
            let answer = Client::new(&handle)
                .get(&format!("http://{}/", port.address()))
                .await;
            assert!(answer.is_err(), "{half:?}: {answer:?}");
        }
        Ok(())
    });
}

#[test]
fn many_at_once_with_a_limit() {
    run(|handle| async move {
        let (now, most) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
        let (reactor, n, m) = (handle.clone(), Rc::clone(&now), Rc::clone(&most));
        let site = Site::new(awaited(move |_| {
            let (reactor, now, most) = (reactor.clone(), Rc::clone(&n), Rc::clone(&m));
            async move {
                now.set(now.get() + 1);
                most.set(now.get().max(most.get()));
                sleep(&reactor, SECOND).await;
                now.set(now.get() - 1);
                Ok(html("page"))
            }
        }));
        let served = site.listen(&handle, &Address::loopback(0))?;
        let (client, url) = (
            Client::new(&handle),
            format!("http://{}/", served.address()),
        );
        let tokens = deferreds::Semaphore::new(4);
        let pages: Vec<Deferred<_>> = (0..20)
            .map(|_| {
                let (client, url) = (client.clone(), url.clone());
                tokens.run(move || client.get(&url))
            })
            .collect();
        for page in pages {
            assert_eq!(page.await?.body(), "page");
        }
        assert_eq!(most.get(), 4);
        assert_eq!(served.connections(), 4, "and four connections were enough");
        Ok(())
    });
}

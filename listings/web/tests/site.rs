//! A site, asked with raw bytes: methods, paths, order, limits, panics, and clients that leave.
use coroutines::{block_on, sleep, spawn};
use deferreds::{Deferred, Failure, defer_later};
use reactor::{Address, Os, Reactor, Sim};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};
use transports::Stream;
use web::{
    Answer, Branch, Method, Page, Request, Resource, Response, Served, Site, html, plain, talk,
};

/// Serves `root` in a simulated world, with bodies of at most 10 bytes.
fn serve(root: impl Resource + 'static) -> (Reactor, Served) {
    let reactor = Reactor::new(Sim::new(1));
    let port = Site::new(root)
        .with_body_limit(10)
        .listen(&reactor.handle(), &Address::loopback(0))
        .unwrap();
    (reactor, port)
}

fn ask(reactor: &mut Reactor, port: &Served, request: impl AsRef<[u8]> + 'static) -> String {
    let (handle, at) = (reactor.handle(), port.address().clone());
    block_on(reactor, async move { talk(&handle, &at, request).await }).unwrap()
}

/// The reply to one request with these method, target, more headers and body.
fn one(reactor: &mut Reactor, port: &Served, line: &str, headers: &str, body: &str) -> String {
    let head = format!("{line} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n{headers}\r\n");
    ask(reactor, port, head + body)
}

fn status(reply: &str) -> u16 {
    let code = reply
        .strip_prefix("HTTP/1.1 ")
        .unwrap_or_else(|| panic!("{reply:?}"));
    code[..3].parse().unwrap()
}

fn tree() -> Branch {
    let echo = Page::of(&[Method::POST], |request: &Request| {
        plain(String::from_utf8_lossy(request.body()))
    });
    Branch::new()
        .put("", Page::new(|_| html("root")))
        .put("café", Page::new(|_| plain("coffee")))
        .put("echo", echo)
        .put(
            "branch",
            Rc::new(Branch::new().put("leaf", Page::new(|_| plain("leaf")))),
        )
}

#[test]
fn each_method_has_its_answer() {
    let (mut reactor, port) = serve(tree());
    let get = one(&mut reactor, &port, "GET /", "", "");
    assert_eq!(status(&get), 200);
    assert!(
        get.contains("content-type: text/html; charset=utf-8\r\n"),
        "{get}"
    );
    assert!(get.ends_with("\r\n\r\nroot"), "{get}");

    let head = one(&mut reactor, &port, "HEAD /", "", "");
    assert_eq!(
        head,
        get.strip_suffix("root").unwrap(),
        "HEAD is GET without its body"
    );

    let post = one(
        &mut reactor,
        &port,
        "POST /echo",
        "content-length: 4\r\n",
        "poem",
    );
    assert!(post.ends_with("\r\n\r\npoem"), "{post}");

    let wrong = one(&mut reactor, &port, "POST /", "content-length: 0\r\n", "");
    assert_eq!(status(&wrong), 405);
    assert!(wrong.contains("allow: GET, HEAD\r\n"), "{wrong}");
    let wrong = one(&mut reactor, &port, "HEAD /echo", "", "");
    assert_eq!(status(&wrong), 405);
    assert!(wrong.contains("allow: POST\r\n"), "{wrong}");

    for line in [
        "BREW /",
        "get /",
        "TRACE /",
        "BREW /nowhere",
        "CONNECT test:80",
    ] {
        assert_eq!(
            status(&one(&mut reactor, &port, line, "", "")),
            501,
            "{line}"
        );
    }
}

#[test]
fn paths_find_what_is_there_and_nothing_else() {
    let (mut reactor, port) = serve(tree());
    for (path, expected) in [
        ("/", 200),
        ("/?question=/nowhere", 200),
        ("http://test/branch/leaf", 200),
        ("/caf%C3%A9", 200),
        ("/%62ranch/leaf", 200),
        ("/branch", 404),
        ("/branch/", 404),
        ("/branch/leaf/", 404),
        ("/branch/leaf/leaf", 404),
        ("//branch/leaf", 404),
        ("/nowhere", 404),
        ("/branch/../branch/leaf", 404),
        ("/branch/%2e%2e/branch/leaf", 404),
        ("/branch%2fleaf", 404),
        ("/%ff", 400),
    ] {
        let reply = one(&mut reactor, &port, &format!("GET {path}"), "", "");
        assert_eq!(status(&reply), expected, "{path}");
    }
}

#[test]
fn a_root_without_a_child_renders_itself() {
    let (mut reactor, port) = serve(Page::new(|_| plain("alone")));
    assert_eq!(status(&one(&mut reactor, &port, "GET /", "", "")), 200);
    assert_eq!(status(&one(&mut reactor, &port, "GET /x", "", "")), 404);
    let (mut reactor, port) = serve(Branch::new());
    assert_eq!(status(&one(&mut reactor, &port, "GET /", "", "")), 404);
}

/// Names that reach a resource, whatever the client sent.
struct Asked(Rc<RefCell<Vec<String>>>);

impl Resource for Asked {
    fn child(&self, name: &str) -> Option<Rc<dyn Resource>> {
        self.0.borrow_mut().push(name.to_owned());
        Some(Rc::new(Asked(Rc::clone(&self.0))))
    }

    fn render(&self, _: &Request) -> Answer {
        plain("here").into()
    }
}

#[test]
fn a_resource_is_never_asked_for_a_name_that_leads_out() {
    let asked = Rc::new(RefCell::new(Vec::new()));
    let (mut reactor, port) = serve(Asked(Rc::clone(&asked)));
    for path in [
        "/a/../b",
        "/%2e%2e/etc/passwd",
        "/..%2fetc",
        "/..%5cetc",
        "/a%00",
    ] {
        assert_eq!(
            status(&one(&mut reactor, &port, &format!("GET {path}"), "", "")),
            404
        );
    }
    assert!(asked.borrow().is_empty(), "{asked:?}");
    assert_eq!(
        status(&one(&mut reactor, &port, "GET /a/%252e/b", "", "")),
        200
    );
    assert_eq!(*asked.borrow(), ["a", "%2e", "b"]);
}

#[test]
fn what_is_no_request_gets_400() {
    let (mut reactor, port) = serve(tree());
    for request in [
        "POST /echo HTTP/1.1\r\nhost: test\r\ncontent-length: 4\r\ncontent-length: 5\r\n\r\npoems",
        "POST /echo HTTP/1.1\r\nhost: test\r\ncontent-length: +4\r\n\r\npoem",
        "POST /echo HTTP/1.1\r\nhost: test\r\ncontent-length: 4, 5\r\n\r\npoems",
        "GET / HTTP/1.1\r\nconnection: close\r\n\r\n",
        "GET / HTTP/1.1\r\nhost: one\r\nhost: two\r\nconnection: close\r\n\r\n",
        "GET /\r\n\r\n",
        "Gather ye rosebuds\r\n\r\n",
    ] {
        assert_eq!(status(&ask(&mut reactor, &port, request)), 400, "{request}");
    }
    assert_eq!(status(&one(&mut reactor, &port, "GET /", "", "")), 200);
}

#[test]
fn a_length_and_chunks_are_refused_and_smuggle_no_second_request() {
    // A proxy that believes the length sees one request; one that believes the chunks sees two.
    let chunks = "0\r\n\r\nGET /branch/leaf HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n";
    let both = ["Content-Length: 65", "transfer-encoding: chunked"];
    let first = "GET /branch/leaf HTTP/1.1\r\nhost: test\r\n\r\n";
    let posted = "POST /echo HTTP/1.1\r\nhost: test\r\ncontent-length: 4\r\n\r\npoem";
    for before in ["", first, posted] {
        for lines in [[both[0], both[1]], [both[1], both[0]]] {
            let (mut reactor, port) = serve(tree());
            let head = format!(
                "POST /echo HTTP/1.1\r\nhost: test\r\n{}\r\n{}\r\n\r\n",
                lines[0], lines[1]
            );
            let reply = ask(&mut reactor, &port, format!("{before}{head}{chunks}"));
            let replies: Vec<&str> = reply.split("HTTP/1.1 ").skip(1).collect();
            assert_eq!(
                replies.len(),
                1 + usize::from(!before.is_empty()),
                "{reply}"
            );
            let last = replies[replies.len() - 1];
            assert!(last.starts_with("400"), "{reply}");
            assert!(last.contains("connection: close\r\n"), "{reply}");
        }
    }
}

#[test]
fn a_head_without_end_is_refused() {
    let (mut reactor, port) = serve(tree());
    let endless = format!("GET / HTTP/1.1\r\nhost: test\r\nx: {}", "x".repeat(200_000));
    assert_eq!(status(&ask(&mut reactor, &port, endless)), 431);
}

#[test]
fn a_body_may_be_as_long_as_the_limit_and_no_longer() {
    let (mut reactor, port) = serve(tree());
    for (body, expected) in [("0123456789", 200), ("0123456789a", 413)] {
        let length = format!("content-length: {}\r\n", body.len());
        let reply = one(&mut reactor, &port, "POST /echo", &length, body);
        assert_eq!(status(&reply), expected, "{body}");
        let chunked = format!(
            "5\r\n{}\r\n{:x}\r\n{}\r\n0\r\n\r\n",
            &body[..5],
            body.len() - 5,
            &body[5..]
        );
        let reply = one(
            &mut reactor,
            &port,
            "POST /echo",
            "transfer-encoding: chunked\r\n",
            &chunked,
        );
        assert_eq!(status(&reply), expected, "{body}, chunked");
    }
    // A length is refused before the body is sent. The largest is hyper's to refuse, as a head that
    // is too large.
    for (length, expected) in [
        ("11", 413),
        ("9999999999999", 413),
        ("18446744073709551615", 431),
    ] {
        let length = format!("content-length: {length}\r\n");
        let reply = one(&mut reactor, &port, "POST /echo", &length, "");
        assert_eq!(status(&reply), expected);
    }
}

/// Answers after so much virtual time, and counts what is begun, done and cancelled.
fn slow(reactor: &Reactor, seconds: u64, log: &Rc<RefCell<Vec<&'static str>>>) -> Rc<dyn Resource> {
    let (handle, log) = (reactor.handle(), Rc::clone(log));
    Page::new(move |_: &Request| -> Deferred<Response> {
        log.borrow_mut().push("slow begins");
        let ends = Rc::clone(&log);
        defer_later(&handle, Duration::from_secs(seconds), |_| Ok(())).add_both(move |result| {
            let how = if result.is_ok() {
                "slow is done"
            } else {
                "slow is cancelled"
            };
            ends.borrow_mut().push(how);
            result.map(|()| plain("slow"))
        })
    })
}

fn site_with_slow() -> (Reactor, Served, Rc<RefCell<Vec<&'static str>>>) {
    let reactor = Reactor::new(Sim::new(1));
    let log = Rc::new(RefCell::new(Vec::new()));
    let fast = Rc::clone(&log);
    let root = Branch::new().put("slow", slow(&reactor, 2, &log)).put(
        "fast",
        Page::new(move |_| {
            fast.borrow_mut().push("fast");
            plain("fast")
        }),
    );
    let port = Site::new(root)
        .listen(&reactor.handle(), &Address::loopback(0))
        .unwrap();
    (reactor, port, log)
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let (mut reactor, port, log) = site_with_slow();
    let reply = ask(
        &mut reactor,
        &port,
        "GET /slow HTTP/1.1\r\nhost: test\r\n\r\n\
         GET /nowhere HTTP/1.1\r\nhost: test\r\n\r\n\
         GET /fast HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n",
    );
    let replies: Vec<_> = reply.split("HTTP/1.1 ").collect();
    assert_eq!(replies.len(), 4, "{reply}");
    assert!(
        replies[1].starts_with("200") && replies[1].ends_with("slow"),
        "{reply}"
    );
    assert!(replies[2].starts_with("404"), "{reply}");
    assert!(
        replies[3].starts_with("200") && replies[3].ends_with("fast"),
        "{reply}"
    );
    assert_eq!(*log.borrow(), ["slow begins", "slow is done", "fast"]);
}

#[test]
fn a_late_page_holds_up_no_other_connection() {
    let (mut reactor, port, log) = site_with_slow();
    let (handle, at) = (reactor.handle(), port.address().clone());
    block_on(&mut reactor, async move {
        let get = |path| format!("GET {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n");
        let (request, h, a) = (get("/slow"), handle.clone(), at.clone());
        let slow = spawn(&handle, async move { talk(&h, &a, request).await });
        sleep(&handle, Duration::from_secs(1)).await;
        assert!(talk(&handle, &at, get("/fast")).await?.ends_with("fast"));
        assert!(slow.await?.ends_with("slow"));
        Ok(())
    })
    .unwrap();
    assert_eq!(*log.borrow(), ["slow begins", "fast", "slow is done"]);
}

#[test]
fn a_client_that_leaves_cancels_its_late_page() {
    for abort in [false, true] {
        let (mut reactor, port, log) = site_with_slow();
        let (handle, at) = (reactor.handle(), port.address().clone());
        block_on(&mut reactor, async move {
            let stream = Stream::connect(&handle, &at).await?;
            let request = "GET /slow HTTP/1.1\r\nhost: test\r\n\r\n";
            stream.transport().write(request);
            sleep(&handle, Duration::from_secs(1)).await;
            if abort {
                stream.transport().abort_connection();
            } else {
                stream.transport().lose_connection();
            }
            sleep(&handle, Duration::from_secs(10)).await;
            Ok(())
        })
        .unwrap();
        assert_eq!(
            *log.borrow(),
            ["slow begins", "slow is cancelled"],
            "abort: {abort}"
        );
    }
}

struct PanicsAt(&'static str);

impl Resource for PanicsAt {
    fn child(&self, _: &str) -> Option<Rc<dyn Resource>> {
        assert!(self.0 != "child", "in child");
        Some(Rc::new(PanicsAt(self.0)))
    }

    fn methods(&self) -> &[Method] {
        assert!(self.0 != "methods", "in methods");
        &[Method::GET]
    }

    fn render(&self, _: &Request) -> Answer {
        panic!("in render");
    }
}

#[test]
fn what_fails_costs_its_own_request() {
    let asked = Rc::new(Cell::new(0));
    let count = Rc::clone(&asked);
    let root = Branch::new()
        .put("render", Rc::new(PanicsAt("render")))
        .put("child", Rc::new(PanicsAt("child")))
        .put("methods", Rc::new(PanicsAt("methods")))
        .put(
            "fails",
            Page::new(|_| Err::<Response, _>(Failure::new("a secret"))),
        )
        .put(
            "late",
            Page::new(|_| Deferred::<Response>::fail(Failure::new("a secret"))),
        )
        .put("forgotten", Page::new(|_| Deferred::<Response>::new().1))
        .put(
            "fine",
            Page::new(move |_| {
                count.set(count.get() + 1);
                plain("fine")
            }),
        );
    let (mut reactor, port) = serve(root);
    for path in [
        "/render",
        "/child/x",
        "/methods",
        "/fails",
        "/late",
        "/forgotten",
    ] {
        // On the same connection the next request is answered.
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: test\r\n\r\n\
             GET /fine HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n"
        );
        let reply = ask(&mut reactor, &port, request);
        assert_eq!(status(&reply), 500, "{path}");
        assert!(reply.ends_with("fine"), "{path}: {reply}");
        assert!(!reply.contains("secret"), "{reply}");
    }
    assert_eq!(asked.get(), 6);
}

#[test]
fn it_serves_on_real_sockets() {
    let mut reactor = Reactor::new(Os::new().unwrap());
    let handle = reactor.handle();
    let port = Site::new(tree())
        .listen(&handle, &Address::loopback(0))
        .unwrap();
    let reply = one(&mut reactor, &port, "GET /branch/leaf", "", "");
    assert!(reply.ends_with("\r\n\r\nleaf"), "{reply}");
}

//! The pocket's web server: heads in pieces, limits, statuses, pages that come late or never.
mod limit;

use mio::net::TcpListener;
use pocket::deferred::{Deferred, Resolver};
use pocket::http::{MAX_HEAD, Request, Resource, Site};
use pocket::reactor::{Handle, Reactor};
use pocket::remote::Remote;
use pocket::transport::listen;
use std::io::{self, Read, Write};
use std::{cell::RefCell, net, rc::Rc, thread, time::Duration};

/// `/now` answers, `/later/NAME` answers when `/now` is asked, `/never` breaks its promise.
#[derive(Clone, Default)]
struct Tree {
    name: String,
    waiting: Rc<RefCell<Vec<Resolver<String>>>>,
}

impl Resource for Tree {
    fn get_child(&self, name: &str) -> Option<Rc<dyn Resource>> {
        let known = ["now", "later", "never"].contains(&name) || self.name == "later";
        known.then(|| Rc::new(Tree { name: name.to_owned(), ..self.clone() }) as Rc<dyn Resource>)
    }

    fn render(&self, request: &Request) -> Deferred<String> {
        let (resolver, page) = Deferred::new();
        match self.name.as_str() {
            "now" => {
                let all = self.waiting.take();
                all.into_iter().for_each(|one| one.callback("at last".to_owned()));
                resolver.callback(request.headers.get("host").cloned().unwrap_or_default());
            }
            "never" => {}
            _ => self.waiting.borrow_mut().push(resolver),
        }
        page
    }
}

/// Serves while `client` runs in another thread, which gets the address.
fn serve<T: Send + 'static>(client: impl FnOnce(net::SocketAddr) -> T + Send + 'static) -> T {
    let mut reactor = Reactor::new().unwrap();
    let handle = reactor.handle();
    let port = TcpListener::bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let at = port.local_addr().unwrap();
    listen(&handle, port, Rc::new(Site(Rc::new(Tree::default())))).unwrap();
    let stop = Remote::new(&handle).unwrap();
    let thread = thread::spawn(move || {
        let done = client(at);
        stop.call(Handle::stop);
        done
    });
    limit::run(&mut reactor);
    thread.join().unwrap()
}

/// Sends these pieces, each in a packet of its own, and returns the reply.
fn ask(at: net::SocketAddr, pieces: &[&[u8]]) -> io::Result<String> {
    let mut stream = net::TcpStream::connect(at)?;
    stream.set_nodelay(true)?;
    for piece in pieces {
        stream.write_all(piece)?;
        thread::sleep(Duration::from_millis(2));
    }
    let mut reply = String::new();
    stream.read_to_string(&mut reply)?;
    Ok(reply)
}

#[test]
fn a_request_may_be_cut_anywhere() {
    let replies = serve(|at| {
        let request = b"GET /now HTTP/1.1\r\nHost: here\r\n\r\n";
        let cuts = (1..request.len()).map(|cut| request.split_at(cut));
        cuts.map(|(a, b)| ask(at, &[a, b]).unwrap()).collect::<Vec<_>>()
    });
    for reply in replies {
        assert_eq!(reply, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nhere");
    }
}

#[test]
fn each_mistake_has_its_status() {
    for (request, status) in [
        ("GET /now HTTP/1.0\n\n", "200"),
        ("GET /now HTTP/2.0\r\n\r\n", "400"),
        ("GET  /now HTTP/1.1\r\n\r\n", "400"),
        ("GET /now\r\n\r\n", "400"),
        ("\r\n", "400"),
        ("GET /now HTTP/1.1\r\nno colon\r\n\r\n", "400"),
        ("POST /now HTTP/1.1\r\n\r\n", "405"),
        ("GET /nowhere HTTP/1.1\r\n\r\n", "404"),
        ("GET /now/here HTTP/1.1\r\n\r\n", "404"),
        ("GET /never HTTP/1.1\r\n\r\n", "500"),
    ] {
        let reply = serve(move |at| ask(at, &[request.as_bytes()]).unwrap());
        assert!(reply.starts_with(&format!("HTTP/1.1 {status} ")), "{request:?}: {reply}");
    }
}

#[test]
fn a_head_has_at_most_so_many_bytes() {
    let head = |more: usize| {
        let first = "GET /now HTTP/1.1";
        let lines = 7;
        let rest = MAX_HEAD - first.len() + more;
        let mut lines: Vec<String> =
            (0..lines).map(|_| format!("x:{}", "y".repeat(rest / lines - 2))).collect();
        let missing = rest - lines.iter().map(String::len).sum::<usize>();
        lines[0] += &"y".repeat(missing);
        format!("{first}\r\n{}\r\n\r\n", lines.join("\r\n"))
    };
    for (more, status) in [(0, "200"), (1, "431")] {
        let head = head(more);
        let reply = serve(move |at| ask(at, &[head.as_bytes()]).unwrap());
        assert!(reply.starts_with(&format!("HTTP/1.1 {status} ")), "{more}: {reply}");
    }
    let reply = serve(|at| ask(at, &["x".repeat(MAX_HEAD + 2).as_bytes()]).unwrap());
    assert!(reply.starts_with("HTTP/1.1 431 "), "a line without end: {reply}");
}

#[test]
fn a_late_page_holds_up_nobody() {
    let (late, now) = serve(|at| {
        let late = thread::spawn(move || ask(at, &[b"GET /later/x HTTP/1.1\r\n\r\n"]).unwrap());
        let mut now = 0;
        // Until the late page has been asked for, no client waits for it.
        while !late.is_finished() {
            ask(at, &[b"GET /now HTTP/1.1\r\n\r\n"]).unwrap();
            now += 1;
        }
        (late.join().unwrap(), now)
    });
    assert!(late.ends_with("at last") && now > 0, "{late}, after {now} others");
}

#[test]
fn what_comes_after_a_request_is_not_looked_at() {
    let reply = serve(|at| ask(at, &[b"GET /now HTTP/1.1\r\n\r\nGET /nowhere HTTP/1.1\r\n\r\n"]));
    // Closing with unread bytes may cost the client its reply; it never gets a second one.
    let count = reply.map_or(0, |reply| reply.matches("HTTP/1.1 ").count());
    assert!(count <= 1, "{count} replies");
}

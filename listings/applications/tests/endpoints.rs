//! Every spelling of an endpoint, right and wrong; one factory over all of them.
use applications::{Endpoint, EndpointError, Service, Serving};
use deferreds::Failure;
use reactor::{Address, Os, Reactor, Sim};
use std::{cell::RefCell, rc::Rc};
use transports::{Protocol, Transport, connect};

fn parse(text: &str) -> Result<Endpoint, EndpointError> {
    text.parse()
}

#[test]
fn what_is_right() {
    for (text, address) in [
        ("tcp:4080", "0.0.0.0:4080"),
        ("tcp:port=4080", "0.0.0.0:4080"),
        ("tcp:4081:interface=127.0.0.1", "127.0.0.1:4081"),
        ("tcp:interface=127.0.0.1:port=65535", "127.0.0.1:65535"),
        ("tcp6:4080", "[::]:4080"),
        (r"tcp6:4080:interface=\:\:1", "[::1]:4080"),
        ("unix:/run/finger.sock", "/run/finger.sock"),
        (r"unix:address=/a\:b\\c\=d", r"/a:b\c=d"),
    ] {
        let endpoint = parse(text).unwrap();
        let reactor = Reactor::new(Sim::new(1));
        let listening = endpoint.listen(&reactor.handle(), Rc::new(|_: &Address| Hello));
        let at = listening.unwrap().address().unwrap().to_string();
        assert_eq!(at, address, "{text}");
        assert_eq!(endpoint.to_string(), text);
    }
}

#[test]
fn what_is_wrong_is_pointed_at() {
    for (text, part, what) in [
        ("", "", "the kind is missing"),
        (":4080", "", "the kind is missing"),
        ("tpc:4080", "tpc", "kind is not known"),
        ("port=4080", "port=4080", "begins with its kind"),
        ("tcp", "", "port is missing"),
        ("tcp:", "", "port is missing"),
        ("tcp:80800", "80800", "no port"),
        ("tcp:+80", "+80", "no port"),
        ("tcp:port=x", "x", "no port"),
        ("tcp:80:81", "81", "no name"),
        ("tcp:80:port=81", "port=81", "twice"),
        ("tcp:port=80:port=80", "port=80", "twice"),
        ("tcp:80:interface=fe80", "fe80", "no IPv4 address"),
        (r"tcp:80:interface=\:\:1", r"\:\:1", "no IPv4 address"),
        (
            "tcp6:80:interface=127.0.0.1",
            "127.0.0.1",
            "no IPv6 address",
        ),
        ("tcp:80:backlog=5", "backlog=5", "does not know"),
        ("unix:", "", "path is missing"),
        ("unix:/a:umask=660", "umask=660", "does not know"),
        ("unix:/a:mode=668", "668", "octal digits"),
        ("unix:/a:mode=1777", "1777", "octal digits"),
        ("unix:/a:mode=", "", "empty"),
        ("ssl:4443", "", "key is missing"),
        (
            "ssl:4443:certKey=a.pem",
            "a.pem",
            "no use without privateKey",
        ),
        (
            "ssl:4443:privateKey=/no/such.pem",
            "/no/such.pem",
            "cannot be read",
        ),
        ("tls:4443:names=/no/such", "/no/such", "cannot be read"),
        ("stdio:80", "80", "no options"),
        ("systemd:index=x", "x", "no index"),
        ("systemd:domain=IPX", "IPX", "not known"),
        ("unix:/a\\", "\\", "escapes nothing"),
    ] {
        let error = parse(text).unwrap_err();
        assert_eq!(&text[error.at()], part, "{text}: {error}");
        assert!(error.what().contains(what), "{text}: {error}");
    }
}

/// Answers and closes.
struct Hello;

impl Protocol for Hello {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        transport.write("hello");
        transport.lose_connection();
        Ok(())
    }
    fn data_received(&mut self, _: &Transport, _: &[u8]) -> Result<(), Failure> {
        Ok(())
    }
}

struct Hears(Rc<RefCell<Vec<u8>>>);

impl Protocol for Hears {
    fn data_received(&mut self, _: &Transport, data: &[u8]) -> Result<(), Failure> {
        self.0.borrow_mut().extend_from_slice(data);
        Ok(())
    }
    fn connection_lost(&mut self, transport: &Transport, _: transports::Loss) {
        let _ = transport.handle().stop();
    }
}

/// What is heard at an endpoint that serves `Hello`.
fn heard(mut reactor: Reactor, text: &str) -> String {
    let handle = reactor.handle();
    let serving = Serving::new("hello", parse(text).unwrap(), Rc::new(|_: &Address| Hello));
    serving.start(&handle).unwrap();
    let heard = Rc::new(RefCell::new(Vec::new()));
    let hears = Rc::clone(&heard);
    let address = serving.address().unwrap();
    connect(
        &handle,
        &address,
        Rc::new(move |_: &Address| Hears(Rc::clone(&hears))),
    );
    reactor.run().unwrap();
    drop(serving.stop(&handle));
    assert_eq!(serving.address(), None);
    String::from_utf8(heard.take()).unwrap()
}

#[test]
fn one_factory_over_all_of_them() {
    let folder = std::env::temp_dir().join(format!("untwisted-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("hello.sock");
    let unix = format!("unix:{}", path.display());
    for text in [
        "tcp:0:interface=127.0.0.1",
        r"tcp6:0:interface=\:\:1",
        &unix,
    ] {
        if text.starts_with("tcp6") && std::net::TcpListener::bind("[::1]:0").is_err() {
            eprintln!("NOT LOOKED AT: {text}: this machine has no IPv6");
            continue;
        }
        assert_eq!(
            heard(Reactor::new(Os::new().unwrap()), text),
            "hello",
            "{text}"
        );
    }
    assert_eq!(
        heard(Reactor::new(Sim::new(1)), "tcp:0:interface=127.0.0.1"),
        "hello"
    );
    assert!(!path.exists(), "its path is gone");
    std::fs::remove_dir(&folder).unwrap();
}

#[test]
fn a_taken_port_says_which() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let text = format!(
        "tcp:{}:interface=127.0.0.1",
        taken.local_addr().unwrap().port()
    );
    let reactor = Reactor::new(Os::new().unwrap());
    let error = parse(&text)
        .unwrap()
        .listen(&reactor.handle(), Rc::new(|_: &Address| Hello))
        .err()
        .unwrap();
    assert!(
        error
            .to_string()
            .starts_with(&format!("cannot listen at {text}: ")),
        "{error}"
    );
}

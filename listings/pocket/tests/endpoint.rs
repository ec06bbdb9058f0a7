//! The pocket's endpoints: strings, and where each is wrong; listening and connecting.
use pocket::deferred::Failure;
use pocket::endpoint::Endpoint;
use pocket::reactor::{Handle, Reactor};
use pocket::transport::{Factory, Loss, Protocol, Transport};
use std::{cell::RefCell, io::ErrorKind, net::TcpListener, rc::Rc};

#[test]
fn strings_are_understood() {
    let tcp = |text: &str| Endpoint::Tcp(text.parse().unwrap());
    for (text, endpoint) in [
        ("tcp:4080", tcp("0.0.0.0:4080")),
        ("tcp:0:interface=127.0.0.1", tcp("127.0.0.1:0")),
        ("unix:/a:b", Endpoint::Unix("/a:b".into())),
    ] {
        assert_eq!(Endpoint::parse(text), Ok(endpoint));
    }
}

#[test]
fn mistakes_are_pointed_at() {
    for (text, mark) in [
        ("", "^ neither tcp nor unix"),
        ("tpc:80", "^^^ neither tcp nor unix"),
        ("tcp", "   ^ this is no port"),
        ("tcp:", "    ^ this is no port"),
        ("tcp:80800", "    ^^^^^ this is no port"),
        ("tcp:80:81", "    ^^^^^ this is no port"),
        ("tcp:größe", "    ^^^^^ this is no port"),
        ("tcp:80:interface=here", "                 ^^^^ this is no address"),
        ("tcp:80:interface=", "                 ^ this is no address"),
        ("unix:", "     ^ the path is missing"),
        ("unix", "    ^ the path is missing"),
    ] {
        let error = Endpoint::parse(text).unwrap_err();
        assert_eq!(error.to_string(), format!("{text}\n{mark}"));
    }
}

/// Says a line to its peer; writes down what it hears.
struct Side {
    says: &'static str,
    heard: RefCell<Vec<String>>,
    reactor: Handle,
    /// Whether the loop ends with its connection.
    stops: bool,
}

impl Side {
    fn shared(reactor: &Reactor, says: &'static str, stops: bool) -> Rc<Shared> {
        let heard = RefCell::default();
        Rc::new(Shared(Rc::new(Side { says, heard, reactor: reactor.handle(), stops })))
    }
}

struct Shared(Rc<Side>);
struct Talks(Rc<Side>);

impl Factory for Shared {
    fn build_protocol(&self) -> Option<Box<dyn Protocol>> {
        Some(Box::new(Talks(self.0.clone())))
    }
    fn connection_failed(&self, why: Failure) {
        self.0.heard.borrow_mut().push(format!("failed: {why}"));
        self.0.reactor.stop();
    }
}

impl Protocol for Talks {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        transport.write(self.0.says.as_bytes());
        Ok(())
    }
    fn data_received(&mut self, transport: &Transport, data: &[u8]) -> Result<(), Failure> {
        self.0.heard.borrow_mut().push(String::from_utf8_lossy(data).into_owned());
        transport.lose_connection();
        Ok(())
    }
    fn connection_lost(&mut self, _: &Transport, _: Loss) {
        if self.0.stops {
            self.0.reactor.stop();
        }
    }
}

fn conversation(text: &str) {
    let mut reactor = Reactor::new().unwrap();
    let (server, client) =
        (Side::shared(&reactor, "hope", false), Side::shared(&reactor, "wind", true));
    let endpoint = Endpoint::parse(text).unwrap();
    let port = endpoint.listen(&reactor.handle(), server.clone()).unwrap();
    endpoint.connect(&reactor.handle(), client.clone());
    reactor.run().unwrap();
    assert_eq!(*client.0.heard.borrow(), ["hope"], "{text}");
    reactor.handle().forget(port);
}

#[test]
fn the_same_two_factories_over_both_kinds() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    conversation(&format!("tcp:{port}:interface=127.0.0.1"));
    let path = std::env::temp_dir().join(format!("pocket-endpoint-{}", std::process::id()));
    conversation(&format!("unix:{}", path.display()));
    std::fs::remove_file(path).unwrap();
}

#[test]
fn nobody_is_there() {
    for text in ["unix:/no/such/door", "tcp:1:interface=127.0.0.1"] {
        let mut reactor = Reactor::new().unwrap();
        let client = Side::shared(&reactor, "", true);
        Endpoint::parse(text).unwrap().connect(&reactor.handle(), client.clone());
        assert!(client.0.heard.borrow().is_empty(), "it is told later");
        reactor.run().unwrap();
        let heard = client.0.heard.borrow();
        assert!(heard.len() == 1 && heard[0].starts_with("failed: "), "{heard:?}");
    }
}

#[test]
fn a_port_that_is_taken_is_an_error() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let text = format!("tcp:{}:interface=127.0.0.1", taken.local_addr().unwrap().port());
    let reactor = Reactor::new().unwrap();
    let factory = Side::shared(&reactor, "", false);
    let error = Endpoint::parse(&text).unwrap().listen(&reactor.handle(), factory).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AddrInUse);
}

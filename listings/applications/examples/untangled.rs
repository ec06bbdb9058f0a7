//! The same proxy as logic, protocol and service, and a test of its logic without a socket.
use applications::{ClientEndpoint, Endpoint, Service, Services, Serving};
use deferreds::{Deferred, Failure};
use protocols::{Lines, Receiver, Receiving};
use reactor::{Handle, Reactor, Sim, Time};
use std::{cell::RefCell, collections::HashMap, rc::Rc, time::Duration};
use transports::{Address, Loss, Protocol, Transport, connect, listen};

// ANCHOR: logic
/// What it is about: answers that are good for a while. It knows no connection, no bytes, and no
/// clock.
struct Known {
    good_for: Duration,
    answers: HashMap<String, (Time, String)>,
}

impl Known {
    fn get(&self, name: &str, now: Time) -> Option<&str> {
        let (until, about) = self.answers.get(name)?;
        (now < *until).then_some(about)
    }

    fn put(&mut self, name: &str, about: &str, now: Time) {
        let answer = (now + self.good_for, about.to_owned());
        self.answers.insert(name.to_owned(), answer);
    }
}
// ANCHOR_END: logic

// ANCHOR: client
/// The protocol, seen from a client: a question is a Deferred.
fn finger(reactor: &Handle, at: &ClientEndpoint, name: &str) -> Deferred<String> {
    let (resolver, answer) = Deferred::new();
    let asks = RefCell::new(Some(Question {
        name: name.to_owned(),
        heard: String::new(),
        resolver,
    }));
    // One connection, one question: the factory is asked once.
    let factory = OneQuestion(asks);
    at.connect(reactor, Rc::new(factory))
        .add_callback(|_| answer)
}
// ANCHOR_END: client

struct OneQuestion(RefCell<Option<Question>>);

impl transports::Factory for OneQuestion {
    fn build_protocol(&self, _: &Address) -> Option<Box<dyn Protocol>> {
        Some(Box::new(Asking(self.0.borrow_mut().take())))
    }
}

struct Question {
    name: String,
    heard: String,
    resolver: deferreds::Resolver<String>,
}

struct Asking(Option<Question>);

impl Protocol for Asking {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        if let Some(question) = &self.0 {
            transport.write(format!("{}\r\n", question.name));
        }
        Ok(())
    }
    fn data_received(&mut self, _: &Transport, data: &[u8]) -> Result<(), Failure> {
        if let Some(question) = &mut self.0 {
            question.heard.push_str(&String::from_utf8_lossy(data));
        }
        Ok(())
    }
    fn connection_lost(&mut self, _: &Transport, why: Loss) {
        if let Some(question) = self.0.take() {
            match why {
                Loss::Done => question.resolver.callback(question.heard),
                why => question.resolver.errback(Failure::new(why.to_string())),
            }
        }
    }
}

// ANCHOR: service
/// Logic and question together: what the proxy does.
struct Proxy {
    known: RefCell<Known>,
    server: ClientEndpoint,
}

impl Proxy {
    fn about(self: &Rc<Self>, reactor: &Handle, name: String) -> Deferred<String> {
        if let Some(about) = self.known.borrow().get(&name, reactor.now()) {
            return Deferred::succeed(about.to_owned());
        }
        let (proxy, clock) = (self.clone(), reactor.clone());
        finger(reactor, &self.server, &name).add_callback(move |about| {
            proxy.known.borrow_mut().put(&name, &about, clock.now());
            Ok(about)
        })
    }
}

/// The protocol, seen from the server.
struct Finger(Rc<Proxy>);

impl Receiver<Vec<u8>> for Finger {
    fn message_received(&mut self, transport: &Transport, line: Vec<u8>) -> Result<(), Failure> {
        let name = String::from_utf8_lossy(&line).trim().to_owned();
        let answers = transport.clone();
        self.0
            .about(transport.handle(), name)
            .on_result(move |about| {
                answers.write(about.unwrap_or_else(|_| "Ask again later\r\n".to_owned()));
                answers.lose_connection();
            });
        Ok(())
    }
}
// ANCHOR_END: service

// ANCHOR: main
fn main() -> Result<(), Failure> {
    the_logic_without_a_socket();
    let mut reactor = Reactor::new(Sim::new(1));
    let handle = reactor.handle();
    listen(
        &handle,
        &Address::loopback(79),
        Rc::new(|_: &Address| Backend),
    )?;

    let known = Known {
        good_for: Duration::from_secs(60),
        answers: HashMap::new(),
    };
    let proxy = Rc::new(Proxy {
        known: known.into(),
        server: "tcp:127.0.0.1:79".parse()?,
    });
    let factory = move |_: &Address| Receiving::new(Lines::new(100), Finger(proxy.clone()));
    let at: Endpoint = "tcp:4079:interface=127.0.0.1".parse()?;
    let services = Services::new("proxy", Duration::from_secs(10));
    services.add(Serving::new("finger", at, Rc::new(factory)));
    services.start(&handle)?;

    for second in [0, 10, 100] {
        handle.call_later(Duration::from_secs(second), ask);
    }
    handle.call_later(Duration::from_secs(200), |reactor| reactor.stop().unwrap());
    Ok(reactor.run()?)
}

fn the_logic_without_a_socket() {
    let second = |n| Time::ZERO + Duration::from_secs(n);
    let mut known = Known {
        good_for: Duration::from_secs(60),
        answers: HashMap::new(),
    };
    assert_eq!(known.get("emily", second(0)), None);
    known.put("emily", "Hope", second(1));
    assert_eq!(known.get("emily", second(60)), Some("Hope"));
    assert_eq!(known.get("emily", second(61)), None);
}
// ANCHOR_END: main

fn ask(reactor: &Handle) {
    println!("{:.0}: emily?", reactor.now());
    connect(
        reactor,
        &Address::loopback(4079),
        Rc::new(|_: &Address| Asks),
    );
}

/// The server behind the proxy.
struct Backend;

impl Protocol for Backend {
    fn data_received(&mut self, transport: &Transport, _: &[u8]) -> Result<(), Failure> {
        println!("  the server is asked");
        transport.write("Hope is the thing with feathers\r\n");
        transport.lose_connection();
        Ok(())
    }
}

struct Asks;

impl Protocol for Asks {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        transport.write("emily\r\n");
        Ok(())
    }
    fn data_received(&mut self, _: &Transport, data: &[u8]) -> Result<(), Failure> {
        println!("  {}", String::from_utf8_lossy(data).trim_end());
        Ok(())
    }
}

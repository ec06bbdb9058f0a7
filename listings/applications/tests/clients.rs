//! Clients: their endpoints, and the service that connects again and again.
use applications::{
    Backoff, ClientEndpoint, ClientService, ClientState, Endpoint, Service, Stopped,
};
use deferreds::{Cancelled, Failure};
use reactor::{Address, Handle, Reactor, Sim};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};
use transports::{ConnectError, Port, Protocol, Transport, listen};

#[test]
fn what_is_right() {
    for text in [
        "tcp:localhost:4080",
        "tcp:host=poems.example:port=4080:timeout=2.5",
        r"tcp:\:\:1:80",
        "unix:/run/finger.sock:timeout=1",
        "unix:path=/a",
    ] {
        let endpoint: ClientEndpoint = text.parse().unwrap();
        assert_eq!(endpoint.to_string(), text);
    }
}

#[test]
fn what_is_wrong_is_pointed_at() {
    for (text, part, what) in [
        ("", "", "kind is missing"),
        ("stdio:", "stdio", "not known"),
        ("tcp", "", "host is missing"),
        ("tcp:poems.example", "", "port is missing"),
        (
            "tcp:http\\://poems.example:80",
            "http\\://poems.example",
            "no host",
        ),
        ("tcp:poems.example:http", "http", "no port"),
        ("tcp:poems.example:80:81", "81", "no name"),
        ("tcp:poems.example:80:host=other", "host=other", "twice"),
        ("tcp:poems.example:80:timeout=-1", "-1", "no time"),
        ("tcp:poems.example:80:timeout=inf", "inf", "no time"),
        ("tcp:poems.example:80:timeout=0", "0", "no time"),
        (
            "tcp:poems.example:80:trustRoots=a",
            "trustRoots=a",
            "does not know",
        ),
        (
            "tls:poems.example:443:trustRoots=/no/such",
            "/no/such",
            "cannot be read",
        ),
        ("unix:", "", "path is missing"),
    ] {
        let error = text.parse::<ClientEndpoint>().unwrap_err();
        assert_eq!(&text[error.at()], part, "{text}: {error}");
        assert!(error.what().contains(what), "{text}: {error}");
    }
}

/// Counts the connections that are open.
struct Quiet(Rc<Cell<i32>>);

impl Protocol for Quiet {
    fn connection_made(&mut self, _: &Transport) -> Result<(), Failure> {
        self.0.set(self.0.get() + 1);
        Ok(())
    }
    fn data_received(&mut self, _: &Transport, _: &[u8]) -> Result<(), Failure> {
        Ok(())
    }
    fn connection_lost(&mut self, _: &Transport, _: transports::Loss) {
        self.0.set(self.0.get() - 1);
    }
}

const AT: &str = "tcp:127.0.0.1:4080";

/// A simulated world with a client service, and what it says.
struct World {
    reactor: Reactor,
    handle: Handle,
    client: Rc<ClientService>,
    /// Connections that the client, and the server, have open.
    open: [Rc<Cell<i32>>; 2],
    heard: Rc<RefCell<Vec<String>>>,
    server: Rc<RefCell<Vec<Transport>>>,
}

impl World {
    fn new() -> World {
        let reactor = Reactor::new(Sim::new(1));
        let open = [Rc::new(Cell::new(0)), Rc::new(Cell::new(0))];
        let mine = Rc::clone(&open[0]);
        let backoff = Backoff {
            jitter: 0.0,
            ..Backoff::default()
        };
        let factory = Rc::new(move |_: &Address| Quiet(Rc::clone(&mine)));
        World {
            handle: reactor.handle(),
            reactor,
            client: ClientService::with_backoff("client", AT.parse().unwrap(), factory, backoff),
            open,
            heard: Rc::default(),
            server: Rc::default(),
        }
    }

    fn serve(&self) -> Port {
        struct Keeps(Quiet, Rc<RefCell<Vec<Transport>>>);
        impl Protocol for Keeps {
            fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
                self.1.borrow_mut().push(transport.clone());
                self.0.connection_made(transport)
            }
            fn data_received(&mut self, _: &Transport, _: &[u8]) -> Result<(), Failure> {
                Ok(())
            }
            fn connection_lost(&mut self, transport: &Transport, why: transports::Loss) {
                self.0.connection_lost(transport, why);
            }
        }
        let (open, kept) = (Rc::clone(&self.open[1]), Rc::clone(&self.server));
        let factory = move |_: &Address| Keeps(Quiet(Rc::clone(&open)), Rc::clone(&kept));
        listen(&self.handle, &Address::loopback(4080), Rc::new(factory)).unwrap()
    }

    /// Runs until that second.
    fn until(&mut self, second: f64) {
        while self.handle.now().as_millis() < (second * 1000.0) as u64 {
            self.reactor.turn(Some(Duration::from_millis(10))).unwrap();
        }
    }

    fn start(&self) {
        self.client.start(&self.handle).unwrap();
    }

    fn stop(&self, name: &'static str) {
        let heard = Rc::clone(&self.heard);
        self.client.stop(&self.handle).on_result(move |result| {
            heard
                .borrow_mut()
                .push(format!("{name}: {}", result.is_ok()));
        });
    }

    fn wait(&self, name: &'static str) {
        let heard = Rc::clone(&self.heard);
        self.client.when_connected().on_result(move |result| {
            let said = match result {
                Ok(_) => "connected".to_owned(),
                Err(failure) if failure.check::<Stopped>().is_some() => "stopped".to_owned(),
                Err(failure) => failure.to_string(),
            };
            heard.borrow_mut().push(format!("{name}: {said}"));
        });
    }
}

#[test]
fn it_waits_longer_each_time_and_a_success_begins_anew() {
    let mut world = World::new();
    world.start();
    world.start(); // twice is once
    assert_eq!(world.client.state(), ClientState::Connecting);
    // Attempts at 0, 1, 3, 7 s.
    for (second, failures) in [(0.5, 1), (1.5, 2), (3.5, 3), (7.5, 4)] {
        world.until(second);
        assert_eq!(
            world.client.state(),
            ClientState::Waiting(failures),
            "{second} s"
        );
    }
    let _port = world.serve();
    world.until(14.5);
    assert_eq!(world.client.state(), ClientState::Waiting(4), "until 15 s");
    world.until(15.5);
    assert_eq!(world.client.state(), ClientState::Connected);
    // Lost: the first delay again.
    world.server.borrow()[0].abort_connection();
    world.until(16.0);
    assert_eq!(world.client.state(), ClientState::Waiting(0));
    world.until(17.0);
    assert_eq!(world.client.state(), ClientState::Connected);
    assert_eq!(world.open[1].get(), 1, "one connection, not two");
}

#[test]
fn whoever_waits_is_told_in_order() {
    let mut world = World::new();
    world.wait("before the start");
    world.start();
    world.wait("first");
    world.wait("second");
    world.until(0.5);
    let _port = world.serve();
    world.until(2.0);
    world.wait("when there is one");
    world.until(2.1);
    assert_eq!(
        world.heard.take(),
        [
            "before the start: stopped",
            "first: connected",
            "second: connected",
            "when there is one: connected"
        ]
    );
}

#[test]
fn some_wait_through_so_many_failures() {
    let mut world = World::new();
    world.start();
    for failures in [0, 1, 3] {
        let heard = Rc::clone(&world.heard);
        let client = &world.client;
        client
            .when_connected_or_failed(failures)
            .on_result(move |result| {
                let said = result.unwrap_err().to_string();
                heard.borrow_mut().push(format!("{failures}: {said}"));
            });
    }
    world.until(0.5);
    let refused = "no connection to 127.0.0.1:4080: connection refused";
    assert_eq!(
        world.heard.take(),
        [format!("0: {refused}"), format!("1: {refused}")]
    );
    world.until(3.5);
    assert_eq!(world.heard.take(), [format!("3: {refused}")]);
    assert_eq!(world.client.state(), ClientState::Waiting(3), "it goes on");
}

#[test]
fn stopped_is_stopped_while_it_connects() {
    let mut world = World::new();
    let port = world.serve();
    world.start();
    world.wait("waiter");
    world.stop("stop");
    assert_eq!(world.client.state(), ClientState::Stopped);
    world.until(100.0);
    assert_eq!(world.heard.take(), ["stop: true", "waiter: stopped"]);
    assert_eq!(world.client.state(), ClientState::Stopped);
    assert_eq!([world.open[0].get(), world.open[1].get()], [0, 0]);
    port.stop_listening();
}

/// `stop_trying` and it still tries: Twisted's ticket 4846.
#[test]
fn stopped_is_stopped_while_it_waits() {
    let mut world = World::new();
    world.start();
    world.until(1.5);
    assert_eq!(world.client.state(), ClientState::Waiting(2));
    world.stop("stop");
    let _port = world.serve();
    world.until(100.0);
    assert_eq!(world.client.state(), ClientState::Stopped);
    assert!(world.server.borrow().is_empty(), "nobody has connected");
    assert_eq!(world.heard.take(), ["stop: true"]);
}

#[test]
fn stopped_it_waits_for_the_end_of_its_connection() {
    let mut world = World::new();
    let _port = world.serve();
    world.start();
    world.until(1.0);
    world.stop("first");
    world.stop("second");
    assert_eq!(world.client.state(), ClientState::Stopping);
    assert!(world.heard.borrow().is_empty(), "it is not gone yet");
    world.wait("waiter");
    world.until(2.0);
    assert_eq!(world.client.state(), ClientState::Stopped);
    assert_eq!(
        world.heard.take(),
        ["waiter: stopped", "first: true", "second: true"]
    );
    assert_eq!(world.open[0].get(), 0);
    world.stop("third");
    assert_eq!(world.heard.take(), ["third: true"]);
    world.until(100.0);
    assert_eq!(world.server.borrow().len(), 1);
}

#[test]
fn started_again_while_it_stops_it_connects_again() {
    let mut world = World::new();
    let _port = world.serve();
    world.start();
    world.until(1.0);
    world.stop("stop");
    world.start();
    world.wait("waiter");
    world.until(2.0);
    assert_eq!(world.client.state(), ClientState::Connected);
    assert_eq!(world.heard.take(), ["stop: true", "waiter: connected"]);
    assert_eq!(world.server.borrow().len(), 2);
    // And stop, start, stop is a stop.
    world.stop("stop");
    world.start();
    world.stop("again");
    world.until(100.0);
    assert_eq!(world.client.state(), ClientState::Stopped);
    assert_eq!(world.server.borrow().len(), 2);
}

#[test]
fn a_stop_that_is_given_up_aborts_the_connection() {
    let mut world = World::new();
    let _port = world.serve();
    world.start();
    world.until(1.0);
    // The peer reads nothing, so what is written does not get out.
    world.server.borrow()[0].pause_reading();
    let heard = Rc::clone(&world.heard);
    let writes = world.client.when_connected();
    writes.on_result(|transport| transport.unwrap().write(vec![0; 10_000_000]));
    let stopped = world.client.stop(&world.handle);
    let stopped = stopped.add_hard_timeout(&world.handle, Duration::from_secs(5));
    stopped.on_result(move |result| heard.borrow_mut().push(format!("{}", result.is_ok())));
    world.until(4.0);
    assert_eq!(world.client.state(), ClientState::Stopping);
    world.until(7.0);
    assert_eq!(world.client.state(), ClientState::Stopped);
    assert_eq!(world.heard.take(), ["false"]);
    assert_eq!(world.open[0].get(), 0);
}

#[test]
fn dropped_it_tries_no_more() {
    let mut world = World::new();
    world.start();
    world.until(1.5);
    world.client = World::new().client;
    let _port = world.serve();
    world.until(100.0);
    assert!(world.server.borrow().is_empty());
}

#[test]
fn an_endpoint_gives_the_transport_or_why_not() {
    let mut world = World::new();
    let open = Rc::clone(&world.open[0]);
    let factory = Rc::new(move |_: &Address| Quiet(Rc::clone(&open)));
    let endpoint: ClientEndpoint = AT.parse().unwrap();
    let refused = endpoint.connect(&world.handle, factory.clone());
    world.until(1.0);
    let failure = refused.into_result().unwrap().err().unwrap();
    assert!(failure.check::<ConnectError>().is_some(), "{failure}");
    let _port = world.serve();
    let (made, cancelled) = (
        endpoint.connect(&world.handle, factory.clone()),
        endpoint.connect(&world.handle, factory),
    );
    cancelled.canceller().cancel();
    world.until(2.0);
    assert!(made.into_result().unwrap().is_ok());
    let failure = cancelled.into_result().unwrap().err().unwrap();
    assert!(failure.check::<Cancelled>().is_some(), "{failure}");
    assert_eq!(world.open[0].get(), 1);
}

#[test]
fn a_host_is_looked_up() {
    let mut reactor = Reactor::new(reactor::Os::new().unwrap());
    let handle = reactor.handle();
    let open = Rc::new(Cell::new(0));
    let factory = {
        let open = Rc::clone(&open);
        Rc::new(move |_: &Address| Quiet(Rc::clone(&open)))
    };
    let server: Endpoint = "tcp:0:interface=127.0.0.1".parse().unwrap();
    let listening = server.listen(&handle, factory.clone()).unwrap();
    let port = listening.address().unwrap().port().unwrap();
    let client: ClientEndpoint = format!("tcp:localhost:{port}").parse().unwrap();
    let stops = handle.clone();
    client
        .connect(&handle, factory)
        .on_result(move |transport| {
            assert_eq!(transport.unwrap().peer().port(), Some(port));
            stops.stop().unwrap();
        });
    reactor.run().unwrap();
}

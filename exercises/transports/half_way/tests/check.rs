//! Lets a client and a server talk through the relay in the simulated world, and end, break and stop reading.
use half_way::relay;
use std::{cell::RefCell, rc::Rc, time::Duration};
use untwisted::{
    deferreds::Failure,
    reactor::{Handle, Reactor, Sim},
    transports::{Address, Loss, Protocol, Transport, connect, listen},
};

/// What happened to one end of the talk.
#[derive(Default)]
struct Seen {
    received: Vec<u8>,
    ended: bool,
    lost: Option<String>,
    transport: Option<Transport>,
}

type Log = Rc<RefCell<Seen>>;

/// What an end does when it is connected, and when the other one has ended its direction.
#[derive(Clone, Copy)]
struct Acts {
    begins: fn(&Transport),
    at_end: fn(&Transport, &[u8]),
}

struct End(Log, Acts);

impl Protocol for End {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        self.0.borrow_mut().transport = Some(transport.clone());
        (self.1.begins)(transport);
        Ok(())
    }

    fn data_received(&mut self, _: &Transport, data: &[u8]) -> Result<(), Failure> {
        self.0.borrow_mut().received.extend(data);
        Ok(())
    }

    fn peer_closed(&mut self, transport: &Transport) {
        let received = self.0.borrow().received.clone();
        self.0.borrow_mut().ended = true;
        (self.1.at_end)(transport, &received);
    }

    fn connection_lost(&mut self, _: &Transport, why: Loss) {
        self.0.borrow_mut().lost = Some(match why {
            Loss::Done => "done".to_owned(),
            other => format!("broken: {other}"),
        });
    }
}

struct Talk {
    reactor: Reactor,
    handle: Handle,
    client: Log,
    server: Log,
}

impl Talk {
    /// A client and a server, and the relay between them.
    fn new(client: Acts, server: Acts) -> Talk {
        Talk::on("1", client, server)
    }

    fn on(world: &str, client: Acts, server: Acts) -> Talk {
        let reactor = Reactor::new(Sim::parse(world).expect("a world"));
        let handle = reactor.handle();
        let (seen_by_client, seen_by_server) = (Log::default(), Log::default());
        let log = Rc::clone(&seen_by_server);
        let server = Rc::new(move |_: &Address| End(Rc::clone(&log), server));
        let server = listen(&handle, &Address::loopback(0), server).expect("a server");
        let relay = relay(server.address().clone());
        let relay = listen(&handle, &Address::loopback(0), relay).expect("a relay");
        let log = Rc::clone(&seen_by_client);
        let client = Rc::new(move |_: &Address| End(Rc::clone(&log), client));
        connect(&handle, relay.address(), client);
        Talk {
            reactor,
            handle,
            client: seen_by_client,
            server: seen_by_server,
        }
    }

    /// Lets so many seconds pass.
    fn pass(&mut self, seconds: u64) {
        let end = self.handle.now() + Duration::from_secs(seconds);
        self.handle.call_later(Duration::from_secs(seconds), |_| {});
        while self.handle.now() < end {
            self.reactor
                .turn(None)
                .expect("there is something to wait for");
        }
    }
}

fn nothing(_: &Transport) {}

fn not_at_end(_: &Transport, _: &[u8]) {}

/// Answers when the question has ended, and then ends, too.
const COUNTS: Acts = Acts {
    begins: nothing,
    at_end: |transport, received| {
        transport.write(format!("{} bytes", received.len()));
        transport.lose_connection();
    },
};

/// Asks in two pieces, ends its direction and waits for the answer.
const ASKS: Acts = Acts {
    begins: |transport| {
        transport.write("Gather ye rosebuds ");
        let later = transport.clone();
        transport
            .handle()
            .call_later(Duration::from_secs(1), move |_| {
                later.write("while ye may");
                later.lose_write_connection();
            });
    },
    at_end: |transport, _| transport.lose_connection(),
};

#[test]
fn bytes_and_ends_pass_in_both_directions() {
    let mut talk = Talk::new(ASKS, COUNTS);
    talk.pass(30);
    let (client, server) = (talk.client.borrow(), talk.server.borrow());
    assert_eq!(
        String::from_utf8_lossy(&server.received),
        "Gather ye rosebuds while ye may",
        "what the client sends reaches the server, also what it sends before the connection to the server is there"
    );
    assert!(
        server.ended,
        "the client has ended its direction, and the server was not told"
    );
    assert_eq!(
        String::from_utf8_lossy(&client.received),
        "31 bytes",
        "the client has ended its direction, and waits for an answer: the opposite direction goes on until it ends as well"
    );
    assert_eq!(
        (client.lost.as_deref(), server.lost.as_deref()),
        (Some("done"), Some("done")),
        "(client, server) both directions have ended in good order"
    );
}

#[test]
fn what_comes_early_is_not_lost() {
    for seed in 1..=20 {
        let mut talk = Talk::on(&format!("{seed},latency=20ms,jitter=300ms"), ASKS, COUNTS);
        talk.pass(60);
        assert_eq!(
            String::from_utf8_lossy(&talk.server.borrow().received),
            "Gather ye rosebuds while ye may",
            "in the world sim:{seed}, whose network is slow at times: what the client sends reaches the server, also what it sends before the connection to the server is there"
        );
    }
}

#[test]
fn an_end_comes_after_all_the_bytes() {
    const LARGE: Acts = Acts {
        begins: |transport| {
            transport.write(vec![b'x'; 300_000]);
            transport.lose_write_connection();
        },
        at_end: |transport, _| transport.lose_connection(),
    };
    let mut talk = Talk::new(LARGE, COUNTS);
    talk.pass(300);
    assert_eq!(
        talk.server.borrow().received.len(),
        300_000,
        "(bytes) the end comes after all the bytes before it"
    );
    assert_eq!(
        String::from_utf8_lossy(&talk.client.borrow().received),
        "300000 bytes",
        "the opposite direction goes on until it ends as well"
    );
}

#[test]
fn a_break_is_passed_on_as_a_break() {
    const BREAKS: Acts = Acts {
        begins: |transport| {
            transport.write("Gather ye");
            let later = transport.clone();
            transport
                .handle()
                .call_later(Duration::from_secs(2), move |_| later.abort_connection());
        },
        at_end: not_at_end,
    };
    let quiet = Acts {
        begins: nothing,
        at_end: not_at_end,
    };
    let mut talk = Talk::new(BREAKS, quiet);
    talk.pass(30);
    let server = talk.server.borrow();
    assert!(
        !server.ended && server.lost.as_deref().is_some_and(|why| why != "done"),
        "the client has aborted its connection: a break must not look like an end, nor be kept from the server: ended {}, lost {:?}",
        server.ended,
        server.lost
    );
}

#[test]
fn without_a_server_the_client_is_told() {
    let mut reactor = Reactor::new(Sim::new(1));
    let handle = reactor.handle();
    let relay = listen(&handle, &Address::loopback(0), relay(Address::loopback(1)));
    let relay = relay.expect("a relay");
    let log = Log::default();
    let seen = Rc::clone(&log);
    let client = Rc::new(move |_: &Address| End(Rc::clone(&seen), ASKS));
    connect(&handle, relay.address(), client);
    handle.call_later(Duration::from_secs(30), |h| h.stop().expect("it runs"));
    reactor.run().expect("it runs until it is told to stop");
    let log = log.borrow();
    assert!(
        log.lost.as_deref().is_some_and(|why| why != "done"),
        "the server cannot be reached, so the client's connection is aborted: {:?}",
        log.lost
    );
}

#[test]
fn who_does_not_read_is_not_read_for() {
    const MANY: usize = 8 << 20;
    const FLOODS: Acts = Acts {
        begins: |transport| {
            transport.write(vec![b'x'; MANY]);
            transport.lose_connection();
        },
        at_end: not_at_end,
    };
    const SLEEPS: Acts = Acts {
        begins: |transport| {
            transport.pause_reading();
            let later = transport.clone();
            transport
                .handle()
                .call_later(Duration::from_secs(600), move |_| later.resume_reading());
        },
        at_end: |transport, _| transport.lose_connection(),
    };
    let mut talk = Talk::new(SLEEPS, FLOODS);
    talk.pass(500);
    let server = talk.server.borrow().transport.clone();
    let left = server.map_or(0, |transport| transport.waiting());
    // The buffers of four sockets hold something, too.
    assert!(
        left > MANY - (3 << 20),
        "the client does not read, and the server could send {} bytes of {MANY}: too much waits in the relay",
        MANY - left
    );
    talk.pass(20_000);
    assert_eq!(
        talk.client.borrow().received.len(),
        MANY,
        "(bytes) when it reads again, all of it arrives"
    );
}

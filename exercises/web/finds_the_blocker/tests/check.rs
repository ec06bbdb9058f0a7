//! Counts the grains of each turn, while one visitor orders and another one looks at the queue.
use finds_the_blocker::{Mill, site};
use std::{cell::Cell, rc::Rc, time::Duration};
use untwisted::{
    coroutines::spawn,
    reactor::{Address, Handle, Reactor, Sim},
    transports::Stream,
    web::{Served, Site, talk},
};

#[derive(Default)]
struct Counting {
    all: Cell<u32>,
    this_turn: Cell<u32>,
}

impl Mill for Counting {
    fn grind(&self) {
        self.all.set(self.all.get() + 1);
        self.this_turn.set(self.this_turn.get() + 1);
    }
}

struct Visit {
    reactor: Reactor,
    mill: Rc<Counting>,
    served: Served,
    most: u32,
}

impl Visit {
    fn new() -> Visit {
        let reactor = Reactor::new(Sim::new(1));
        let mill = Rc::new(Counting::default());
        let shared: Rc<dyn Mill> = mill.clone();
        let site = Site::new(site(&reactor.handle(), &shared));
        let served = site
            .listen(&reactor.handle(), &Address::loopback(0))
            .expect("a port");
        Visit {
            reactor,
            mill,
            served,
            most: 0,
        }
    }

    /// Turns until the reply is there, and notes the fullest turn.
    fn get(&mut self, path: &str) -> String {
        let (handle, at) = (self.reactor.handle(), self.served.address().clone());
        let reply = spawn(&handle, read(handle.clone(), at, path.to_owned()));
        let place = Rc::new(Cell::new(None));
        let fill = Rc::clone(&place);
        reply.on_result(move |reply| fill.set(reply.ok()));
        for _ in 0..100_000 {
            self.turn();
            if let Some(reply) = place.take() {
                return reply;
            }
        }
        panic!("{path}: no reply after 100,000 turns");
    }

    fn turn(&mut self) {
        self.mill.this_turn.set(0);
        self.reactor
            .turn(Some(Duration::from_millis(100)))
            .expect("a turn");
        self.most = self.most.max(self.mill.this_turn.get());
    }
}

async fn read(
    handle: Handle,
    at: Address,
    path: String,
) -> Result<String, untwisted::deferreds::Failure> {
    let request = format!("GET {path} HTTP/1.1\r\nhost: mill\r\nconnection: close\r\n\r\n");
    talk(&handle, &at, request).await
}

#[test]
fn no_turn_is_too_full() {
    for grains in [1, 99, 100, 101, 102, 5_000] {
        for page in ["/", "/flour", "/bran", "/bread", "/queue"] {
            let mut visit = Visit::new();
            visit.get(&format!("{page}?grains={grains}"));
            assert!(
                visit.most <= 100,
                "a turn ground {} grains, and nothing else was served in it: at most 100 a turn",
                visit.most
            );
        }
    }
}

#[test]
fn every_order_is_ground() {
    for (path, expected, all) in [
        ("/flour?grains=120", "120 grains of flour", 120),
        ("/flour", "10 grains of flour", 10),
        ("/bran?grains=120", "120 grains of bran", 120),
        ("/bran?grains=9999", "5000 grains of bran", 5_000),
        ("/bran?grains=0", "0 grains of bran", 0),
        ("/bread?grains=9999", "500 grains of bread", 500),
        ("/queue", "your turn", 0),
        ("/", "Our mill", 0),
    ] {
        let mut visit = Visit::new();
        let reply = visit.get(path);
        assert!(
            reply.ends_with(expected),
            "{path} is answered with {expected:?}, not with {reply:?}"
        );
        assert_eq!(
            visit.mill.all.get(),
            all,
            "{path}: so many grains were ordered, and so many are ground"
        );
    }
}

#[test]
fn bran_waits_for_the_wind() {
    let mut visit = Visit::new();
    visit.get("/bran?grains=60");
    let millis = visit.reactor.handle().now().as_millis();
    assert!(
        (1_000..2_000).contains(&millis),
        "bran waits one second for the wind, and then grinds: {millis} ms"
    );
}

#[test]
fn who_leaves_gets_nothing_ground() {
    let mut visit = Visit::new();
    let (handle, at) = (visit.reactor.handle(), visit.served.address().clone());
    let client = handle.clone();
    let gone = spawn(&handle, async move {
        let stream = Stream::connect(&client, &at).await?;
        stream
            .transport()
            .write("GET /bran?grains=5000 HTTP/1.1\r\nhost: mill\r\n\r\n");
        untwisted::coroutines::sleep(&client, Duration::from_millis(500)).await;
        stream.transport().abort_connection();
        Ok(())
    });
    for _ in 0..2_000 {
        visit.turn();
    }
    drop(gone);
    assert_eq!(
        visit.mill.all.get(),
        0,
        "the client left before the wind came: nothing is ground for it"
    );
}

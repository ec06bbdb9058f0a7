//! What does each side hear at last? You fill in a table of six endings.
use std::{cell::RefCell, io, rc::Rc, time::Duration};
use untwisted::{
    deferreds::Failure,
    reactor::{Reactor, Sim},
    transports::{Address, Factory, Loss, Protocol, Transport, connect, listen},
};

/// Your prediction: what `connection_lost` brings to the server's protocol, and what to the client's.
pub const TABLE: [[&str; 2]; 6] = [
    ["", ""], // ENDINGS[0]
    ["", ""], // ENDINGS[1]
    ["", ""], // ENDINGS[2]
    ["", ""], // ENDINGS[3]
    ["", ""], // ENDINGS[4]
    ["", ""], // ENDINGS[5]
];

/// What one side does when the other one's word has come.
type Act = fn(&Transport) -> Result<(), Failure>;

/// What is special about a run.
#[derive(Clone, Copy)]
pub struct Ending {
    /// The server does this when it has answered.
    server: Act,
    /// The client does this when it has the answer.
    client: Act,
    /// The server's factory builds no protocol.
    builds_none: bool,
    /// The port is closed before the client connects.
    closed: bool,
}

/// Both sides are content, and do nothing more.
const PLAIN: Ending = Ending {
    server: |_| Ok(()),
    client: |_| Ok(()),
    builds_none: false,
    closed: false,
};

/// The six runs.
pub const ENDINGS: [Ending; 6] = [
    Ending {
        server: |transport| {
            transport.lose_connection();
            transport.abort_connection();
            Ok(())
        },
        ..PLAIN
    },
    Ending {
        client: |transport| {
            transport.lose_write_connection();
            Ok(())
        },
        ..PLAIN
    },
    Ending {
        client: |_| Err(Failure::new("I do not understand")),
        ..PLAIN
    },
    Ending {
        builds_none: true,
        ..PLAIN
    },
    Ending {
        closed: true,
        ..PLAIN
    },
    PLAIN,
];

/// The last word that a side hears.
type Heard = Rc<RefCell<String>>;

/// One side of a connection. It has nothing of its own for `peer_closed`.
struct Side {
    first: &'static str,
    answer: &'static str,
    act: Act,
    heard: Heard,
}

impl Protocol for Side {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        transport.write(self.first);
        Ok(())
    }

    fn data_received(&mut self, transport: &Transport, _: &[u8]) -> Result<(), Failure> {
        transport.write(self.answer);
        (self.act)(transport)
    }

    fn connection_lost(&mut self, _: &Transport, why: Loss) {
        let word = match why {
            Loss::Done => "done",
            Loss::Aborted => "aborted",
            Loss::Failed(failure) => match failure.check::<io::Error>() {
                Some(error) if error.kind() == io::ErrorKind::ConnectionReset => "reset",
                Some(_) => "another error",
                None => "own",
            },
        };
        self.heard.borrow_mut().push_str(word);
    }
}

struct Servers(Ending, Heard);

impl Factory for Servers {
    fn build_protocol(&self, _: &Address) -> Option<Box<dyn Protocol>> {
        if self.0.builds_none {
            return None;
        }
        Some(Box::new(Side {
            first: "",
            answer: "hello",
            act: self.0.server,
            heard: Rc::clone(&self.1),
        }))
    }
}

/// One run: ten seconds, and then the reactor is dropped with all that is left. Returns what the server heard, and what the client did.
/// It is not to be changed: run it in your head.
pub fn run(ending: Ending) -> [String; 2] {
    let heard: [Heard; 2] = Default::default();
    let mut reactor = Reactor::new(Sim::new(1));
    let handle = reactor.handle();
    let servers = Rc::new(Servers(ending, Rc::clone(&heard[0])));
    let port = listen(&handle, &Address::loopback(0), servers).expect("a port");
    if ending.closed {
        port.stop_listening();
    }
    let hears = Rc::clone(&heard[1]);
    let client = move |_: &Address| Side {
        first: "anybody there?",
        answer: "",
        act: ending.client,
        heard: Rc::clone(&hears),
    };
    connect(&handle, port.address(), Rc::new(client));
    handle.call_later(Duration::from_secs(10), |handle| {
        handle.stop().expect("it runs");
    });
    reactor.run().expect("it runs until it is stopped");
    drop(reactor);
    heard.map(|heard| match heard.take() {
        word if word.is_empty() => "nothing".to_owned(),
        word => word,
    })
}

//! Lets guests come, talk and go, and looks at what each of them hears.
use chat_rooms::{Chat, guests};
use std::{cell::RefCell, rc::Rc, time::Duration};
use untwisted::{
    deferreds::Failure,
    reactor::{Handle, Reactor, Sim},
    transports::{Address, Port, Protocol, Transport, connect, listen},
};

/// What a client heard, and its connection.
#[derive(Default)]
struct Heard {
    text: String,
    transport: Option<Transport>,
}

type Client = Rc<RefCell<Heard>>;

struct Ears(Client);

impl Protocol for Ears {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        self.0.borrow_mut().transport = Some(transport.clone());
        Ok(())
    }

    fn data_received(&mut self, _: &Transport, data: &[u8]) -> Result<(), Failure> {
        self.0.borrow_mut().text += &String::from_utf8_lossy(data);
        Ok(())
    }
}

struct Talk {
    reactor: Reactor,
    handle: Handle,
    chat: Rc<Chat>,
    port: Port,
}

impl Talk {
    fn new() -> Talk {
        let reactor = Reactor::new(Sim::new(1));
        let (handle, chat) = (reactor.handle(), Chat::new());
        let port = listen(&handle, &Address::loopback(0), guests(&chat)).expect("a port");
        Talk {
            reactor,
            handle,
            chat,
            port,
        }
    }

    /// Lets two seconds pass.
    fn pass(&mut self) {
        let end = self.handle.now() + Duration::from_secs(2);
        self.handle.call_later(Duration::from_secs(2), |_| {});
        while self.handle.now() < end {
            let turned = self.reactor.turn(None);
            turned.expect("there is something to wait for");
        }
    }

    /// A client that is connected and has sent this.
    fn client(&mut self, says: &str) -> Client {
        let client = Client::default();
        let heard = Rc::clone(&client);
        let factory = Rc::new(move |_: &Address| Ears(Rc::clone(&heard)));
        connect(&self.handle, self.port.address(), factory);
        self.pass();
        self.say(&client, says);
        client
    }

    fn say(&mut self, client: &Client, says: &str) {
        of(client).write(says);
        self.pass();
    }
}

fn of(client: &Client) -> Transport {
    let transport = client.borrow().transport.clone();
    transport.expect("it is connected")
}

/// What it has heard since it was last asked.
fn heard(client: &Client) -> String {
    std::mem::take(&mut client.borrow_mut().text)
}

#[test]
fn two_in_a_room() {
    let mut talk = Talk::new();
    let anna = talk.client("join tea anna\n");
    assert_eq!(
        heard(&anna),
        "welcome\n",
        "a guest who joins hears `welcome`, and not the guest itself but all others hear that it joined"
    );
    let ben = talk.client("join tea ben\n");
    assert_eq!(
        (heard(&anna).as_str(), heard(&ben).as_str()),
        ("ben joined\n", "welcome\n"),
        "(anna, ben) ben joins: he hears `welcome`, and all others in that room, not the guest itself, hear `ben joined`"
    );
    talk.say(&ben, "hello\njoin tea anna\n");
    assert_eq!(
        (heard(&anna).as_str(), heard(&ben).as_str()),
        ("ben: hello\nben: join tea anna\n", ""),
        "(anna, ben) ben says two lines, also one that begins with `join`: all others in that room hear them, and not the guest itself"
    );
}

#[test]
fn lines_in_pieces() {
    let mut talk = Talk::new();
    let anna = talk.client("join te");
    talk.say(&anna, "a anna\nfirst");
    let ben = talk.client("join tea ben\n");
    talk.say(&anna, " line\n");
    assert_eq!(
        heard(&ben),
        "welcome\nanna: first line\n",
        "a line may come in pieces, and others may join in between"
    );
}

#[test]
fn two_rooms() {
    let mut talk = Talk::new();
    let anna = talk.client("join tea anna\n");
    let ben = talk.client("join tea ben\n");
    let cleo = talk.client("join books cleo\n");
    assert_eq!(
        talk.chat.rooms(),
        2,
        "(rooms) there are guests in two of them"
    );
    heard(&anna);
    heard(&ben);
    heard(&cleo);
    talk.say(&ben, "milk?\n");
    talk.say(&cleo, "silence\n");
    assert_eq!(
        (
            heard(&anna).as_str(),
            heard(&ben).as_str(),
            heard(&cleo).as_str()
        ),
        ("ben: milk?\n", "", ""),
        "(anna, ben, cleo) ben speaks in the room of anna, and cleo is alone in another: all others in that room hear a line, and no one else"
    );
}

#[test]
fn before_a_guest_has_joined() {
    let mut talk = Talk::new();
    let anna = talk.client("join tea anna\n");
    heard(&anna);
    let ben = talk.client("hello\njoin\njoin tea\njoin tea ben now\n\n");
    assert_eq!(
        (heard(&anna).as_str(), heard(&ben).as_str()),
        (
            "",
            "join first\njoin first\njoin first\njoin first\njoin first\n"
        ),
        "(anna, ben) ben is in no room and has sent five lines, none of them `join ROOM NAME`: he hears `join first` for each, and no one else hears anything"
    );
    talk.say(&ben, "join tea ben\n");
    assert_eq!(heard(&ben), "welcome\n", "then he joins");
}

#[test]
fn a_name_twice() {
    let mut talk = Talk::new();
    let anna = talk.client("join tea anna\n");
    let other = talk.client("join tea anna\n");
    assert_eq!(
        (heard(&anna).as_str(), heard(&other).as_str()),
        ("welcome\n", "taken\n"),
        "(anna, another) a guest whose name is taken hears `taken`, and no one hears that it joined"
    );
    talk.say(&other, "hello\n");
    assert_eq!(
        (heard(&anna).as_str(), heard(&other).as_str()),
        ("", "join first\n"),
        "(anna, another) a guest whose name was taken is in no room"
    );
    talk.say(&other, "join books anna\n");
    assert_eq!(
        heard(&other),
        "welcome\n",
        "the same name may be in another room at the same time"
    );
}

#[test]
fn a_guest_without_a_room_leaves() {
    let mut talk = Talk::new();
    let anna = talk.client("join tea anna\n");
    let other = talk.client("join tea anna\n");
    heard(&anna);
    of(&other).lose_connection();
    talk.pass();
    assert_eq!(
        heard(&anna),
        "",
        "a guest whose name was taken is in no room: when it leaves, no one hears anything"
    );
    let third = talk.client("join tea anna\n");
    assert_eq!(
        heard(&third),
        "taken\n",
        "a guest in no room has left; every name stays taken, that of anna, too"
    );
}

#[test]
fn leaving_in_the_middle() {
    for (how, leave) in [
        (
            "closed its connection in good order",
            (|t| t.lose_connection()) as fn(&Transport),
        ),
        ("aborted its connection", |t| t.abort_connection()),
        ("sent a line of 300 bytes", |t| t.write("x".repeat(300))),
        ("stopped in the middle of a line", |t| {
            t.write("I was about to");
            t.lose_connection();
        }),
    ] {
        let mut talk = Talk::new();
        let anna = talk.client("join tea anna\n");
        let ben = talk.client("join tea ben\n");
        let cleo = talk.client("join books cleo\n");
        heard(&anna);
        heard(&cleo);
        leave(&of(&ben));
        talk.pass();
        assert_eq!(
            (heard(&anna).as_str(), heard(&cleo).as_str()),
            ("ben left\n", ""),
            "(anna, cleo) ben {how}: all others in that room hear `ben left`, and no one else"
        );
        let again = talk.client("join tea ben\n");
        assert_eq!(
            heard(&again),
            "welcome\n",
            "ben {how}, so he has left, and the name is free again"
        );
        talk.say(&again, "back\n");
        assert_eq!(
            heard(&anna),
            "ben joined\nben: back\n",
            "ben {how} and came back: anna hears him once"
        );
        for client in [&anna, &cleo, &again] {
            of(client).lose_connection();
        }
        talk.pass();
        assert_eq!(
            talk.chat.rooms(),
            0,
            "(rooms) all are gone: a room without guests does not stay"
        );
    }
}

//! Lets members come, talk and go in every way, and looks at what the server keeps of them.
use leaks_its_peers::{Room, rooms};
use std::{cell::RefCell, rc::Rc, time::Duration};
use untwisted::{
    deferreds::Failure,
    reactor::{Handle, Reactor, Sim},
    transports::{Address, Port, Protocol, Transport, connect, listen},
};

/// What a guest heard, and its connection.
#[derive(Default)]
struct Heard {
    text: String,
    transport: Option<Transport>,
}

struct Guest(Rc<RefCell<Heard>>);

impl Protocol for Guest {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        self.0.borrow_mut().transport = Some(transport.clone());
        Ok(())
    }

    fn data_received(&mut self, _: &Transport, data: &[u8]) -> Result<(), Failure> {
        self.0.borrow_mut().text += &String::from_utf8_lossy(data);
        Ok(())
    }
}

struct Chat {
    reactor: Reactor,
    handle: Handle,
    room: Rc<Room>,
    port: Port,
}

impl Chat {
    fn new() -> Chat {
        let reactor = Reactor::new(Sim::new(1));
        let (handle, room) = (reactor.handle(), Room::new());
        let port = listen(&handle, &Address::loopback(0), rooms(&room)).expect("a port");
        Chat {
            reactor,
            handle,
            room,
            port,
        }
    }

    /// Guests that are connected.
    fn guests(&mut self, number: usize) -> Vec<Rc<RefCell<Heard>>> {
        let guests: Vec<Rc<RefCell<Heard>>> = (0..number).map(|_| Rc::default()).collect();
        for guest in &guests {
            let heard = Rc::clone(guest);
            let factory = Rc::new(move |_: &Address| Guest(Rc::clone(&heard)));
            connect(&self.handle, self.port.address(), factory);
        }
        self.pass(1);
        guests
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

fn of(guest: &Rc<RefCell<Heard>>) -> Transport {
    let transport = guest.borrow().transport.clone();
    transport.expect("it is connected")
}

#[test]
fn the_chat_works() {
    let mut chat = Chat::new();
    let guests = chat.guests(3);
    assert_eq!(chat.room.members(), 3, "(members) three are connected");
    of(&guests[1]).write("hello");
    chat.pass(5);
    let texts: Vec<String> = guests
        .iter()
        .map(|guest| guest.borrow().text.clone())
        .collect();
    assert_eq!(
        texts,
        ["hello", "", "hello"],
        "what a member sends reaches all others, and not the sender"
    );
    chat.pass(90);
    let signs = guests[1].borrow().text.clone();
    assert_eq!(
        signs, "...",
        "each member hears `.` every 30 s: three times in 96 s"
    );
    of(&guests[0]).lose_connection();
    chat.pass(60);
    assert_eq!(
        guests[1].borrow().text,
        ".....",
        "one member has left, and the others hear `.` as before"
    );
}

#[test]
fn nothing_stays_of_who_has_left() {
    for (how, leave) in [
        (
            "lost its connection in good order",
            (|t| t.lose_connection()) as fn(&Transport),
        ),
        ("aborted its connection", |t| t.abort_connection()),
        ("made its protocol fail", |t| t.write("fail")),
    ] {
        let mut chat = Chat::new();
        let guests = chat.guests(20);
        for guest in &guests {
            leave(&of(guest));
            chat.pass(1);
        }
        chat.pass(5);
        assert_eq!(
            chat.room.members(),
            0,
            "(members) each of 20 {how}, and the room still counts some"
        );
        let room = Rc::downgrade(&chat.room);
        let Chat {
            mut reactor,
            room: own,
            port,
            ..
        } = chat;
        port.stop_listening();
        drop((own, port, guests));
        for _ in 0..5 {
            reactor
                .turn(Some(Duration::ZERO))
                .expect("a turn without a wait");
        }
        assert_eq!(
            reactor.next_deadline(),
            None,
            "each of 20 {how}, and something goes on ticking for one of them"
        );
        assert!(
            room.upgrade().is_none(),
            "each of 20 {how} and the port is closed, and something still holds the room"
        );
    }
}

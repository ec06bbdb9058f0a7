//! A chat with rooms: you write what a guest does.
use std::{cell::RefCell, collections::BTreeMap, rc::Rc};
use untwisted::{
    deferreds::Failure,
    protocols::{Lines, Receiver, Receiving},
    transports::{Address, Factory, Loss, Transport},
};

/// Who is in a room, by name.
type Members = BTreeMap<String, Transport>;

/// All rooms, by name: what the connections share.
#[derive(Default)]
pub struct Chat {
    rooms: RefCell<BTreeMap<String, Members>>,
}

impl Chat {
    /// A chat without rooms.
    pub fn new() -> Rc<Chat> {
        Rc::default()
    }

    /// How many rooms there are.
    pub fn rooms(&self) -> usize {
        self.rooms.borrow().len()
    }
}

/// One connection.
struct Guest {
    chat: Rc<Chat>,
    /// The room it is in, and its name there.
    place: Option<(String, String)>,
}

impl Receiver<Vec<u8>> for Guest {
    fn message_received(&mut self, transport: &Transport, line: Vec<u8>) -> Result<(), Failure> {
        let _ = (&self.chat, &self.place, transport, line);
        todo!("a line has come")
    }

    fn connection_lost(&mut self, _: &Transport, _: Loss) {
        // The connection is gone, in whatever way.
    }
}

/// Builds a guest of the chat for each connection.
pub fn guests(chat: &Rc<Chat>) -> Rc<dyn Factory> {
    let chat = Rc::clone(chat);
    Rc::new(move |_: &Address| {
        let guest = Guest {
            chat: Rc::clone(&chat),
            place: None,
        };
        Receiving::new(Lines::delimited_by(b"\n", 200), guest)
    })
}

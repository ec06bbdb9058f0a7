//! A chat with rooms: a guest who is lost stays in the room.
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

    /// Takes a member in; returns whether the name was free.
    fn join(&self, room: &str, name: &str, transport: &Transport) -> bool {
        let mut rooms = self.rooms.borrow_mut();
        let taken = rooms
            .get(room)
            .is_some_and(|members| members.contains_key(name));
        if !taken {
            let members = rooms.entry(room.to_owned()).or_default();
            members.insert(name.to_owned(), transport.clone());
        }
        !taken
    }

    /// Lets a member go, and a room that is empty.
    fn leave(&self, room: &str, name: &str) {
        let mut rooms = self.rooms.borrow_mut();
        if let Some(members) = rooms.get_mut(room) {
            members.remove(name);
            if members.is_empty() {
                rooms.remove(room);
            }
        }
    }

    /// Writes a line to all in the room but the one of that name.
    fn tell(&self, room: &str, but: &str, line: &str) {
        if let Some(members) = self.rooms.borrow().get(room) {
            for (name, transport) in members {
                if name != but {
                    transport.write(format!("{line}\n"));
                }
            }
        }
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
        let line = String::from_utf8_lossy(&line);
        if let Some((room, name)) = &self.place {
            self.chat.tell(room, name, &format!("{name}: {line}"));
            return Ok(());
        }
        match line.split_whitespace().collect::<Vec<_>>()[..] {
            ["join", room, name] => {
                if self.chat.join(room, name, transport) {
                    transport.write("welcome\n");
                    self.chat.tell(room, name, &format!("{name} joined"));
                    self.place = Some((room.to_owned(), name.to_owned()));
                } else {
                    transport.write("taken\n");
                }
            }
            _ => transport.write("join first\n"),
        }
        Ok(())
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

//! A chat server that keeps the members it has lost: you find out where.
use std::{cell::RefCell, rc::Rc, time::Duration};
use untwisted::{
    deferreds::Failure,
    reactor::LoopingCall,
    transports::{Address, Factory, Protocol, Transport},
};

/// How often each member hears that the server is there.
pub const SIGN_OF_LIFE: Duration = Duration::from_secs(30);

/// Everybody who is connected.
#[derive(Default)]
pub struct Room {
    members: RefCell<Vec<Transport>>,
}

impl Room {
    /// An empty room.
    pub fn new() -> Rc<Room> {
        Rc::default()
    }

    /// How many are connected.
    pub fn members(&self) -> usize {
        self.members.borrow().len()
    }
}

/// One member's connection.
struct Member {
    room: Rc<Room>,
}

impl Protocol for Member {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        self.room.members.borrow_mut().push(transport.clone());
        let hears = transport.clone();
        LoopingCall::start_later(transport.handle(), SIGN_OF_LIFE, move |_, _| {
            hears.write(".")
        });
        Ok(())
    }

    fn data_received(&mut self, transport: &Transport, data: &[u8]) -> Result<(), Failure> {
        if data == b"fail" {
            return Err(Failure::new("a member's protocol may fail"));
        }
        for member in self.room.members.borrow().iter() {
            if !member.is(transport) {
                member.write(data);
            }
        }
        Ok(())
    }
}

/// Builds a member of the room for each connection.
pub fn rooms(room: &Rc<Room>) -> Rc<dyn Factory> {
    let room = Rc::clone(room);
    Rc::new(move |_: &Address| Member {
        room: Rc::clone(&room),
    })
}

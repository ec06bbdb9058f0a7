//! A chat server: what one connection receives is written to the others.
use deferreds::Failure;
use reactor::{Address, Handle, Hold, react};
use std::{cell::RefCell, io, process::ExitCode, rc::Rc, time::Duration};
use trace::say;
use transports::{Factory, Loss, Protocol, Transport, connect, listen};

// ANCHOR: room
/// Everybody who is there. The factory owns it, and hands it to each protocol.
#[derive(Default)]
struct Room {
    members: RefCell<Vec<Transport>>,
}

impl Room {
    fn say(&self, speaker: &Transport, text: &[u8]) {
        for member in self.members.borrow().iter().filter(|m| !m.is(speaker)) {
            member.write(text);
        }
    }
}

struct Rooms(Rc<Room>);

impl Factory for Rooms {
    fn build_protocol(&self, _: &Address) -> Option<Box<dyn Protocol>> {
        Some(Box::new(Member(Rc::clone(&self.0))))
    }
}
// ANCHOR_END: room

// ANCHOR: member
struct Member(Rc<Room>);

impl Protocol for Member {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        self.0.members.borrow_mut().push(transport.clone());
        Ok(())
    }

    fn data_received(&mut self, transport: &Transport, data: &[u8]) -> Result<(), Failure> {
        self.0.say(transport, data);
        Ok(())
    }

    fn connection_lost(&mut self, transport: &Transport, _: Loss) {
        self.0.members.borrow_mut().retain(|m| !m.is(transport));
    }
}
// ANCHOR_END: member

/// Says one thing at its time, and leaves later.
struct Guest {
    name: &'static str,
    after: u64,
    _done: Hold,
}

impl Protocol for Guest {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        let (name, speaks, leaves) = (self.name, transport.clone(), transport.clone());
        let handle = transport.handle();
        handle.call_later(Duration::from_millis(self.after), move |_| {
            speaks.write(format!("{name} is here"));
        });
        handle.call_later(Duration::from_millis(100), move |_| {
            leaves.lose_connection()
        });
        Ok(())
    }

    fn data_received(&mut self, _: &Transport, data: &[u8]) -> Result<(), Failure> {
        say!("{} hears: {}", self.name, String::from_utf8_lossy(data));
        Ok(())
    }
}

fn main() -> ExitCode {
    react(|reactor: &Handle, done| {
        let rooms = Rc::new(Rooms(Rc::default()));
        let port = trace::host("server", || listen(reactor, &Address::loopback(0), rooms))?;
        for (name, after) in [("Emily", 10), ("Robert", 20), ("Christina", 30)] {
            let _done = done.clone();
            let guest = move |_: &Address| Guest {
                name,
                after,
                _done: _done.clone(),
            };
            connect(reactor, port.address(), Rc::new(guest));
        }
        Ok::<(), io::Error>(())
    })
}

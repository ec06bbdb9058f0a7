//! Finger: a name in, what is said of that person out.
use deferreds::Failure;
use protocols::{Lines, Receiver, Receiving};
use reactor::Handle;
use std::collections::BTreeMap;
use std::rc::Rc;
use transports::{Address, Port, Transport, listen};

/// Who is known, and what is said of them. No connection, no bytes.
pub struct Users(BTreeMap<String, String>);

impl Users {
    /// From lines such as `emily: Hope is the thing with feathers`.
    pub fn parse(text: &str) -> Users {
        let lines = text.lines().filter_map(|line| line.split_once(':'));
        Users(
            lines
                .map(|(name, about)| (name.trim().into(), about.trim().into()))
                .collect(),
        )
    }

    pub fn about(&self, name: &str) -> String {
        let about = self.0.get(name).cloned();
        about.unwrap_or_else(|| "No such user".to_owned())
    }
}

struct Finger {
    users: Rc<Users>,
}

impl Receiver<Vec<u8>> for Finger {
    fn message_received(&mut self, transport: &Transport, line: Vec<u8>) -> Result<(), Failure> {
        let name = String::from_utf8_lossy(&line).trim().to_owned();
        let about = self.users.about(&name);
        transport.write(format!("{about}\r\n"));
        transport.lose_connection();
        Ok(())
    }
}

pub fn serve(reactor: &Handle, users: Users) -> Result<Port, Failure> {
    let users = Rc::new(users);
    let factory = Rc::new(move |_: &Address| {
        let users = users.clone();
        Receiving::new(Lines::new(100), Finger { users })
    });
    Ok(listen(reactor, &Address::loopback(79), factory)?)
}

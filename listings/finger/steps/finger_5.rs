//! Finger: a name in, what is said of that person out.
use deferreds::Failure;
use protocols::{Lines, Receiver, Receiving};
use reactor::Handle;
use std::rc::Rc;
use transports::{Address, Port, Transport, listen};

struct Finger;

impl Receiver<Vec<u8>> for Finger {
    fn message_received(&mut self, transport: &Transport, line: Vec<u8>) -> Result<(), Failure> {
        let name = String::from_utf8_lossy(&line).trim().to_owned();
        let about = match name.as_str() {
            "emily" => "Hope is the thing with feathers",
            "christina" => "Who has seen the wind?",
            _ => "No such user",
        };
        transport.write(format!("{about}\r\n"));
        transport.lose_connection();
        Ok(())
    }
}

pub fn serve(reactor: &Handle) -> Result<Port, Failure> {
    let factory = Rc::new(|_: &Address| Receiving::new(Lines::new(100), Finger));
    Ok(listen(reactor, &Address::loopback(79), factory)?)
}

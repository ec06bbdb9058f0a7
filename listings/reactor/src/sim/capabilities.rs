//! How a simulated world does what not every world can: datagrams, names, signals, standard input and
//! output.
use super::{Sim, event_queue::Event};
use crate::{
    Address, Datagrams, Found, Id, Job, Names, Signal, Signals, StandardIo, StandardStream,
};
use std::{io, net::IpAddr};

impl Datagrams for Sim {
    fn bind(&mut self, at: &Address, reuse: bool) -> io::Result<Id> {
        self.network.bind(at, reuse)
    }

    fn set_peer(&mut self, socket: Id, peer: &Address) -> io::Result<()> {
        self.network.set_peer(socket, peer)
    }

    fn send(&mut self, socket: Id, datagram: &[u8], to: Option<&Address>) -> io::Result<()> {
        self.network.send_datagram(socket, datagram, to)
    }

    fn receive(&mut self, socket: Id, buffer: &mut [u8]) -> io::Result<(usize, Address)> {
        self.network.receive(socket, buffer)
    }
}

impl StandardIo for Sim {
    fn open(&mut self, which: StandardStream) -> io::Result<Id> {
        self.network.open_standard(which)
    }
}

impl Signals for Sim {
    fn watch(&mut self, which: &[Signal]) -> io::Result<Id> {
        self.network.signals(which)
    }

    fn next(&mut self, signals: Id) -> io::Result<Signal> {
        self.network.next_signal(signals)
    }
}

impl Names for Sim {
    fn look_up(&mut self, name: &str, found: Found) {
        let there_and_back = self.network.knobs.latency * 2;
        let answer = match name.parse::<IpAddr>() {
            Ok(address) => Ok(vec![address]),
            Err(_) => match self.names.get(&name.to_ascii_lowercase()) {
                Some(addresses) => Ok(addresses.clone()),
                None => Err(io::Error::new(
                    io::ErrorKind::NotFound,
                    format!("no host is called {name}"),
                )),
            },
        };
        let job: Job = Box::new(move || found(answer));
        let at = self.network.now + there_and_back;
        self.network.events.add(at, Event::Job(job));
    }
}

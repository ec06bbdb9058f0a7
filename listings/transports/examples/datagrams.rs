//! A quote for every datagram, and what happens to one that no program receives.
use deferreds::Failure;
use reactor::{Address, Handle, Hold, react};
use std::{io, process::ExitCode, time::Duration};
use trace::say;
use transports::{DatagramPort, DatagramProtocol, Loss, listen_datagrams};

// ANCHOR: server
/// Answers every datagram with a line.
struct Quotes;

impl DatagramProtocol for Quotes {
    fn datagram_received(
        &mut self,
        port: &DatagramPort,
        datagram: &[u8],
        from: &Address,
    ) -> Result<(), Failure> {
        say!("server: {}", String::from_utf8_lossy(datagram));
        port.send_to("Old Time is still a-flying", from)?;
        Ok(())
    }
}
// ANCHOR_END: server

// ANCHOR: client
/// Asks at a port that is closed, and then at one that is open.
struct Client {
    server: Address,
    done: Option<Hold>,
}

impl DatagramProtocol for Client {
    fn send_failed(&mut self, port: &DatagramPort, why: io::Error) {
        say!("client: {}", why.kind());
        let sent = port
            .set_peer(&self.server)
            .and_then(|()| port.send("A quote, please"));
        if let Err(error) = sent {
            say!("client: {error}");
        }
    }

    fn datagram_received(
        &mut self,
        port: &DatagramPort,
        datagram: &[u8],
        _: &Address,
    ) -> Result<(), Failure> {
        say!("client: {}", String::from_utf8_lossy(datagram));
        port.stop_listening();
        Ok(())
    }

    fn stopped(&mut self, _: &DatagramPort, why: Loss) {
        say!("client: {why}");
        drop(self.done.take());
    }
}
// ANCHOR_END: client

// ANCHOR: main
fn main() -> ExitCode {
    react(|reactor: &Handle, done| {
        let (server, gone) = trace::host("server", || {
            let server = listen_datagrams(reactor, &Address::loopback(0), Box::new(Quotes))?;
            let nobody = listen_datagrams(reactor, &Address::loopback(0), Box::new(Quotes))?;
            let addresses = (server.address()?, nobody.address()?);
            nobody.stop_listening();
            Ok::<_, io::Error>(addresses)
        })?;
        trace::host("client", || {
            let done = Some(done);
            let client = Box::new(Client { server, done });
            let client = listen_datagrams(reactor, &Address::loopback(0), client)?;
            client.set_peer(&gone)?;
            reactor.call_later(Duration::from_millis(10), move |_| {
                let sent = client.send("Anybody?");
                say!("client: sends to nobody: {}", sent.is_ok());
            });
            Ok::<(), io::Error>(())
        })
    })
}
// ANCHOR_END: main

//! A client service whose server comes late, goes, and comes again.
use applications::{Backoff, ClientEndpoint, ClientService, Service};
use deferreds::Failure;
use reactor::{Handle, react};
use std::{process::ExitCode, rc::Rc, time::Duration};
use trace::say;
use transports::{Address, Loss, Protocol, Transport, listen};

/// Says when its connection comes and goes.
struct Says;

impl Protocol for Says {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        say!("{:.1}: connected", transport.handle().now());
        Ok(())
    }
    fn data_received(&mut self, _: &Transport, _: &[u8]) -> Result<(), Failure> {
        Ok(())
    }
    fn connection_lost(&mut self, transport: &Transport, why: Loss) {
        say!("{:.1}: {why}", transport.handle().now());
    }
}

// ANCHOR: main
fn main() -> ExitCode {
    react(|reactor, done| {
        let endpoint: ClientEndpoint = "tcp:127.0.0.1:4080".parse()?;
        let backoff = Backoff {
            jitter: 0.0, // so that the times below are round
            ..Backoff::default()
        };
        let says = Rc::new(|_: &Address| Says);
        let client = ClientService::with_backoff("client", endpoint, says, backoff);
        client.start(reactor)?;
        at(reactor, 5, serve);
        let stops = client.clone();
        at(reactor, 10, move |reactor| {
            say!("{:.1}: {:?}", reactor.now(), stops.state());
            stops.stop(reactor).on_result(move |_| drop(done));
        });
        Ok::<(), Failure>(())
    })
}

/// A server that lets go of its first client.
fn serve(reactor: &Handle) {
    say!("{:.1}: the server is there", reactor.now());
    let lets_go = Rc::new(|_: &Address| LetsGo);
    listen(reactor, &Address::loopback(4080), lets_go).expect("the port is free");
}
// ANCHOR_END: main

fn at(reactor: &Handle, second: u64, call: impl FnOnce(&Handle) + 'static) {
    reactor.call_later(Duration::from_secs(second), call);
}

struct LetsGo;

impl Protocol for LetsGo {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        // Only the one that comes before the ninth second.
        if transport.handle().now().as_millis() < 8_000 {
            let gone = transport.clone();
            at(transport.handle(), 1, move |_| gone.lose_connection());
        }
        Ok(())
    }
    fn data_received(&mut self, _: &Transport, _: &[u8]) -> Result<(), Failure> {
        Ok(())
    }
}

//! A lost cable: nothing comes any more, and no error says so. A timer of your own does.
use deferreds::Failure;
use reactor::{Address, DelayedCall, Reactor, Sim};
use std::{error::Error, rc::Rc, time::Duration};
use trace::say;
use transports::{Loss, Protocol, Transport, connect, listen};

/// The peer speaks twice a second.
const BEAT: Duration = Duration::from_millis(500);
const PATIENCE: Duration = Duration::from_secs(3);

struct Heart;

impl Protocol for Heart {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        beat(transport.clone());
        Ok(())
    }

    fn data_received(&mut self, _: &Transport, _: &[u8]) -> Result<(), Failure> {
        Ok(())
    }
}

fn beat(transport: Transport) {
    if !transport.is_lost() {
        transport.write("beat ");
        let handle = transport.handle().clone();
        handle.call_later(BEAT, move |_| beat(transport));
    }
}

// ANCHOR: watch
/// Aborts the connection when it was silent for three seconds.
struct Watch {
    alarm: Option<DelayedCall>,
}

impl Protocol for Watch {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        let silent = transport.clone();
        let handle = transport.handle();
        self.alarm = Some(handle.call_later(PATIENCE, move |h| {
            say!("{:.1}: silent for {PATIENCE:?}", h.now());
            silent.abort_connection();
        }));
        Ok(())
    }

    fn data_received(&mut self, transport: &Transport, _: &[u8]) -> Result<(), Failure> {
        say!("{:.1}: a beat", transport.handle().now());
        if let Some(alarm) = &self.alarm {
            alarm.reset(PATIENCE)?;
        }
        Ok(())
    }

    fn connection_lost(&mut self, transport: &Transport, why: Loss) {
        say!("{:.1}: {why}", transport.handle().now());
        let _ = transport.handle().stop();
    }
}
// ANCHOR_END: watch

// ANCHOR: main
/// In the simulated world, always: after 2.2 seconds nothing arrives any more, in neither
/// direction.
fn main() -> Result<(), Box<dyn Error>> {
    let mut reactor = Reactor::new(Sim::parse("1,partition=2200ms")?);
    let handle = reactor.handle();
    let port = listen(&handle, &Address::loopback(0), Rc::new(|_: &Address| Heart))?;
    let watch = |_: &Address| Watch { alarm: None };
    connect(&handle, port.address(), Rc::new(watch));
    Ok(reactor.run()?)
}
// ANCHOR_END: main

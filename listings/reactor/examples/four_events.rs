//! The four events: accepted, data arrived, time passed, dropped.
use reactor::{Address, Handle, Id, Reactor, Readiness, Source};
use std::{io, rc::Rc, time::Duration};
use trace::say;

// ANCHOR: sources
struct Listener(Id);

impl Source for Listener {
    fn ready(self: Rc<Self>, reactor: &Handle, _: Readiness) {
        while let Ok((stream, _peer)) = reactor.accept(self.0) {
            say!("a connection was accepted");
            reactor.register(stream, Rc::new(Connection(stream)));
        }
    }
}

struct Connection(Id);

impl Source for Connection {
    fn ready(self: Rc<Self>, reactor: &Handle, _: Readiness) {
        let mut bytes = [0; 64];
        while let Ok(n) = reactor.read(self.0, &mut bytes) {
            if n == 0 {
                say!("the connection was dropped");
                reactor.close(self.0, false);
                let _ = reactor.stop();
                break;
            }
            say!("data arrived: {n} bytes");
        }
    }
}
// ANCHOR_END: sources

fn main() -> io::Result<()> {
    let mut reactor = Reactor::from_env()?;
    let handle = reactor.handle();

    // ANCHOR: main
    let listener = handle.listen(&Address::loopback(0))?;
    handle.register(listener, Rc::new(Listener(listener)));
    handle.call_later(Duration::from_millis(300), |_| say!("time passed"));
    // ANCHOR_END: main

    let address = handle.local_address(listener)?;
    trace::host("peer", || talk(&handle, &address))?;
    Ok(reactor.run()?)
}

/// The other side: it connects, speaks after 0.2 s and hangs up after 0.4 s.
fn talk(reactor: &Handle, to: &Address) -> io::Result<()> {
    let stream = reactor.connect(to)?;
    reactor.call_later(Duration::from_millis(200), move |reactor| {
        reactor
            .write(stream, b"good morning")
            .expect("the connection is made");
    });
    reactor.call_later(Duration::from_millis(400), move |reactor| {
        reactor.close(stream, false)
    });
    Ok(())
}

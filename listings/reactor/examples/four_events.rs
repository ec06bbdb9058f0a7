//! The four events: accepted, data arrived, time passed, dropped.
use reactor::{Address, Handle, Id, Reactor, Readiness, Source};
use std::{
    io::{self, ErrorKind},
    rc::Rc,
    time::Duration,
};
use trace::say;

// ANCHOR: sources
struct Listener;

impl Source for Listener {
    fn ready(self: Rc<Self>, reactor: &Handle, listener: Id, _: Readiness) {
        while let Ok((stream, _peer)) = reactor.accept(listener) {
            say!("a connection was accepted");
            reactor.register(stream, Rc::new(Connection));
        }
    }
}

struct Connection;

impl Source for Connection {
    fn ready(self: Rc<Self>, reactor: &Handle, stream: Id, _: Readiness) {
        let mut bytes = [0; 64];
        loop {
            match reactor.read(stream, &mut bytes) {
                Ok(0) => break, // the end of the stream
                Ok(n) => say!("data arrived: {n} bytes"),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(_) => break, // lost
            }
        }
        say!("the connection was dropped");
        reactor.close(stream, false);
        let _ = reactor.stop();
    }
}
// ANCHOR_END: sources

fn main() -> io::Result<()> {
    let mut reactor = Reactor::from_env()?;
    let handle = reactor.handle();

    // ANCHOR: main
    let listener = handle.listen(&Address::loopback(0))?;
    handle.register(listener, Rc::new(Listener));
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

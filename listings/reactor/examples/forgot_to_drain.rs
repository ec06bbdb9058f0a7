//! Panics: a source that reads once for each event misses the rest.
use reactor::{Address, Handle, Id, Reactor, Readiness, Sim, Source};
use std::{io::ErrorKind, rc::Rc, time::Duration};
use trace::say;

// ANCHOR: reader
struct Reader;

impl Source for Reader {
    fn ready(self: Rc<Self>, reactor: &Handle, stream: Id, _: Readiness) {
        let mut bytes = [0; 16];
        match reactor.read(stream, &mut bytes) {
            Ok(0) => {
                let _ = reactor.stop();
            }
            Ok(n) => say!("read {:?}", String::from_utf8_lossy(&bytes[..n])),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => reactor.fail(error),
        }
    }
}
// ANCHOR_END: reader

struct Listener;

impl Source for Listener {
    fn ready(self: Rc<Self>, reactor: &Handle, listener: Id, _: Readiness) {
        while let Ok((stream, _)) = reactor.accept(listener) {
            reactor.register(stream, Rc::new(Reader));
        }
    }
}

fn main() {
    let mut reactor = Reactor::new(Sim::new(1));
    let handle = reactor.handle();
    let listener = handle.listen(&Address::loopback(4080)).unwrap();
    handle.register(listener, Rc::new(Listener));

    // ANCHOR: peer
    let peer = handle.connect(&Address::loopback(4080)).unwrap();
    handle.call_later(Duration::from_millis(100), move |reactor| {
        reactor.write(peer, b"Tyger Tyger, burning bright").unwrap();
    });
    // ANCHOR_END: peer
    if let Err(error) = reactor.run() {
        panic!("{error}");
    }
}

//! One turn by hand: which callback runs in which turn, and in which phase.
use reactor::{Address, Handle, Id, Reactor, Readiness, Source};
use std::{io, rc::Rc, time::Duration};
use trace::say;

struct Listener;

impl Source for Listener {
    fn ready(self: Rc<Self>, reactor: &Handle, listener: Id, _: Readiness) {
        say!("  d, a source: somebody connected");
        reactor.close(listener, false);
        let _ = reactor.stop();
    }
}

fn main() -> io::Result<()> {
    let mut reactor = Reactor::from_env()?;
    let handle = reactor.handle();
    let listener = handle.listen(&Address::loopback(0))?;
    let address = handle.local_address(listener)?;
    handle.register(listener, Rc::new(Listener));

    // ANCHOR: calls
    handle.call_later(Duration::ZERO, |_| say!("  c, a timer: it was due at once"));
    handle.call_soon(|_| say!("  a, a call"));
    handle.call_soon(move |reactor| {
        say!("  b, a call: it queues f");
        reactor.call_soon(move |reactor| {
            say!("  f, a call: it connects");
            reactor.connect(&address).expect("the listener is there");
        });
    });

    let mut turn = 0;
    while !reactor.has_stopped() {
        turn += 1;
        say!("turn {turn}");
        reactor.turn(None)?;
    }
    // ANCHOR_END: calls
    Ok(())
}

//! The peer is killed with SIGKILL in the middle of a poem. What does its connection say?
use deferreds::Failure;
use reactor::{Address, Handle, Hold, Os, Reactor, react};
use std::{
    cell::{Cell, RefCell},
    env, io,
    process::{Child, Command, ExitCode},
    rc::Rc,
};
use trace::say;
use transports::{Loss, Protocol, Transport, connect, listen};

/// The child: sends half a poem, and then does nothing.
struct Half;

impl Protocol for Half {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        transport.write("Gather ye rosebuds ");
        Ok(())
    }

    fn data_received(&mut self, _: &Transport, _: &[u8]) -> Result<(), Failure> {
        Ok(())
    }
}

// ANCHOR: reader
/// The parent: kills the child when half a poem is there.
struct Reader {
    child: Rc<RefCell<Option<Child>>>,
    _done: Option<Hold>,
}

impl Protocol for Reader {
    fn data_received(&mut self, _: &Transport, data: &[u8]) -> Result<(), Failure> {
        say!("received: {}", String::from_utf8_lossy(data));
        if let Some(mut child) = self.child.take() {
            child.kill()?; // SIGKILL: no destructor runs, no farewell is sent
            child.wait()?;
            say!("the peer is dead");
        }
        Ok(())
    }

    fn peer_closed(&mut self, transport: &Transport) {
        say!("the peer sends no more");
        transport.lose_connection();
    }

    fn connection_lost(&mut self, _: &Transport, why: Loss) {
        say!("{why}");
    }
}
// ANCHOR_END: reader

fn main() -> ExitCode {
    if let Some(port) = env::args().nth(1) {
        return child(port.parse().unwrap_or_default());
    }
    react(|reactor: &Handle, done| {
        let child = Rc::new(RefCell::new(None));
        let done = Cell::new(Some(done));
        let started = Rc::clone(&child);
        let reader = move |_: &Address| Reader {
            child: Rc::clone(&child),
            _done: done.take(),
        };
        let port = listen(reactor, &Address::loopback(0), Rc::new(reader))?;
        let number = port.address().port().unwrap_or_default();
        let itself = Command::new(env::current_exe()?)
            .arg(number.to_string())
            .spawn()?;
        *started.borrow_mut() = Some(itself);
        Ok::<(), io::Error>(())
    })
}

fn child(port: u16) -> ExitCode {
    let Ok(os) = Os::new() else {
        return ExitCode::FAILURE;
    };
    let mut reactor = Reactor::new(os);
    connect(
        &reactor.handle(),
        &Address::loopback(port),
        Rc::new(|_: &Address| Half),
    );
    match reactor.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

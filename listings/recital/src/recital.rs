//! The slow poetry server on the reactor: one listener for each poem, a timer for each pause.
//!
//! The same options as the blocking [`poetry::Server`], and the same [`Reciter`] behind it. It runs
//! in a simulated world, too, so a client and its servers can be one program in which no time
//! passes.
use poetry::{Options, Poem, Reciter, Step};
use reactor::{Address, DelayedCall, Handle, Id, Readiness, Ready, Source};
use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    io::{self, ErrorKind},
    rc::{Rc, Weak},
};

/// Servers that recite, until they are stopped or the reactor is dropped. Dropping this stops
/// nothing.
///
/// ```
/// use poetry::Options;
/// use reactor::{Reactor, Sim};
/// use recital::Recital;
///
/// let reactor = Reactor::new(Sim::new(1));
/// let recital = Recital::start(&reactor.handle(), Options::default())?;
/// println!("the poem is at {}", recital.addresses()[0]);
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Recital {
    addresses: Vec<Address>,
    listeners: Vec<Rc<Listener>>,
}

impl Recital {
    /// Opens one port of 127.0.0.1 for each poem.
    ///
    /// In a recording the servers are hosts of their own: `server` if there is one poem, else each
    /// has the name of its poem.
    ///
    /// # Errors
    /// When a port cannot be opened. Nothing is left open then.
    pub fn start(reactor: &Handle, options: Options) -> io::Result<Recital> {
        let mut recital = Recital {
            addresses: Vec::new(),
            listeners: Vec::new(),
        };
        let options = Rc::new(options);
        for (at, poem) in options.poems.iter().enumerate() {
            let port = match options.port {
                0 => 0,
                first => u16::try_from(at)
                    .ok()
                    .and_then(|at| first.checked_add(at))
                    .ok_or_else(|| io::Error::new(ErrorKind::InvalidInput, "ports end at 65535"))?,
            };
            // The names of the lanes in a diagram.
            let name = if options.poems.len() == 1 {
                "server"
            } else {
                poem.name
            };
            let opened = trace::host(name, || Listener::open(reactor, port, poem, &options));
            match opened {
                Ok((listener, address)) => {
                    recital.listeners.push(listener);
                    recital.addresses.push(address);
                }
                Err(error) => {
                    recital.stop(reactor);
                    return Err(error);
                }
            }
        }
        Ok(recital)
    }

    /// Returns where each poem is, in the order of the options.
    pub fn addresses(&self) -> &[Address] {
        &self.addresses
    }

    /// Ends every recital and closes the ports.
    pub fn stop(&self, reactor: &Handle) {
        for listener in &self.listeners {
            reactor.close(listener.id, false);
            for (_, recitation) in listener.open.take() {
                recitation.end(reactor, false);
            }
        }
    }
}

/// One poem's port.
struct Listener {
    id: Id,
    poem: &'static Poem,
    options: Rc<Options>,
    /// The recitals that go on, by the number of their connection.
    open: RefCell<BTreeMap<u64, Rc<Recitation>>>,
    next: Cell<u64>,
}

impl Listener {
    fn open(
        reactor: &Handle,
        port: u16,
        poem: &'static Poem,
        options: &Rc<Options>,
    ) -> io::Result<(Rc<Listener>, Address)> {
        let id = reactor.listen(&Address::loopback(port))?;
        let listener = Rc::new(Listener {
            id,
            poem,
            options: Rc::clone(options),
            open: RefCell::default(),
            next: Cell::new(0),
        });
        reactor.register(id, listener.clone());
        Ok((listener, reactor.local_address(id)?))
    }

    /// Takes all who wait, up to the limit. The others wait until a recital ends.
    fn accept(self: &Rc<Self>, reactor: &Handle) {
        while self.open.borrow().len() < self.options.most.max(1) {
            let id = match reactor.accept(self.id) {
                Ok((id, _)) => id,
                // After an error, such as being out of descriptors, the world announces those who
                // wait again.
                Err(_) => return,
            };
            let number = self.next.get();
            self.next.set(number + 1);
            let recitation = Rc::new(Recitation {
                id,
                number,
                reciter: RefCell::new(Reciter::new(
                    self.poem,
                    self.options.pace,
                    self.options.fault,
                )),
                pause: RefCell::new(None),
                listener: Rc::downgrade(self),
            });
            self.open.borrow_mut().insert(number, recitation.clone());
            reactor.register(id, recitation.clone());
        }
    }
}

impl Source for Listener {
    fn ready(self: Rc<Self>, reactor: &Handle, _: Id, _: Readiness) {
        self.accept(reactor);
    }
}

/// One poem on its way to one client.
struct Recitation {
    id: Id,
    number: u64,
    reciter: RefCell<Reciter>,
    pause: RefCell<Option<DelayedCall>>,
    listener: Weak<Listener>,
}

impl Recitation {
    // ANCHOR: go_on
    /// Does what the reciter says until that takes time.
    fn go_on(self: &Rc<Self>, reactor: &Handle) {
        while self.pause.borrow().is_none() {
            let step = self.reciter.borrow().step();
            match step {
                Step::Send(bytes) => match reactor.write(self.id, bytes) {
                    Ok(count) => self.reciter.borrow_mut().sent(count),
                    Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                    Err(_) => return self.end(reactor, false),
                },
                Step::Pause(pause) => {
                    // The loop ends here: a pause that is set is what its condition looks for.
                    let recitation = Rc::clone(self);
                    let call = reactor.call_later(pause, move |reactor| {
                        *recitation.pause.borrow_mut() = None;
                        recitation.reciter.borrow_mut().paused();
                        recitation.go_on(reactor);
                    });
                    *self.pause.borrow_mut() = Some(call);
                }
                Step::Stall => return,
                Step::Close => return self.end(reactor, false),
                Step::Reset => return self.end(reactor, true),
            }
        }
    }
    // ANCHOR_END: go_on

    /// Clients say nothing. But they may leave before the end, or talk without one: so there is one
    /// read a turn.
    fn has_left(&self, reactor: &Handle, what: Readiness) -> bool {
        let mut nothing = [0; 4096];
        match reactor.read(self.id, &mut nothing) {
            // The client is gone: a write says why.
            Ok(0) if what.write_closed => reactor.write(self.id, &[]).is_err(),
            // A client that only says that it will not write can still listen, unless there is
            // nothing more to hear.
            Ok(0) => self.reciter.borrow().step() == Step::Stall,
            Ok(count) => {
                if count == nothing.len() || what.read_closed {
                    let (id, write) = (self.id, false);
                    let what = Readiness { write, ..what };
                    reactor.again(Ready { id, what });
                }
                false
            }
            Err(error) => error.kind() != ErrorKind::WouldBlock,
        }
    }

    /// Closes the connection, and accepts the next client in its place.
    fn end(&self, reactor: &Handle, reset: bool) {
        reactor.close(self.id, reset);
        if let Some(pause) = self.pause.take() {
            // It may be the one that just ran.
            let _ = pause.cancel();
        }
        if let Some(listener) = self.listener.upgrade() {
            let ended = listener.open.borrow_mut().remove(&self.number);
            drop(ended);
            // A client may have waited for this place, and was announced long ago.
            listener.accept(reactor);
        }
    }
}

impl Source for Recitation {
    fn ready(self: Rc<Self>, reactor: &Handle, _: Id, what: Readiness) {
        if what.read && self.has_left(reactor, what) {
            return self.end(reactor, false);
        }
        if what.write {
            self.go_on(reactor);
        }
    }
}

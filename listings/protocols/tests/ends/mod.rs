//! A simulated world, and ends of connections that write down what they hear.
#![allow(dead_code, reason = "each test uses a part")]
use deferreds::Failure;
use reactor::{Address, Handle, Reactor, Sim};
use std::{cell::RefCell, rc::Rc, time::Duration};
use transports::{Factory, Loss, Protocol, Transport, connect, listen};

/// What one end of a connection has heard.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) received: Vec<u8>,
    pub(crate) ended: bool,
    pub(crate) lost: Option<String>,
    pub(crate) transport: Option<Transport>,
}

/// An end, and how it begins.
#[derive(Clone)]
pub(crate) struct End(pub(crate) Rc<RefCell<Seen>>, pub(crate) fn(&Transport));

impl End {
    pub(crate) fn new(begins: fn(&Transport)) -> End {
        End(Rc::default(), begins)
    }

    pub(crate) fn transport(&self) -> Transport {
        self.0.borrow().transport.clone().expect("it is connected")
    }

    pub(crate) fn lost(&self) -> String {
        self.0.borrow().lost.clone().unwrap_or_default()
    }

    pub(crate) fn received(&self) -> usize {
        self.0.borrow().received.len()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.borrow().received).into_owned()
    }
}

impl Protocol for End {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        self.0.borrow_mut().transport = Some(transport.clone());
        (self.1)(transport);
        Ok(())
    }

    fn data_received(&mut self, _: &Transport, data: &[u8]) -> Result<(), Failure> {
        self.0.borrow_mut().received.extend(data);
        if data == b"fail" {
            return Err(Failure::new("as asked"));
        }
        Ok(())
    }

    /// The opposite direction goes on.
    fn peer_closed(&mut self, _: &Transport) {
        self.0.borrow_mut().ended = true;
    }

    fn connection_lost(&mut self, _: &Transport, why: Loss) {
        let before = self.0.borrow_mut().lost.replace(why.to_string());
        assert_eq!(before, None, "lost once");
    }
}

pub(crate) fn nothing(_: &Transport) {}

pub(crate) struct World {
    pub(crate) reactor: Reactor,
    pub(crate) handle: Handle,
}

impl World {
    pub(crate) fn new(world: &str) -> World {
        let reactor = Reactor::new(Sim::parse(world).unwrap());
        let handle = reactor.handle();
        World { reactor, handle }
    }

    pub(crate) fn listen(&self, factory: Rc<dyn Factory>) -> Address {
        let port = listen(&self.handle, &Address::loopback(0), factory).unwrap();
        port.address().clone()
    }

    /// A server whose only connection is this end.
    pub(crate) fn serve(&self, end: &End) -> Address {
        let end = end.clone();
        self.listen(Rc::new(move |_: &Address| end.clone()))
    }

    pub(crate) fn connect(&self, to: &Address, begins: fn(&Transport)) -> End {
        let end = End::new(begins);
        let built = end.clone();
        connect(&self.handle, to, Rc::new(move |_: &Address| built.clone()));
        end
    }

    /// Lets so many milliseconds pass.
    pub(crate) fn pass(&mut self, millis: u64) {
        let end = self.handle.now() + Duration::from_millis(millis);
        self.handle
            .call_later(Duration::from_millis(millis), |_| {});
        while self.handle.now() < end {
            self.reactor.turn(None).unwrap();
        }
    }

    /// Whether a timer is left.
    pub(crate) fn has_timer(&mut self) -> bool {
        for _ in 0..3 {
            self.reactor.turn(Some(Duration::ZERO)).unwrap();
        }
        self.reactor.next_deadline().is_some()
    }
}

//! Two sides of a connection that write down what happens to them, in the simulated world and in
//! the real one.
#![allow(dead_code, reason = "each test uses a part")]
use deferreds::Failure;
use reactor::{Address, Handle, Os, Reactor, Sim};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};
use transports::{Connector, Factory, Loss, Port, Protocol, Transport, connect, listen};

type OnMade = Box<dyn FnMut(&Transport) -> Result<(), Failure>>;
type OnData = Box<dyn FnMut(&Transport, &[u8]) -> Result<(), Failure>>;
type On = Box<dyn FnMut(&Transport)>;
type OnLost = Box<dyn FnMut(&Transport, &Loss)>;

/// A factory that builds one protocol after the other. Each writes down what it hears, and does
/// what it was told to.
#[derive(Clone, Default)]
pub(crate) struct Probe(Rc<State>);

#[derive(Default)]
struct State {
    log: RefCell<Vec<String>>,
    data: RefCell<Vec<u8>>,
    largest: Cell<usize>,
    transports: RefCell<Vec<Transport>>,
    losses: RefCell<Vec<Loss>>,
    failed: RefCell<Vec<Failure>>,
    built: Cell<usize>,
    dropped: Cell<usize>,
    refuses: Cell<bool>,
    half_open: Cell<bool>,
    inside: Cell<bool>,
    on_made: RefCell<Option<OnMade>>,
    on_data: RefCell<Option<OnData>>,
    on_drained: RefCell<Option<On>>,
    on_peer_closed: RefCell<Option<On>>,
    on_lost: RefCell<Option<OnLost>>,
}

impl Probe {
    pub(crate) fn new() -> Probe {
        Probe::default()
    }

    /// Sends everything back.
    pub(crate) fn echo() -> Probe {
        Probe::new().on_data(|t, data| {
            t.write(data);
            Ok(())
        })
    }

    pub(crate) fn on_made(
        self,
        f: impl FnMut(&Transport) -> Result<(), Failure> + 'static,
    ) -> Probe {
        *self.0.on_made.borrow_mut() = Some(Box::new(f));
        self
    }

    pub(crate) fn on_data(
        self,
        f: impl FnMut(&Transport, &[u8]) -> Result<(), Failure> + 'static,
    ) -> Probe {
        *self.0.on_data.borrow_mut() = Some(Box::new(f));
        self
    }

    pub(crate) fn on_drained(self, f: impl FnMut(&Transport) + 'static) -> Probe {
        *self.0.on_drained.borrow_mut() = Some(Box::new(f));
        self
    }

    pub(crate) fn on_lost(self, f: impl FnMut(&Transport, &Loss) + 'static) -> Probe {
        *self.0.on_lost.borrow_mut() = Some(Box::new(f));
        self
    }

    /// Does not close when the peer has.
    pub(crate) fn half_open(self) -> Probe {
        self.0.half_open.set(true);
        self
    }

    pub(crate) fn on_peer_closed(self, f: impl FnMut(&Transport) + 'static) -> Probe {
        *self.0.on_peer_closed.borrow_mut() = Some(Box::new(f));
        self.half_open()
    }

    /// Builds nothing.
    pub(crate) fn refusing(self) -> Probe {
        self.0.refuses.set(true);
        self
    }

    pub(crate) fn factory(&self) -> Rc<dyn Factory> {
        Rc::new(self.clone())
    }

    /// What happened, in order; data without its bytes, and `drained` left out.
    pub(crate) fn log(&self) -> Vec<String> {
        self.0.log.borrow().clone()
    }

    pub(crate) fn data(&self) -> Vec<u8> {
        self.0.data.borrow().clone()
    }

    pub(crate) fn received(&self) -> usize {
        self.0.data.borrow().len()
    }

    pub(crate) fn largest(&self) -> usize {
        self.0.largest.get()
    }

    /// The transport of the connection that was made last.
    pub(crate) fn transport(&self) -> Transport {
        self.0.transports.borrow().last().cloned().expect("made")
    }

    pub(crate) fn made(&self) -> usize {
        self.0.transports.borrow().len()
    }

    pub(crate) fn lost(&self) -> usize {
        self.0.losses.borrow().len()
    }

    pub(crate) fn dropped(&self) -> usize {
        self.0.dropped.get()
    }

    /// Why the only connection was lost.
    pub(crate) fn loss(&self) -> Loss {
        let mut losses = self.0.losses.borrow_mut();
        assert_eq!(losses.len(), 1, "lost once");
        losses.pop().unwrap()
    }

    /// Why the only `connect` failed.
    pub(crate) fn failure(&self) -> Failure {
        let mut failed = self.0.failed.borrow_mut();
        assert_eq!(failed.len(), 1, "failed once");
        failed.pop().unwrap()
    }

    pub(crate) fn has_failed(&self) -> bool {
        !self.0.failed.borrow().is_empty()
    }

    fn say(&self, what: &str) {
        self.0.log.borrow_mut().push(what.to_owned());
    }

    /// Runs one of its calls; never inside another one.
    fn enter<R>(&self, transport: &Transport, call: impl FnOnce() -> R) -> R {
        transport.handle().assert_nothing_borrowed();
        assert!(!self.0.inside.replace(true), "a callback inside a callback");
        struct Leave<'s>(&'s Cell<bool>);
        impl Drop for Leave<'_> {
            fn drop(&mut self) {
                self.0.set(false);
            }
        }
        let _leave = Leave(&self.0.inside);
        call()
    }
}

impl Factory for Probe {
    fn build_protocol(&self, _: &Address) -> Option<Box<dyn Protocol>> {
        self.0.built.set(self.0.built.get() + 1);
        (!self.0.refuses.get()).then(|| Box::new(Side(self.clone())) as Box<dyn Protocol>)
    }

    fn connection_failed(&self, to: &Address, why: Failure) {
        self.say(&format!("failed {to}"));
        self.0.failed.borrow_mut().push(why);
    }
}

/// One protocol of a probe.
pub(crate) struct Side(pub(crate) Probe);

impl Protocol for Side {
    fn connection_made(&mut self, t: &Transport) -> Result<(), Failure> {
        self.0.say("made");
        self.0.0.transports.borrow_mut().push(t.clone());
        let call = self.0.0.on_made.take();
        let Some(mut call) = call else { return Ok(()) };
        let result = self.0.enter(t, || call(t));
        self.0.0.on_made.borrow_mut().get_or_insert(call);
        result
    }

    fn data_received(&mut self, t: &Transport, data: &[u8]) -> Result<(), Failure> {
        assert!(!data.is_empty(), "data without bytes");
        if self.0.0.log.borrow().last().is_none_or(|l| l != "data") {
            self.0.say("data");
        }
        self.0.0.largest.set(self.0.0.largest.get().max(data.len()));
        self.0.0.data.borrow_mut().extend_from_slice(data);
        let call = self.0.0.on_data.take();
        let Some(mut call) = call else { return Ok(()) };
        let result = self.0.enter(t, || call(t, data));
        self.0.0.on_data.borrow_mut().get_or_insert(call);
        result
    }

    fn handshake_completed(&mut self, _: &Transport) -> Result<(), Failure> {
        self.0.say("secured");
        Ok(())
    }

    fn write_drained(&mut self, t: &Transport) {
        let call = self.0.0.on_drained.take();
        let Some(mut call) = call else { return };
        self.0.enter(t, || call(t));
        self.0.0.on_drained.borrow_mut().get_or_insert(call);
    }

    fn peer_closed(&mut self, t: &Transport) {
        self.0.say("peer closed");
        let call = self.0.0.on_peer_closed.take();
        if let Some(mut call) = call {
            self.0.enter(t, || call(t));
        }
        if !self.0.0.half_open.get() {
            t.lose_connection();
        }
    }

    fn connection_lost(&mut self, t: &Transport, why: Loss) {
        assert!(t.is_lost());
        self.0.say(match &why {
            Loss::Done => "lost: done",
            Loss::Aborted => "lost: aborted",
            Loss::Failed(_) => "lost: failed",
        });
        let call = self.0.0.on_lost.take();
        if let Some(mut call) = call {
            self.0.enter(t, || call(t, &why));
        }
        self.0.0.losses.borrow_mut().push(why);
    }
}

impl Drop for Side {
    fn drop(&mut self) {
        self.0.0.dropped.set(self.0.0.dropped.get() + 1);
    }
}

/// A reactor, a server and a client that has asked to connect to it.
pub(crate) struct Pair {
    pub(crate) reactor: Reactor,
    pub(crate) handle: Handle,
    pub(crate) port: Port,
    pub(crate) connector: Connector,
}

impl Pair {
    pub(crate) fn new(reactor: Reactor, server: &Probe, client: &Probe) -> Pair {
        let handle = reactor.handle();
        let port = listen(&handle, &Address::loopback(0), server.factory()).unwrap();
        let connector = connect(&handle, port.address(), client.factory());
        Pair {
            reactor,
            handle,
            port,
            connector,
        }
    }

    /// Turns until it is so.
    pub(crate) fn until(&mut self, what: &str, is_so: impl FnMut() -> bool) {
        until(&mut self.reactor, what, is_so);
    }

    pub(crate) fn until_made(&mut self, server: &Probe, client: &Probe) {
        self.until("both are connected", || {
            server.made() > 0 && client.made() > 0
        });
    }

    pub(crate) fn until_lost(&mut self, server: &Probe, client: &Probe) {
        self.until("both are lost", || server.lost() > 0 && client.lost() > 0);
    }

    /// Lets everything that is on its way arrive, and more than that.
    pub(crate) fn rest(&mut self) {
        rest(&mut self.reactor);
    }
}

/// Turns until it is so. It fails when nothing happens for two minutes, and when too much does.
pub(crate) fn until(reactor: &mut Reactor, what: &str, mut is_so: impl FnMut() -> bool) {
    let mut idle = 0;
    for _ in 0..1_000_000 {
        if is_so() {
            return;
        }
        // Briefly at first: what a call of this turn did may be all that was to happen.
        let patience = Duration::from_millis(if idle == 0 { 20 } else { 10_000 });
        let ran = reactor.turn(Some(patience)).expect(what);
        idle = if ran == 0 { idle + 1 } else { 0 };
        assert!(idle < 12, "nothing happens, and it is not so: {what}");
    }
    panic!("never: {what}");
}

/// Lets everything that is on its way arrive.
pub(crate) fn rest(reactor: &mut Reactor) {
    for _ in 0..20 {
        reactor.turn(Some(Duration::from_millis(5))).unwrap();
    }
}

/// The worlds that a test runs in: quiet, cut into single bytes, with a small window, and the real
/// one.
pub(crate) fn worlds() -> Vec<(&'static str, Reactor)> {
    let mut worlds: Vec<_> = ["1", "2,chunk=1-7,jitter=3ms", "3,buffer=1000"]
        .map(|knobs| (knobs, Reactor::new(Sim::parse(knobs).unwrap())))
        .into();
    worlds.push(("os", Reactor::new(Os::new().unwrap())));
    worlds
}

pub(crate) fn sim(knobs: &str) -> Reactor {
    Reactor::new(Sim::parse(knobs).unwrap())
}

pub(crate) fn os() -> Reactor {
    Reactor::new(Os::new().unwrap())
}

/// Bytes of which each place is known.
pub(crate) fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at % 251) as u8).collect()
}

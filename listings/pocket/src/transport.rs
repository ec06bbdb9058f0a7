//! A transport: a connected socket that calls a protocol, and writes when it can.
use crate::deferred::Failure;
use crate::reactor::{Handle, Id, Source};
use mio::{event, net::TcpListener};
use std::io::{self, ErrorKind, Read, Write};
use std::{cell::Cell, cell::RefCell, collections::VecDeque, rc::Rc, time::Duration};

/// One connection's life. A failure that is returned ends this connection, and no other.
pub trait Protocol {
    fn connection_made(&mut self, _transport: &Transport) -> Result<(), Failure> {
        Ok(())
    }
    fn data_received(&mut self, transport: &Transport, data: &[u8]) -> Result<(), Failure>;
    fn connection_lost(&mut self, _transport: &Transport, _why: Loss) {}
}

/// Why a connection is over.
#[derive(Debug)]
pub enum Loss {
    /// One side closed it, in good order.
    Done,
    Failed(Failure),
}

/// Makes a protocol for each connection, and outlives them all.
pub trait Factory {
    /// `None` closes the connection at once.
    fn build_protocol(&self) -> Option<Box<dyn Protocol>>;
    /// There was no connection, so there is no protocol that could be told.
    fn connection_failed(&self, why: Failure) {
        eprintln!("connection failed: {why}");
    }
}

/// What a connection needs of a socket. TCP and Unix sockets have it.
pub trait Stream: Read + Write + event::Source {}
impl<S: Read + Write + event::Source> Stream for S {}

/// What a protocol sees of its connection.
#[derive(Clone)]
pub struct Transport(Rc<Connection>);

struct Connection {
    id: Id,
    reactor: Handle,
    /// Gone when the connection is lost.
    stream: RefCell<Option<Box<dyn Stream>>>,
    factory: Rc<dyn Factory>,
    made: Cell<bool>,
    /// Taken out while it runs.
    protocol: Cell<Option<Box<dyn Protocol>>>,
    unsent: RefCell<VecDeque<u8>>,
    closing: Cell<bool>,
}

/// Makes a connection of a stream that is connected, or that is about to be.
pub fn connect(at: &Handle, mut to: Box<dyn Stream>, factory: Rc<dyn Factory>) -> io::Result<()> {
    let id = at.adopt(&mut to)?;
    let connection = Connection {
        id,
        reactor: at.clone(),
        stream: RefCell::new(Some(to)),
        factory,
        made: Cell::default(),
        protocol: Cell::default(),
        unsent: RefCell::default(),
        closing: Cell::default(),
    };
    at.register(id, Rc::new(connection));
    Ok(())
}

impl Source for Connection {
    fn ready(self: Rc<Self>, _reactor: &Handle, _id: Id) {
        let it = Transport(self);
        // An empty write asks: connected, refused, or neither yet?
        if !it.0.made.get() && it.attempt(|stream| stream.write(&[])).is_none() {
            return;
        }
        if !it.0.made.replace(true) {
            it.0.protocol.set(it.0.factory.build_protocol());
            it.call(|protocol, transport| protocol.connection_made(transport));
        }
        it.flush();
        it.read();
    }
}

impl Transport {
    /// Never blocks, never calls back. When the connection is lost it does nothing.
    pub fn write(&self, bytes: &[u8]) {
        if self.0.stream.borrow().is_some() && !self.0.closing.get() {
            self.0.unsent.borrow_mut().extend(bytes);
            self.flush_soon();
        }
    }

    /// Closes when everything that was written is out.
    pub fn lose_connection(&self) {
        self.0.closing.set(true);
        self.flush_soon();
    }

    fn flush_soon(&self) {
        let transport = self.clone();
        self.0.reactor.call_soon(move |_| transport.flush());
    }

    fn flush(&self) {
        let unsent = &self.0.unsent;
        while !unsent.borrow().is_empty() {
            match self.attempt(|stream| stream.write(unsent.borrow().as_slices().0)) {
                Some(n) => drop(unsent.borrow_mut().drain(..n)),
                None => return,
            }
        }
        if self.0.closing.get() {
            self.lose(Loss::Done);
        }
    }

    fn read(&self) {
        let mut buffer = [0; 65_536];
        while !self.0.closing.get() {
            match self.attempt(|stream| stream.read(&mut buffer)) {
                None => return,
                Some(0) => self.lose_connection(),
                Some(n) => self.call(|protocol, it| protocol.data_received(it, &buffer[..n])),
            }
        }
    }

    /// One try. `None`: it would block, or the connection is lost; there is nothing to do now.
    fn attempt(&self, io: impl FnOnce(&mut dyn Stream) -> io::Result<usize>) -> Option<usize> {
        let result = io(self.0.stream.borrow_mut().as_deref_mut()?);
        match result {
            Ok(n) => return Some(n),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => self.lose(Loss::Failed(error.into())),
        }
        None
    }

    /// The protocol is taken out and put back: while it runs, nothing of ours is borrowed.
    fn call(&self, event: impl FnOnce(&mut dyn Protocol, &Transport) -> Result<(), Failure>) {
        let Some(mut protocol) = self.0.protocol.take() else { return self.lose(Loss::Done) };
        let result = event(&mut *protocol, self);
        self.0.protocol.set(Some(protocol));
        result.unwrap_or_else(|failure| self.lose(Loss::Failed(failure)));
    }

    fn lose(&self, why: Loss) {
        let Some(_stream) = self.0.stream.take() else { return };
        self.0.reactor.forget(self.0.id);
        match (self.0.protocol.take(), why) {
            (Some(mut protocol), why) => protocol.connection_lost(self, why),
            (None, Loss::Failed(failure)) => self.0.factory.connection_failed(failure),
            (None, Loss::Done) => {}
        }
    }
}

struct Port {
    listener: TcpListener,
    factory: Rc<dyn Factory>,
}

/// Accepts for `factory` until the id is forgotten.
pub fn listen(at: &Handle, mut on: TcpListener, factory: Rc<dyn Factory>) -> io::Result<Id> {
    let id = at.adopt(&mut on)?;
    at.register(id, Rc::new(Port { listener: on, factory }));
    Ok(id)
}

impl Source for Port {
    fn ready(self: Rc<Self>, reactor: &Handle, id: Id) {
        loop {
            let accepted = self.listener.accept().map(|(stream, _)| Box::new(stream));
            match accepted.and_then(|to| connect(reactor, to, self.factory.clone())) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(_) => break,
            }
        }
        // No descriptors left, perhaps, and no event will say when there are. Ask again.
        reactor.call_later(Duration::from_millis(100), move |reactor| reactor.tell(id));
    }
}

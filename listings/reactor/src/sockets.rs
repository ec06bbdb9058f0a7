//! Sockets through the handle: the world's calls, each recorded.
use crate::{Address, Handle, Id, handle::Watched};
use std::io::{self, ErrorKind, IoSlice};
use trace::{Kind, Object, Prefix};

/// Bytes that a recording shows as text, at most.
const SHORT: usize = 60;

impl Handle {
    /// Opens a listener. [`register`](Handle::register) a source for it; it becomes ready to read when somebody
    /// connects. Port 0 lets the world choose; [`local_address`](Handle::local_address) tells which.
    ///
    /// # Errors
    /// `AddrInUse`, `PermissionDenied` and others ([bind(2)](https://man7.org/linux/man-pages/man2/bind.2.html)).
    #[track_caller]
    pub fn listen(&self, at: &Address) -> io::Result<Id> {
        let id = self.core.world.borrow_mut().listen(at)?;
        if trace::on() {
            let object = self.name(id, Prefix::Listener);
            let here = self.local_address(id).unwrap_or_else(|_| at.clone());
            trace::event(Kind::ConnOpen)
                .of(object)
                .here()
                .attr("at", || here.to_string())
                .record();
        }
        Ok(id)
    }

    /// Takes the next connection of a listener, and the peer's address. Go on until it answers `WouldBlock`.
    ///
    /// # Errors
    /// `WouldBlock` when nobody waits; when the process is out of descriptors, that error
    /// ([accept(2)](https://man7.org/linux/man-pages/man2/accept.2.html)).
    pub fn accept(&self, listener: Id) -> io::Result<(Id, Address)> {
        let (id, peer) = self.core.world.borrow_mut().accept(listener)?;
        if trace::on() {
            let cause = self.object(listener);
            let object = self.name(id, Prefix::Connection);
            trace::event(Kind::ConnMade)
                .of(object)
                .because_of(cause)
                .attr("peer", || peer.to_string())
                .record();
        }
        Ok((id, peer))
    }

    /// Begins to connect. The stream becomes ready to write when there is an answer;
    /// [`finish_connect`](Handle::finish_connect) tells which.
    ///
    /// # Errors
    /// What the world knows at once ([connect(2)](https://man7.org/linux/man-pages/man2/connect.2.html)).
    #[track_caller]
    pub fn connect(&self, to: &Address) -> io::Result<Id> {
        let id = self.core.world.borrow_mut().connect(to)?;
        if trace::on() {
            let object = self.name(id, Prefix::Connection);
            trace::event(Kind::ConnOpen)
                .of(object)
                .here()
                .attr("to", || to.to_string())
                .record();
        }
        Ok(id)
    }

    /// Whether the connection is made.
    ///
    /// # Errors
    /// `WouldBlock` while nobody knows; else why there is none, such as `ConnectionRefused`. Close it then.
    pub fn finish_connect(&self, stream: Id) -> io::Result<()> {
        let result = self.core.world.borrow_mut().finish_connect(stream);
        if trace::on() {
            let object = self.object(stream);
            match &result {
                Ok(()) => {
                    let event = trace::event(Kind::ConnMade).of(object).because_of(object);
                    // The address by which the other side knows this connection: a diagram pairs the two by it.
                    match self.local_address(stream) {
                        Ok(here) => event.attr("local", || here.to_string()),
                        Err(_) => event,
                    }
                    .record();
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => self.record_loss(object, &error.kind().to_string()),
            }
        }
        result
    }

    /// Reads what is there; 0 is the end of the stream. Less than the buffer holds means that the socket is drained.
    ///
    /// # Errors
    /// `WouldBlock` when nothing is there yet; `ConnectionReset` and others when the connection is lost.
    pub fn read(&self, stream: Id, buffer: &mut [u8]) -> io::Result<usize> {
        let result = self.core.world.borrow_mut().read(stream, buffer);
        if trace::on() {
            match &result {
                Ok(count) => self.record_bytes(Kind::DataIn, stream, &buffer[..*count]),
                Err(error) => self.record_error(stream, error),
            }
        }
        result
    }

    /// Writes what fits. Less than you gave means that the socket is full and will say when it is not.
    ///
    /// # Errors
    /// `WouldBlock` when nothing fits; `BrokenPipe` and others when the connection is lost.
    pub fn write(&self, stream: Id, bytes: &[u8]) -> io::Result<usize> {
        self.write_all_of(stream, &[IoSlice::new(bytes)])
    }

    /// Writes what fits of several buffers, as if they were one.
    ///
    /// # Errors
    /// Those of [`write`](Handle::write).
    pub fn write_all_of(&self, stream: Id, buffers: &[IoSlice<'_>]) -> io::Result<usize> {
        let result = self.core.world.borrow_mut().write(stream, buffers);
        if trace::on() {
            match &result {
                Ok(count) => {
                    let mut sent: Vec<u8> =
                        buffers.iter().flat_map(|b| b.iter().copied()).collect();
                    sent.truncate(*count);
                    self.record_bytes(Kind::DataOut, stream, &sent);
                }
                Err(error) => self.record_error(stream, error),
            }
        }
        result
    }

    /// Says that nothing more will be written. The peer reads the end of the stream; what it sends can still be read.
    ///
    /// # Errors
    /// `NotConnected` when there is no connection.
    pub fn shutdown(&self, stream: Id) -> io::Result<()> {
        let result = self.core.world.borrow_mut().shutdown(stream);
        if trace::on() && result.is_ok() {
            let object = self.object(stream);
            trace::event(Kind::DataOut)
                .of(object)
                .because_of(object)
                .attr("bytes", || 0)
                .attr("end", || true)
                .record();
        }
        result
    }

    /// Gives a socket up, and forgets its source. With `reset` what was not sent yet is thrown away, and the peer's
    /// next read fails. Closing twice does nothing.
    pub fn close(&self, id: Id, reset: bool) {
        if trace::on() {
            let object = self.object(id);
            if object.to_string().starts_with('c') {
                self.record_loss(object, if reset { "reset by us" } else { "closed by us" });
            }
        }
        self.core.world.borrow_mut().close(id, reset);
        self.forget(id);
    }

    /// The address of this side.
    ///
    /// # Errors
    /// `NotConnected` when there is no such socket.
    pub fn local_address(&self, id: Id) -> io::Result<Address> {
        self.core.world.borrow().local_address(id)
    }

    /// Gives a socket its name in the recording.
    fn name(&self, id: Id, prefix: Prefix) -> Object {
        let mut sources = self.core.sources.borrow_mut();
        let index = id.index as usize;
        while sources.len() <= index {
            sources.push(Watched {
                generation: 0,
                object: Object::NONE,
                source: None,
            });
        }
        let object = trace::object(prefix);
        sources[index] = Watched {
            generation: id.generation,
            object,
            source: None,
        };
        object
    }

    fn object(&self, id: Id) -> Object {
        match self.core.sources.borrow().get(id.index as usize) {
            Some(watched) if watched.generation == id.generation => watched.object,
            _ => Object::NONE,
        }
    }

    fn record_bytes(&self, kind: Kind, stream: Id, bytes: &[u8]) {
        let object = self.object(stream);
        let event = trace::event(kind)
            .of(object)
            .because_of(object)
            .attr("bytes", || bytes.len());
        match std::str::from_utf8(bytes) {
            Ok(text) if !text.is_empty() && text.len() <= SHORT => event.attr("text", || text),
            _ => event,
        }
        .record();
    }

    /// A read or write that failed for good is the end of the connection, whoever closes it afterwards.
    fn record_error(&self, stream: Id, error: &io::Error) {
        if !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) {
            self.record_loss(self.object(stream), &error.kind().to_string());
        }
    }

    fn record_loss(&self, object: Object, why: &str) {
        trace::event(Kind::ConnLost)
            .of(object)
            .because_of(object)
            .attr("why", || why)
            .record();
    }
}

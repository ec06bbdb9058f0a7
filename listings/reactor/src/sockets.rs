//! Sockets through the handle: the world's calls, each recorded.
use crate::{Address, Handle, Id, panics::release};
use std::{
    io::{self, IoSlice},
    panic::Location,
};

/// So many connections wait for an `accept` unless a listener asks for more, or fewer.
const BACKLOG: u32 = 1024;

impl Handle {
    /// Opens a listener. [`register`](Handle::register) a source for it; it becomes ready to read
    /// when a client connects. Port 0 lets the world choose;
    /// [`local_address`](Handle::local_address) tells which.
    ///
    /// # Errors
    /// `AddrInUse`, `PermissionDenied` and others
    /// ([bind(2)](https://man7.org/linux/man-pages/man2/bind.2.html)).
    ///
    /// ```
    /// use reactor::{Address, Reactor, Sim};
    /// let reactor = Reactor::new(Sim::new(1));
    /// let h = reactor.handle();
    /// let listener = h.listen(&Address::loopback(0))?;
    /// assert_ne!(h.local_address(listener)?, Address::loopback(0));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn listen(&self, at: &Address) -> io::Result<Id> {
        self.listen_with_backlog(at, BACKLOG)
    }

    /// Opens a listener for which so many connections can wait for an [`accept`](Handle::accept).
    /// With [`listen`](Handle::listen) they are 1,024. What comes when they are there is not
    /// answered on TCP until one was accepted, and is answered with an error on a Unix socket.
    /// Linux takes no more than `net.core.somaxconn` says.
    ///
    /// # Errors
    /// Those of [`listen`](Handle::listen).
    #[track_caller]
    pub fn listen_with_backlog(&self, at: &Address, backlog: u32) -> io::Result<Id> {
        let id = self.core.world.borrow_mut().listen(at, backlog)?;
        self.opened(id);
        if trace::on() {
            self.record_listen(id, at, Location::caller());
        }
        Ok(id)
    }

    /// Takes the next connection of a listener, and the peer's address. Go on until it answers
    /// `WouldBlock`.
    ///
    /// # Errors
    /// `WouldBlock` when no connection waits; when the process is out of descriptors, that error
    /// ([accept(2)](https://man7.org/linux/man-pages/man2/accept.2.html)).
    #[track_caller]
    pub fn accept(&self, listener: Id) -> io::Result<(Id, Address)> {
        let (id, peer) = self.core.world.borrow_mut().accept(listener)?;
        self.opened(id);
        if trace::on() {
            self.record_accept(listener, id, &peer, Location::caller());
        }
        Ok((id, peer))
    }

    /// Begins to connect. The stream becomes ready to write when there is an answer;
    /// [`finish_connect`](Handle::finish_connect) tells which.
    ///
    /// # Errors
    /// What the world knows at once
    /// ([connect(2)](https://man7.org/linux/man-pages/man2/connect.2.html)).
    #[track_caller]
    pub fn connect(&self, to: &Address) -> io::Result<Id> {
        let id = self.core.world.borrow_mut().connect(to)?;
        self.opened(id);
        if trace::on() {
            self.record_connect(id, to, Location::caller());
        }
        Ok(id)
    }

    /// Returns whether the connection is made.
    ///
    /// # Errors
    /// `WouldBlock` while it is not known; else why there is none, such as `ConnectionRefused`.
    /// Close it then.
    #[track_caller]
    pub fn finish_connect(&self, stream: Id) -> io::Result<()> {
        let result = self.core.world.borrow_mut().finish_connect(stream);
        if trace::on() {
            self.record_finish(stream, &result, Location::caller());
        }
        result
    }

    /// Reads what is there; 0 is the end of the stream. Less than the buffer holds means that the
    /// socket is drained.
    ///
    /// # Errors
    /// `WouldBlock` when nothing is there yet; `ConnectionReset` and others when the connection is
    /// lost.
    #[track_caller]
    pub fn read(&self, stream: Id, buffer: &mut [u8]) -> io::Result<usize> {
        let result = self.core.world.borrow_mut().read(stream, buffer);
        if trace::on() {
            self.record_read(stream, &result, buffer, Location::caller());
        }
        result
    }

    /// Writes what fits. Less than you gave means that the socket is full and will say when it is
    /// not.
    ///
    /// # Errors
    /// `WouldBlock` when nothing fits; `BrokenPipe` and others when the connection is lost.
    #[track_caller]
    pub fn write(&self, stream: Id, bytes: &[u8]) -> io::Result<usize> {
        self.write_vectored(stream, &[IoSlice::new(bytes)])
    }

    /// Writes what fits of several buffers, as if they were one.
    ///
    /// # Errors
    /// Those of [`write`](Handle::write).
    #[track_caller]
    pub fn write_vectored(&self, stream: Id, buffers: &[IoSlice<'_>]) -> io::Result<usize> {
        let result = self.core.world.borrow_mut().write(stream, buffers);
        if trace::on() {
            self.record_write(stream, &result, buffers, Location::caller());
        }
        result
    }

    /// Says that nothing more will be written. The peer reads the end of the stream; what it sends
    /// can still be read.
    ///
    /// # Errors
    /// `NotConnected` when there is no connection.
    #[track_caller]
    pub fn shutdown(&self, stream: Id) -> io::Result<()> {
        self.core.world.borrow_mut().shutdown(stream)?;
        if trace::on() {
            self.record_shutdown(stream, Location::caller());
        }
        Ok(())
    }

    /// Closes a socket, and forgets its source. With `reset` what was not sent yet is thrown away,
    /// and the peer's next read fails. Closing twice does nothing.
    #[track_caller]
    pub fn close(&self, id: Id, reset: bool) {
        if trace::on() {
            self.record_close(id, reset, Location::caller());
        }
        self.core.world.borrow_mut().close(id, reset);
        let source = self.closed(id);
        release(source);
    }

    /// Returns the address of this side.
    ///
    /// # Errors
    /// `NotConnected` when there is no such socket.
    pub fn local_address(&self, id: Id) -> io::Result<Address> {
        self.core.world.borrow().local_address(id)
    }

    /// Returns the address of the other side. It can be asked for after the connection was lost,
    /// too.
    ///
    /// # Errors
    /// `NotConnected` when there is no such socket, or it has no peer.
    pub fn peer_address(&self, id: Id) -> io::Result<Address> {
        self.core.world.borrow_mut().peer_address(id)
    }
}

//! What not every world has, through the handle.
use crate::{
    Address, Child, Datagrams, Handle, Id, Names, Processes, Signal, Signals, SocketOption,
    StandardIo, StandardStream, World,
};
use std::{
    io,
    net::IpAddr,
    panic::Location,
    process::{Command, ExitStatus},
};

fn missing(what: &str) -> io::Error {
    io::Error::new(
        io::ErrorKind::Unsupported,
        format!("this world has no {what}"),
    )
}

fn datagrams(world: &mut dyn World) -> io::Result<&mut dyn Datagrams> {
    world.datagrams().ok_or_else(|| missing("datagrams"))
}

fn names(world: &mut dyn World) -> io::Result<&mut dyn Names> {
    world.names().ok_or_else(|| missing("names"))
}

fn signals(world: &mut dyn World) -> io::Result<&mut dyn Signals> {
    world.signals().ok_or_else(|| missing("signals"))
}

fn standard_io(world: &mut dyn World) -> io::Result<&mut dyn StandardIo> {
    world
        .standard_io()
        .ok_or_else(|| missing("standard streams"))
}

fn processes(world: &mut dyn World) -> io::Result<&mut dyn Processes> {
    world.processes().ok_or_else(|| missing("child processes"))
}

impl Handle {
    /// Opens a socket for datagrams; `reuse` lets several have one address. It becomes ready to
    /// read when a datagram came, and ready with an error when one that was sent to its
    /// [peer](Handle::set_peer) was refused.
    ///
    /// # Errors
    /// Those of [`listen`](Handle::listen); `Unsupported` in a world without datagrams.
    #[track_caller]
    pub fn bind(&self, at: &Address, reuse: bool) -> io::Result<Id> {
        let mut world = self.core.world.borrow_mut();
        let id = datagrams(&mut **world)?.bind(at, reuse)?;
        drop(world);
        self.opened(id);
        if trace::on() {
            self.record_bind(id, at, Location::caller());
        }
        Ok(id)
    }

    /// Connects the socket to `peer`: it sends to `peer`, hears only from it, and learns when there
    /// is no socket.
    ///
    /// # Errors
    /// `NotConnected` when there is no such socket; `InvalidInput` for an address of another
    /// family.
    pub fn set_peer(&self, socket: Id, peer: &Address) -> io::Result<()> {
        let mut world = self.core.world.borrow_mut();
        datagrams(&mut **world)?.set_peer(socket, peer)?;
        drop(world);
        if trace::on() {
            self.record_peer(socket, peer);
        }
        Ok(())
    }

    /// Sends one datagram, whole: to `to`, or to the peer that was set.
    ///
    /// # Errors
    /// `WouldBlock` when there is no room; one that is too long is an error, and nothing of it is
    /// sent; `ConnectionRefused` tells of an earlier one.
    #[track_caller]
    pub fn send(&self, socket: Id, datagram: &[u8], to: Option<&Address>) -> io::Result<()> {
        let mut world = self.core.world.borrow_mut();
        let result = datagrams(&mut **world)?.send(socket, datagram, to);
        drop(world);
        if trace::on() {
            self.record_send(socket, &result, datagram, to, Location::caller());
        }
        result
    }

    /// Takes the next datagram and its sender. What does not fit into `buffer` is lost. Go on until
    /// it answers `WouldBlock`: a datagram shorter than the buffer says nothing about the next one.
    ///
    /// # Errors
    /// `WouldBlock` when there is none; `ConnectionRefused` when one that was sent to the peer was
    /// refused, once.
    #[track_caller]
    pub fn receive(&self, socket: Id, buffer: &mut [u8]) -> io::Result<(usize, Address)> {
        let mut world = self.core.world.borrow_mut();
        let result = datagrams(&mut **world)?.receive(socket, buffer);
        drop(world);
        if trace::on() {
            self.record_receive(socket, &result, buffer, Location::caller());
        }
        result
    }

    /// Looks up the addresses of a host and calls `done` with them, in a later turn.
    ///
    /// ```
    /// use reactor::{Os, Reactor};
    /// let mut reactor = Reactor::new(Os::new()?);
    /// reactor.handle().look_up("127.0.0.1", |h, found| {
    ///     assert_eq!(found.unwrap()[0].to_string(), "127.0.0.1");
    ///     h.stop().unwrap();
    /// });
    /// reactor.run()?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn look_up<D>(&self, name: &str, done: D)
    where
        D: FnOnce(&Handle, io::Result<Vec<IpAddr>>) + 'static,
    {
        self.elsewhere(done, |world, tell| match names(world) {
            Ok(names) => names.look_up(name, Box::new(move |found| tell(Ok(found)))),
            Err(error) => tell(Ok(Err(error))),
        });
    }

    /// Asks for `which`: the source becomes ready to read when one came.
    /// [`Reactor::run`](crate::Reactor::run) does this for SIGINT and SIGTERM by itself.
    ///
    /// # Errors
    /// `Unsupported` where there are no signals.
    pub fn signals(&self, which: &[Signal]) -> io::Result<Id> {
        let mut world = self.core.world.borrow_mut();
        let id = signals(&mut **world)?.watch(which)?;
        drop(world);
        self.opened(id);
        Ok(id)
    }

    /// Returns whether the program was started with that signal ignored, as a shell does for
    /// `program &` in a script, and for `nohup`. [`Reactor::run`](crate::Reactor::run) leaves such
    /// a signal alone. (Only Linux tells.)
    pub fn ignores(&self, signal: Signal) -> bool {
        let mut world = self.core.world.borrow_mut();
        signals(&mut **world).is_ok_and(|signals| signals.is_ignored(signal))
    }

    /// Returns the next signal that came.
    ///
    /// # Errors
    /// `WouldBlock` when there is none.
    pub fn next_signal(&self, id: Id) -> io::Result<Signal> {
        let mut world = self.core.world.borrow_mut();
        signals(&mut **world)?.next(id)
    }

    /// Opens standard input, output or error as a stream. The descriptor itself is never made
    /// non-blocking: others share it.
    ///
    /// # Errors
    /// `ResourceBusy` while it is open; `Unsupported` in a world that has none.
    pub fn standard(&self, which: StandardStream) -> io::Result<Id> {
        let mut world = self.core.world.borrow_mut();
        let id = standard_io(&mut **world)?.open(which)?;
        drop(world);
        self.opened(id);
        Ok(id)
    }

    /// Starts a child process.
    ///
    /// # Errors
    /// Those of [`Command::spawn`]; `Unsupported` in a world without processes.
    pub fn spawn_process(&self, command: &mut Command) -> io::Result<Child> {
        let mut world = self.core.world.borrow_mut();
        let child = processes(&mut **world)?.spawn(command)?;
        drop(world);
        self.opened(child.id);
        let pipes = [child.stdin, child.stdout, child.stderr];
        pipes.into_iter().flatten().for_each(|id| self.opened(id));
        Ok(child)
    }

    /// Returns how a child ended.
    ///
    /// # Errors
    /// `WouldBlock` while it runs.
    pub fn exit_status(&self, child: Id) -> io::Result<ExitStatus> {
        let mut world = self.core.world.borrow_mut();
        processes(&mut **world)?.exit_status(child)
    }

    /// Sends a signal to a child.
    ///
    /// # Errors
    /// `NotFound` when it has ended.
    pub fn kill(&self, child: Id, signal: Signal) -> io::Result<()> {
        let mut world = self.core.world.borrow_mut();
        processes(&mut **world)?.kill(child, signal)
    }

    /// Takes in a descriptor that was opened elsewhere: a socket of the service manager, a pipe. It
    /// is made non-blocking.
    ///
    /// # Errors
    /// `Unsupported` in a world without descriptors.
    #[cfg(unix)]
    pub fn adopt(&self, fd: std::os::fd::OwnedFd, kind: crate::Kind) -> io::Result<Id> {
        let mut world = self.core.world.borrow_mut();
        let descriptors = world.descriptors();
        let id = descriptors
            .ok_or_else(|| missing("descriptors"))?
            .adopt(fd, kind)?;
        drop(world);
        self.opened(id);
        Ok(id)
    }

    /// Changes how a socket behaves.
    ///
    /// # Errors
    /// `NotConnected` when there is no such socket; the system's when its kind does not have this
    /// option.
    ///
    /// ```
    /// use reactor::{Address, Reactor, Sim, SocketOption};
    /// let reactor = Reactor::new(Sim::new(1));
    /// let h = reactor.handle();
    /// let listener = h.listen(&Address::loopback(0))?;
    /// let stream = h.connect(&h.local_address(listener)?)?;
    /// h.set(stream, SocketOption::NoDelay(false))?;
    /// assert!(h.set(listener, SocketOption::Broadcast(true)).is_err());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn set(&self, id: Id, option: SocketOption) -> io::Result<()> {
        self.core.world.borrow_mut().set(id, option)
    }
}

//! A world that writes down its calls of write and accept, and can be told to fail.
use reactor::{Address, Id, Job, Ready, SocketOption, Time, World};
use std::{
    cell::{Cell, RefCell},
    io::{self, IoSlice},
    rc::Rc,
    task::Waker,
};

#[derive(Default)]
pub(crate) struct Calls {
    /// For each write: how many pieces, and how many bytes it was given.
    pub(crate) writes: RefCell<Vec<(usize, usize)>>,
    pub(crate) reads: Cell<usize>,
    pub(crate) accepts: Cell<usize>,
}

pub(crate) struct Counted<W> {
    world: W,
    calls: Rc<Calls>,
}

impl<W: World> Counted<W> {
    pub(crate) fn new(world: W) -> (Counted<W>, Rc<Calls>) {
        let calls = Rc::<Calls>::default();
        (
            Counted {
                world,
                calls: calls.clone(),
            },
            calls,
        )
    }
}

impl<W: World> World for Counted<W> {
    fn now(&self) -> Time {
        self.world.now()
    }
    fn wait(&mut self, until: Option<Time>, ready: &mut Vec<Ready>) -> io::Result<()> {
        self.world.wait(until, ready)
    }
    fn waker(&self) -> Waker {
        self.world.waker()
    }
    fn random(&mut self) -> u64 {
        self.world.random()
    }
    fn offload(&mut self, job: Job) {
        self.world.offload(job);
    }
    fn job(&mut self) -> Option<Job> {
        self.world.job()
    }
    fn listen(&mut self, at: &Address, backlog: u32) -> io::Result<Id> {
        self.world.listen(at, backlog)
    }
    fn accept(&mut self, listener: Id) -> io::Result<(Id, Address)> {
        self.calls.accepts.set(self.calls.accepts.get() + 1);
        self.world.accept(listener)
    }
    fn connect(&mut self, to: &Address) -> io::Result<Id> {
        self.world.connect(to)
    }
    fn finish_connect(&mut self, stream: Id) -> io::Result<()> {
        self.world.finish_connect(stream)
    }
    fn read(&mut self, stream: Id, buffer: &mut [u8]) -> io::Result<usize> {
        self.calls.reads.set(self.calls.reads.get() + 1);
        self.world.read(stream, buffer)
    }
    fn write(&mut self, stream: Id, buffers: &[IoSlice<'_>]) -> io::Result<usize> {
        let length = buffers.iter().map(|b| b.len()).sum();
        self.calls.writes.borrow_mut().push((buffers.len(), length));
        self.world.write(stream, buffers)
    }
    fn shutdown(&mut self, stream: Id) -> io::Result<()> {
        self.world.shutdown(stream)
    }
    fn close(&mut self, id: Id, reset: bool) {
        self.world.close(id, reset);
    }
    fn local_address(&self, id: Id) -> io::Result<Address> {
        self.world.local_address(id)
    }
    fn peer_address(&mut self, id: Id) -> io::Result<Address> {
        self.world.peer_address(id)
    }
    fn set(&mut self, id: Id, option: SocketOption) -> io::Result<()> {
        self.world.set(id, option)
    }
}

//! A world that counts how often it is asked.
use reactor::{Address, Id, Job, Ready, Signals, SocketOption, Time, World};
use std::{
    cell::Cell,
    io::{self, IoSlice},
    rc::Rc,
    task::Waker,
};

/// How often the clock was read and the world waited.
#[derive(Default)]
pub(crate) struct Counts {
    pub(crate) clocks: Cell<u32>,
    pub(crate) waits: Cell<u32>,
}

impl Counts {
    pub(crate) fn reset(&self) {
        self.clocks.set(0);
        self.waits.set(0);
    }
}

pub(crate) struct Counted<W> {
    world: W,
    counts: Rc<Counts>,
}

impl<W> Counted<W> {
    pub(crate) fn new(world: W) -> (Counted<W>, Rc<Counts>) {
        let counts = Rc::<Counts>::default();
        (
            Counted {
                world,
                counts: Rc::clone(&counts),
            },
            counts,
        )
    }
}

impl<W: World> World for Counted<W> {
    fn now(&self) -> Time {
        self.counts.clocks.set(self.counts.clocks.get() + 1);
        self.world.now()
    }
    fn wait(&mut self, until: Option<Time>, ready: &mut Vec<Ready>) -> io::Result<()> {
        self.counts.waits.set(self.counts.waits.get() + 1);
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
        self.world.accept(listener)
    }
    fn connect(&mut self, to: &Address) -> io::Result<Id> {
        self.world.connect(to)
    }
    fn finish_connect(&mut self, stream: Id) -> io::Result<()> {
        self.world.finish_connect(stream)
    }
    fn read(&mut self, stream: Id, buffer: &mut [u8]) -> io::Result<usize> {
        self.world.read(stream, buffer)
    }
    fn write(&mut self, stream: Id, buffers: &[IoSlice<'_>]) -> io::Result<usize> {
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
    fn signals(&mut self) -> Option<&mut dyn Signals> {
        self.world.signals()
    }
}

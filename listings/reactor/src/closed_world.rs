//! The world of a reactor that was dropped: its clock stands still and nothing works.
use crate::{Address, Id, Job, Ready, SocketOption, Time, World};
use std::{
    io::{self, IoSlice},
    task::Waker,
};

/// The time when the reactor was dropped.
pub(crate) struct ClosedWorld(pub(crate) Time);

fn closed<T>() -> io::Result<T> {
    Err(io::Error::new(
        io::ErrorKind::NotConnected,
        "the reactor was dropped",
    ))
}

impl World for ClosedWorld {
    fn now(&self) -> Time {
        self.0
    }
    fn wait(&mut self, _: Option<Time>, _: &mut Vec<Ready>) -> io::Result<()> {
        closed()
    }
    fn waker(&self) -> Waker {
        Waker::noop().clone()
    }
    fn random(&mut self) -> u64 {
        0
    }
    fn offload(&mut self, _: Job) {}
    fn listen(&mut self, _: &Address, _: u32) -> io::Result<Id> {
        closed()
    }
    fn accept(&mut self, _: Id) -> io::Result<(Id, Address)> {
        closed()
    }
    fn connect(&mut self, _: &Address) -> io::Result<Id> {
        closed()
    }
    fn finish_connect(&mut self, _: Id) -> io::Result<()> {
        closed()
    }
    fn read(&mut self, _: Id, _: &mut [u8]) -> io::Result<usize> {
        closed()
    }
    fn write(&mut self, _: Id, _: &[IoSlice<'_>]) -> io::Result<usize> {
        closed()
    }
    fn shutdown(&mut self, _: Id) -> io::Result<()> {
        closed()
    }
    fn close(&mut self, _: Id, _: bool) {}
    fn local_address(&self, _: Id) -> io::Result<Address> {
        closed()
    }
    fn peer_address(&mut self, _: Id) -> io::Result<Address> {
        closed()
    }
    fn set(&mut self, _: Id, _: SocketOption) -> io::Result<()> {
        closed()
    }
}

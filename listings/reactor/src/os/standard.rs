//! Standard input, output and error: a thread that may block, and a pair of sockets between it and
//! the poll.
//!
//! The descriptors 0 to 2 are never made non-blocking. Other processes share them, the shell for
//! one, and would find them changed.
use super::{Connection, Os, socket::Socket};
use crate::{Id, StandardIo, StandardStream};
use mio::{Events, Interest, Poll, Token, unix::SourceFd};
use std::{
    fs::File,
    io::{self, ErrorKind, Read, Write},
    net::Shutdown,
    os::{
        fd::{AsFd, AsRawFd, OwnedFd},
        unix::net::UnixStream,
    },
    sync::{
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

/// At the end what was written gets out, but the process waits no longer than this for a reader
/// that does not read.
const PATIENCE: Duration = Duration::from_secs(5);

/// Which of the three are in use, in this process.
static TAKEN: [AtomicBool; 3] = [const { AtomicBool::new(false) }; 3];

/// One is in use until its thread has ended.
struct Taken(usize);

impl Taken {
    fn new(which: StandardStream) -> io::Result<Taken> {
        let at = which as usize;
        if TAKEN[at].swap(true, Ordering::AcqRel) {
            return Err(ErrorKind::ResourceBusy.into());
        }
        Ok(Taken(at))
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        TAKEN[self.0].store(false, Ordering::Release);
    }
}

/// What was written and may still be on its way out. Its drop waits for that.
#[derive(Default)]
pub(super) struct Outputs(Vec<mpsc::Receiver<()>>);

impl Drop for Outputs {
    fn drop(&mut self) {
        for output in &self.0 {
            // Nothing is ever sent: it ends with its thread.
            let _ = output.recv_timeout(PATIENCE);
        }
    }
}

impl StandardIo for Os {
    fn open(&mut self, which: StandardStream) -> io::Result<Id> {
        let taken = Taken::new(which)?;
        // The same open file once more, so that it cannot be closed under the thread.
        let file = File::from(match which {
            StandardStream::Input => io::stdin().as_fd().try_clone_to_owned()?,
            StandardStream::Output => io::stdout().as_fd().try_clone_to_owned()?,
            StandardStream::Error => io::stderr().as_fd().try_clone_to_owned()?,
        });
        let (ours, theirs) = UnixStream::pair()?;
        ours.set_nonblocking(true)?;
        let ours = mio::net::UnixStream::from(OwnedFd::from(ours));
        let id = self.add(Socket::UnixStream(ours), Connection::There)?;
        let (ended, output) = mpsc::channel();
        let started = thread::Builder::new()
            .name(format!("standard {which:?}").to_lowercase())
            .spawn(move || {
                match which {
                    StandardStream::Input => read_in(file, &theirs),
                    StandardStream::Output | StandardStream::Error => write_out(file, &theirs),
                }
                drop((taken, ended));
            });
        if let Err(error) = started {
            crate::World::close(self, id, false);
            return Err(error);
        }
        if which != StandardStream::Input {
            self.outputs
                .0
                .retain(|output| output.try_recv() != Err(mpsc::TryRecvError::Disconnected));
            self.outputs.0.push(output);
        }
        Ok(id)
    }
}

fn read_in(mut file: File, mut to: &UnixStream) {
    let mut buffer = [0; 8192];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return,
            Ok(count) => {
                if to.write_all(&buffer[..count]).is_err() {
                    return; // it has no reader any more
                }
            }
            Err(error) if goes_on(&error, &file, Interest::READABLE) => {}
            Err(_) => return,
        }
    }
}

fn write_out(mut file: File, mut from: &UnixStream) {
    let mut buffer = [0; 8192];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        let mut rest = &buffer[..count];
        while !rest.is_empty() {
            match file.write(rest) {
                Ok(count) => rest = &rest[count..],
                Err(error) if goes_on(&error, &file, Interest::WRITABLE) => {}
                Err(_) => {
                    // Its reader is gone: the next write fails, as it would on the descriptor
                    // itself.
                    let _ = from.shutdown(Shutdown::Both);
                    return;
                }
            }
        }
    }
}

/// Returns whether to try again: after a signal, and when another process has made the descriptor
/// non-blocking, as soon as it is ready.
fn goes_on(error: &io::Error, file: &File, interest: Interest) -> bool {
    match error.kind() {
        ErrorKind::Interrupted => true,
        ErrorKind::WouldBlock => wait_for(file, interest).is_ok(),
        _ => false,
    }
}

fn wait_for(file: &File, interest: Interest) -> io::Result<()> {
    let mut poll = Poll::new()?;
    let descriptor = file.as_raw_fd();
    poll.registry()
        .register(&mut SourceFd(&descriptor), Token(0), interest)?;
    match poll.poll(&mut Events::with_capacity(1), None) {
        Err(error) if error.kind() != ErrorKind::Interrupted => Err(error),
        _ => Ok(()),
    }
}

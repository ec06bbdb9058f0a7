//! Child processes: SIGCHLD says that one has ended, and each child that was started looks whether
//! it was that one.
//!
//! SIGCHLD is one signal for all children, and several of them may be told as one. So its receiver
//! asks the system about its own child, and no other: a child that was started elsewhere is not
//! ours to reap.
use super::{Connection, Os, not_connected, socket::Socket};
use crate::{Child, Id, Kind, Processes, Signal};
use mio::event::Source;
use signal_hook::consts::SIGCHLD;
use signal_hook_mio::v1_0 as hook;
use std::{
    io::{self, ErrorKind},
    os::fd::OwnedFd,
    process::{self, Command, ExitStatus},
    thread,
};

/// A child, and the pipe by which its end is told.
pub(super) struct Running {
    hook: hook::Signals,
    /// There until this is dropped.
    child: Option<process::Child>,
    ended: Option<ExitStatus>,
}

impl Running {
    /// Returns how it ended, if it has. That reaps it.
    fn look(&mut self) -> io::Result<Option<ExitStatus>> {
        if self.ended.is_none() {
            // First what was told, and then the look: a signal that comes in between is told again.
            self.hook.pending().for_each(drop);
            if let Some(child) = &mut self.child {
                self.ended = child.try_wait()?;
            }
        }
        Ok(self.ended)
    }

    pub(super) fn source(&mut self) -> &mut dyn Source {
        &mut self.hook
    }
}

impl Drop for Running {
    /// It is asked for no more, and the child may live on. A thread waits for it: without that it
    /// would stay in the system's table as a zombie for as long as this program runs.
    fn drop(&mut self) {
        if let (Ok(None), Some(mut child)) = (self.look(), self.child.take()) {
            let waits = thread::Builder::new().name("reaper".to_owned());
            // Without a thread it stays a zombie; the system adopts it when this program ends.
            drop(waits.spawn(move || child.wait()));
        }
    }
}

impl Processes for Os {
    fn spawn(&mut self, command: &mut Command) -> io::Result<Child> {
        // Before the child is there: it may end at once.
        let hook = hook::Signals::new([SIGCHLD])?;
        let mut child = command.spawn()?;
        let pid = child.id();
        let pipes = [
            child
                .stdin
                .take()
                .map(|pipe| (pipe.into(), Kind::PipeWriter)),
            child
                .stdout
                .take()
                .map(|pipe| (pipe.into(), Kind::PipeReader)),
            child
                .stderr
                .take()
                .map(|pipe| (pipe.into(), Kind::PipeReader)),
        ];
        let running = Running {
            hook,
            child: Some(child),
            ended: None,
        };
        let mut opened = Vec::new();
        let result = self.open_child(running, pid, pipes, &mut opened);
        if result.is_err() {
            // Its pipes are closed, and it is reaped when it ends of that.
            for id in opened {
                crate::World::close(self, id, false);
            }
        }
        result
    }

    fn exit_status(&mut self, child: Id) -> io::Result<ExitStatus> {
        let ended = self.running(child)?.look()?;
        ended.ok_or_else(|| ErrorKind::WouldBlock.into())
    }

    fn kill(&mut self, child: Id, signal: Signal) -> io::Result<()> {
        let running = self.running(child)?;
        // As long as it is not reaped, its number is its own, also when it has ended.
        match (running.look()?, &running.child) {
            (None, Some(child)) => send(child.id(), signal),
            _ => Err(ErrorKind::NotFound.into()),
        }
    }
}

fn send(pid: u32, signal: Signal) -> io::Result<()> {
    use nix::sys::signal::{Signal as Number, kill};
    let pid = i32::try_from(pid).map_err(|_| ErrorKind::NotFound)?;
    let number = Number::try_from(signal.number())?;
    Ok(kill(nix::unistd::Pid::from_raw(pid), number)?)
}

impl Os {
    fn running(&mut self, child: Id) -> io::Result<&mut Running> {
        match &mut self.open(child)?.socket {
            Socket::Child(running) => Ok(running),
            _ => Err(not_connected()),
        }
    }

    fn open_child(
        &mut self,
        running: Running,
        pid: u32,
        pipes: [Option<(OwnedFd, Kind)>; 3],
        opened: &mut Vec<Id>,
    ) -> io::Result<Child> {
        let id = self.add(Socket::Child(running), Connection::None)?;
        // Noted at once: if a later one fails, the caller closes those that are open.
        opened.push(id);
        let mut ids = [None; 3];
        for (pipe, place) in pipes.into_iter().zip(&mut ids) {
            if let Some((fd, kind)) = pipe {
                let id = self.add(super::unix::adopt(fd, kind)?, Connection::There)?;
                opened.push(id);
                *place = Some(id);
            }
        }
        let [stdin, stdout, stderr] = ids;
        Ok(Child {
            id,
            pid,
            stdin,
            stdout,
            stderr,
        })
    }
}

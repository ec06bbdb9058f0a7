//! Other programs: started, written to, read from, and waited for, without a thread that waits.
use deferreds::{Deferred, Failure, Resolver};
use reactor::{Child, Handle, Id, Readiness, Signal, Source};
use std::{
    cell::{Cell, RefCell},
    error::Error,
    fmt, io,
    process::{Command, ExitStatus, Stdio},
    rc::Rc,
};
use transports::{Loss, Protocol, Transport, attach};

/// More output than this is too much, unless you say otherwise: 16 MiB.
const LIMIT: usize = 16 << 20;

/// What a program has said, and how it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finished {
    /// How it ended: by itself, or by a signal.
    pub status: ExitStatus,
    /// What it wrote to its standard output.
    pub stdout: Vec<u8>,
    /// What it wrote to its standard error.
    pub stderr: Vec<u8>,
}

// ANCHOR: run
/// Starts a program, writes `input` to it, and fires with all that it has said, when it has ended
/// and both of its outputs have. Its three streams move at once, so a program that writes a lot
/// before it reads blocks nothing.
///
/// An exit code that is not 0 is no failure of the Deferred: [`Finished::status`] has it.
/// Cancelled, or dropped with the reactor, it kills the program. One that writes more than 16 MiB
/// is killed, too: [`TooMuchOutput`].
///
/// A program that has started others may leave them behind, with its outputs. Then this waits for
/// those.
///
/// ```
/// use applications::run_process;
/// use reactor::{Os, Reactor};
/// use std::process::Command;
///
/// let mut reactor = Reactor::new(Os::new()?);
/// let handle = reactor.handle();
/// let sorted = run_process(&handle, Command::new("sort"), "wind\nhope\n");
/// let sorted = sorted.add_both(move |finished| {
///     handle.stop()?;
///     finished
/// });
/// reactor.run()?;
/// let finished = sorted.into_result().unwrap()?;
/// assert!(finished.status.success());
/// assert_eq!(finished.stdout, b"hope\nwind\n");
/// # Ok::<(), deferreds::Failure>(())
/// ```
///
/// Source:
/// [`getProcessOutputAndValue`](https://docs.twisted.org/en/stable/api/twisted.internet.utils.html#getProcessOutputAndValue).
#[track_caller]
pub fn run_process(
    reactor: &Handle,
    command: Command,
    input: impl AsRef<[u8]>,
) -> Deferred<Finished> {
    run_process_with_limit(reactor, command, input, LIMIT)
}
// ANCHOR_END: run

/// Does the same, with another limit of output in bytes, for both outputs together.
#[track_caller]
pub fn run_process_with_limit(
    reactor: &Handle,
    mut command: Command,
    input: impl AsRef<[u8]>,
    limit: usize,
) -> Deferred<Finished> {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let child = match reactor.spawn_process(&mut command) {
        Ok(child) => child,
        Err(error) => {
            let program = command.get_program().to_string_lossy().into_owned();
            return Deferred::fail(CannotStart { program, error });
        }
    };
    let run = Rc::new(RunningProcess {
        reactor: reactor.clone(),
        child,
        left: Cell::new(limit),
        outputs: RefCell::default(),
        // Three things end: two outputs and the program.
        open: Cell::new(3),
        status: Cell::new(None),
        resolver: Cell::new(None),
    });
    // Weak: the resolver is in `run`, which would own itself.
    let kills = Rc::downgrade(&run);
    let (resolver, finished) = Deferred::with_canceller(move |instead| {
        if let Some(run) = kills.upgrade() {
            run.kill();
        }
        drop(instead);
    });
    run.resolver.set(Some(resolver));
    reactor.register(child.id, Rc::new(ChildSource(Rc::clone(&run))));
    if let Some(stdin) = child.stdin {
        let transport = attach(reactor, stdin, Box::new(StdinProtocol));
        transport.write(input);
        transport.lose_connection();
    }
    for (index, id) in [child.stdout, child.stderr].into_iter().enumerate() {
        if let Some(id) = id {
            let run = Rc::clone(&run);
            attach(reactor, id, Box::new(OutputProtocol { index, run }));
        }
    }
    finished
}

/// One program that runs.
struct RunningProcess {
    reactor: Handle,
    child: Child,
    /// How many bytes it may still write.
    left: Cell<usize>,
    outputs: RefCell<[Vec<u8>; 2]>,
    open: Cell<u8>,
    status: Cell<Option<ExitStatus>>,
    resolver: Cell<Option<Resolver<Finished>>>,
}

impl RunningProcess {
    fn kill(&self) {
        let _ = self.reactor.kill(self.child.id, Signal::Kill); // it may have ended
    }

    fn fail(&self, why: impl Into<Failure>) {
        self.kill();
        if let Some(resolver) = self.resolver.take() {
            resolver.errback(why);
        }
    }

    /// Fires when the program and both its outputs have ended, in whatever order.
    fn one_ended(&self) {
        self.open.set(self.open.get() - 1);
        if self.open.get() > 0 {
            return;
        }
        if let (Some(status), Some(resolver)) = (self.status.take(), self.resolver.take()) {
            let [stdout, stderr] = self.outputs.take();
            let finished = Finished {
                status,
                stdout,
                stderr,
            };
            // Not inside a callback of a transport.
            self.reactor.call_soon(move |_| resolver.callback(finished));
        }
    }
}

// ANCHOR: exit
/// Is told when some child has ended, and looks whether it was this one.
struct ChildSource(Rc<RunningProcess>);

impl Source for ChildSource {
    fn ready(self: Rc<Self>, reactor: &Handle, child: Id, _: Readiness) {
        match reactor.exit_status(child) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Ok(status) => {
                self.0.status.set(Some(status));
                reactor.close(child, false);
                self.0.one_ended();
            }
            Err(error) => {
                reactor.close(child, false);
                self.0.fail(error);
            }
        }
    }
}
// ANCHOR_END: exit

impl Drop for ChildSource {
    /// The reactor is gone, or the program has ended; a second kill does nothing.
    fn drop(&mut self) {
        self.0.kill();
    }
}

/// What is written to the program. One that does not read it is no failure.
struct StdinProtocol;

impl Protocol for StdinProtocol {
    fn data_received(&mut self, _: &Transport, _: &[u8]) -> Result<(), Failure> {
        Ok(())
    }
}

/// One of the two outputs.
struct OutputProtocol {
    index: usize,
    run: Rc<RunningProcess>,
}

impl Protocol for OutputProtocol {
    fn data_received(&mut self, transport: &Transport, data: &[u8]) -> Result<(), Failure> {
        match self.run.left.get().checked_sub(data.len()) {
            Some(left) => {
                self.run.left.set(left);
                self.run.outputs.borrow_mut()[self.index].extend_from_slice(data);
            }
            None => {
                self.run.fail(TooMuchOutput);
                // What it has started may go on writing.
                transport.abort_connection();
            }
        }
        Ok(())
    }

    fn connection_lost(&mut self, _: &Transport, _: Loss) {
        self.run.one_ended();
    }
}

/// A program could not be started: there is none of that name, or it may not be run.
#[derive(Debug)]
pub struct CannotStart {
    program: String,
    error: io::Error,
}

impl fmt::Display for CannotStart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot start {}: {}", self.program, self.error)
    }
}

impl Error for CannotStart {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.error)
    }
}

/// A program wrote more than it may, and was killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooMuchOutput;

impl fmt::Display for TooMuchOutput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the program wrote more than it may, and was killed")
    }
}

impl Error for TooMuchOutput {}

//! The reactor itself: it owns everything, and turns.
use crate::{
    Handle, Ready, RunError, Signal, Source, Time, World, closed_world::ClosedWorld, handle::Core,
    phases::keeping, signals::StopSignals, triggers::Lifecycle,
};
use scopeguard::{defer, guard};
use std::{io, rc::Rc, task::Waker, time::Duration};
use trace::{Kind, Span};

/// The event loop. It owns its world, every timer, every callback and every source, and drops them
/// with itself.
///
/// It is not `Clone`; callbacks get a [`Handle`]. Only its owner can run the reactor, and a
/// callback cannot own what is running it. So a turn inside a turn does not compile:
///
/// ```compile_fail,E0382
/// use reactor::{Reactor, Sim};
/// let mut reactor = Reactor::new(Sim::new(1));
/// let handle = reactor.handle();
/// handle.call_soon(move |_| { let _ = reactor.run(); });
/// let _ = reactor.run(); // borrow of moved value: `reactor`
/// ```
pub struct Reactor {
    handle: Handle,
    /// What the world said is ready, and how many of those have been told.
    ready: Vec<Ready>,
    told: usize,
    signals: Option<Rc<StopSignals>>,
    without_signals: bool,
    /// The recording of this thread, if the environment asked for one; ends with the reactor.
    pub(crate) recording: Option<trace::Recording>,
}

impl Reactor {
    /// Returns a reactor on that world. Nothing happens before it is run or turned.
    pub fn new(world: impl World + 'static) -> Reactor {
        Reactor::on(Box::new(world))
    }

    /// Returns a reactor on a world that was chosen at run time.
    pub fn on(world: Box<dyn World>) -> Reactor {
        Reactor {
            handle: Handle {
                core: Core::new(world),
            },
            ready: Vec::with_capacity(1024),
            told: 0,
            signals: None,
            without_signals: false,
            recording: None,
        }
    }

    /// Returns what callbacks are given, for the code that sets things up.
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    // ANCHOR: turn
    /// Runs one turn: calls, timers, wait, ready. Returns the number of callbacks that ran.
    ///
    /// 1. *Calls* that other threads made, and those of [`Handle::call_soon`], as many as there
    ///    were at the start.
    /// 2. *Timers* that were due when the turn began and made before it, the earliest first.
    /// 3. *Wait* until something is ready or the next deadline comes: not longer than `at_most`,
    ///    and not at all when there is more to do. Calls that other threads made meanwhile run
    ///    right after it.
    /// 4. *Ready* sources are told, each once; then those that asked for the end of the turn.
    ///
    /// Before the wait and after it, those [go on](Handle::after_callbacks) that were woken by the
    /// callbacks.
    ///
    /// A panic of a callback goes through. The reactor stays usable: the next turn goes on with the
    /// rest.
    ///
    /// # Errors
    /// Those of the world, among them [`Stalled`](crate::Stalled); and `NotConnected` when the
    /// reactor has stopped.
    pub fn turn(&mut self, at_most: Option<Duration>) -> io::Result<usize> {
        let core = Rc::clone(&self.handle.core);
        // Both are read once: what callbacks add or how long they take moves neither, so a turn ends.
        let now = core.now();
        let newest = core.timers.newest();
        core.turn_time.set(now);
        core.in_turn.set(true);
        // Also when a callback panics, or the next change would wake no host.
        defer! { core.in_turn.set(false); }
        let turn = self.record_start(now);

        self.start_once()?;
        let mut ran = self.run_calls();
        ran += self.run_timers(now, newest);
        ran += self.handle.callbacks_ran(false);
        // A callback may have stopped it, and then there is nothing to wait for.
        if !self.has_stopped() {
            self.wait(now, at_most)?;
            ran += self.run_calls_that_came();
            ran += self.tell_ready();
            ran += self.handle.callbacks_ran(true);
        }
        ran += self.handle.end_turn();
        // No turn comes after the last one to tell what has ended in it.
        if self.has_stopped() {
            ran += self.handle.tell_the_last();
        }
        turn.attr("ran", || ran);
        Ok(ran)
    }
    // ANCHOR_END: turn

    /// Turns until the reactor is stopped: by [`Handle::stop`], [`Handle::fail`], or SIGINT or
    /// SIGTERM, which it listens to meanwhile. A signal asks it to stop, and those who hold the
    /// startup or the shutdown up are waited for; a second one, in a later turn, does not wait. A
    /// signal that was ignored when the program began stays ignored: a shell ignores SIGINT for
    /// `program &` in a script.
    ///
    /// # Errors
    /// [`RunError`]: the world failed, `fail` was called, or the reactor had stopped before.
    pub fn run(&mut self) -> Result<(), RunError> {
        if self.has_stopped() {
            return Err(RunError::NotRestartable);
        }
        let listening = self.listen_to_signals()?;
        let mut result = Ok(());
        while result.is_ok() && !self.has_stopped() && !self.failed_early() {
            result = self.turn(None).map(drop);
        }
        drop(listening);
        let failure = self.handle.core.failure.take();
        match failure {
            Some(failure) => Err(RunError::Failed(failure)),
            None => Ok(result?),
        }
    }

    /// Returns whether the reactor has stopped, and everything that belongs to the shutdown has
    /// run.
    pub fn has_stopped(&self) -> bool {
        self.handle.core.triggers.lifecycle.get() == Lifecycle::Stopped
    }

    /// Returns the error of [`Handle::fail`], for code that turns this reactor without
    /// [`run`](Reactor::run): when it has stopped, or was to fail before its first turn. It is
    /// returned once.
    pub fn take_failure(&mut self) -> Option<RunError> {
        if !self.has_stopped() && !self.failed_early() {
            return None;
        }
        self.handle.core.failure.take().map(RunError::Failed)
    }

    /// Returns when the next turn has something to do; `None` when only the world can tell. A
    /// moment that has passed means at once.
    pub fn next_deadline(&self) -> Option<Time> {
        let core = &self.handle.core;
        let fresh = core.triggers.lifecycle.get() == Lifecycle::New;
        if fresh || core.has_work() || self.told < self.ready.len() {
            return Some(core.turn_time.get());
        }
        core.timers.next()
    }

    /// `host` is woken when there is new work between two turns: code that turns this reactor from
    /// another event loop must look at [`next_deadline`](Reactor::next_deadline) again.
    pub fn on_change(&mut self, host: Option<Waker>) {
        self.handle.core.set_host(host);
    }

    /// Returns the descriptor that another event loop watches: when it is readable, turn with
    /// `Duration::ZERO`. `None` when the world has none.
    #[cfg(unix)]
    pub fn as_raw_fd(&self) -> Option<std::os::fd::RawFd> {
        self.handle.core.world.borrow().raw_fd()
    }

    /// [`run`](Reactor::run) leaves SIGINT and SIGTERM to other code.
    pub fn without_signals(&mut self) {
        self.without_signals = true;
    }

    /// Returns the signal that stopped [`run`](Reactor::run), if one did: the one that was waited
    /// for, or else the second.
    pub fn stopped_by(&self) -> Option<Signal> {
        self.signals
            .as_ref()
            .and_then(|signals| signals.stopped_by())
    }

    /// Begins the startup in the first turn; after the last turn there is none.
    fn start_once(&self) -> io::Result<()> {
        match self.handle.core.triggers.lifecycle.get() {
            Lifecycle::New => self.handle.begin_startup(),
            Lifecycle::Stopped => {
                let error = RunError::NotRestartable.to_string();
                return Err(io::Error::new(io::ErrorKind::NotConnected, error));
            }
            Lifecycle::Starting | Lifecycle::Running | Lifecycle::Stopping => {}
        }
        Ok(())
    }

    // ANCHOR: calls
    fn run_calls(&self) -> usize {
        let core = &self.handle.core;
        let (remote, calls) = (self.take_remote_calls(), core.calls.borrow().len());
        if remote + calls > 0 {
            record_phase("calls");
        }
        self.run_remote_calls(remote);
        for _ in 0..calls {
            let call = core.calls.borrow_mut().pop_front();
            if let Some(call) = call {
                self.handle.run_call(call);
            }
        }
        remote + calls
    }
    // ANCHOR_END: calls

    /// Empties the mailbox, and returns how many calls of other threads there are.
    #[inline]
    fn take_remote_calls(&self) -> usize {
        let core = &self.handle.core;
        let mut calls = core.remote_calls.borrow_mut();
        core.mailbox.drain_into(&mut calls);
        calls.len()
    }

    #[inline]
    fn run_remote_calls(&self, count: usize) {
        for _ in 0..count {
            // A statement of its own: the borrow has ended when the call runs.
            let call = self.handle.core.remote_calls.borrow_mut().pop_front();
            if let Some(call) = call {
                self.handle.run_remote_call(call);
            }
        }
    }

    /// Makes the calls that have ended the wait, or came during it: they need not wait for another
    /// turn.
    #[inline]
    fn run_calls_that_came(&self) -> usize {
        let remote = self.take_remote_calls();
        if remote > 0 {
            record_phase("calls");
            self.run_remote_calls(remote);
        }
        remote
    }

    // ANCHOR: timers
    fn run_timers(&self, now: Time, newest: u64) -> usize {
        let mut ran = 0;
        while let Some(timer) = self.handle.core.timers.due(now, newest) {
            if ran == 0 {
                record_phase("timers");
            }
            ran += 1;
            let _span = trace::event(Kind::TimerFire)
                .of(timer.object)
                .because_of(timer.object)
                .enter();
            timer.what.fire(&self.handle);
        }
        ran
    }
    // ANCHOR_END: timers

    // ANCHOR: wait
    fn wait(&mut self, now: Time, at_most: Option<Duration>) -> io::Result<()> {
        self.forget_told();
        let core = &self.handle.core;
        // What is to be done already waits for no event: it only takes along those that are there.
        let until = if core.has_work() || !self.ready.is_empty() {
            Some(now)
        } else {
            let limit = at_most.map(|at_most| now + at_most);
            let limit = limit.filter(|limit| *limit < Time::MAX); // the end of time never comes
            match (core.timers.next(), limit) {
                (Some(deadline), Some(limit)) => Some(deadline.min(limit)),
                (deadline, limit) => deadline.or(limit),
            }
        };
        record_phase("wait");
        core.world.borrow_mut().wait(until, &mut self.ready)?;
        // Only now: jobs are code of the program, and the world is not borrowed any more.
        core.run_jobs();
        // Before `take_again` adds sources that did not end the wait.
        let told = self.ready.first().map(|ready| ready.id);
        core.take_again(&mut self.ready);
        if trace::on() {
            trace::set_clock(core.now().as_nanos());
            if until != Some(now) {
                self.handle.record_woke(told);
            }
        }
        Ok(())
    }
    // ANCHOR_END: wait

    // ANCHOR: ready
    fn tell_ready(&mut self) -> usize {
        let core = &self.handle.core;
        let mut ran = 0;
        while let Some(&Ready { id, what }) = self.ready.get(self.told) {
            self.told += 1;
            // An earlier callback of this turn may have closed it.
            let Some((source, object, what)) = core.ready_source(id, what) else {
                continue;
            };
            if ran == 0 {
                record_phase("ready");
            }
            ran += 1;
            let _span = trace::on().then(|| self.handle.record_ready(id, object, what));
            keeping(source, |source| source.ready(&self.handle, id, what));
        }
        ran
    }
    // ANCHOR_END: ready

    /// What has been told is forgotten. Something is left only when a callback has panicked.
    #[inline]
    fn forget_told(&mut self) {
        if self.told == self.ready.len() {
            self.ready.clear();
        } else {
            self.ready.drain(..self.told);
        }
        self.told = 0;
    }

    /// Signals come here until the guard is dropped, also when a callback panics: code that catches
    /// the panic may run it again, and would hear each signal twice.
    fn listen_to_signals(&mut self) -> io::Result<Option<impl Drop + use<>>> {
        if self.without_signals {
            return Ok(None);
        }
        // Of one that was ignored from the start the shell has decided that it must not end us.
        let mut stop = vec![Signal::Interrupt, Signal::Terminate];
        stop.retain(|signal| !self.handle.ignores(*signal));
        if stop.is_empty() {
            return Ok(None);
        }
        match self.handle.signals(&stop) {
            Ok(id) => {
                let source = Rc::<StopSignals>::default();
                // By `watch` and not `register`: a recording shows the sources of the program.
                self.handle.watch(id, Rc::clone(&source) as Rc<dyn Source>);
                self.signals = Some(source);
                let reactor = self.handle.clone();
                Ok(Some(guard((), move |()| reactor.close(id, false))))
            }
            // A world without signals stops by `stop` alone.
            Err(error) if error.kind() == io::ErrorKind::Unsupported => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Returns whether `fail` was called before there was anything to stop.
    fn failed_early(&self) -> bool {
        let core = &self.handle.core;
        core.triggers.lifecycle.get() == Lifecycle::New && core.failure.borrow().is_some()
    }

    fn record_start(&self, now: Time) -> Span {
        let turns = &self.handle.core.turns;
        turns.set(turns.get() + 1);
        if trace::on() {
            trace::set_clock(now.as_nanos());
            trace::set_turn(turns.get());
        }
        trace::event(Kind::TurnStart).enter()
    }
}

/// Four times a turn, so it must cost next to nothing while nothing is recorded.
#[inline(always)]
fn record_phase(phase: &'static str) {
    trace::event(Kind::TurnPhase)
        .attr("phase", || phase)
        .record();
}

impl Drop for Reactor {
    fn drop(&mut self) {
        let core = &self.handle.core;
        let now = core.now();
        core.close(Box::new(ClosedWorld(now)));
    }
}

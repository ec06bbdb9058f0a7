//! A job that is done again and again, takes its time, and may fail.
use crate::Service;
use deferreds::{Deferred, Failure, looping_call};
use reactor::{Handle, LoopingCall};
use std::{cell::RefCell, rc::Rc, time::Duration};

type Work = Rc<dyn Fn(&Handle) -> Deferred<()>>;

/// A service that does a job when it is started and then every so often, until it is stopped.
///
/// The job is never done twice at once: while it goes on, beats are skipped. A failure is reported,
/// and the next beat comes all the same. A panic is a bug, and ends the job; its stop then fails.
/// The stop waits for the run that is under way; cancelled, as it is when its limit is over, it
/// cancels that one. [`Ticking`](crate::Ticking) is for what is done at once.
///
/// ```
/// use applications::{Service, TimedJob};
/// use deferreds::defer_later;
/// use reactor::{Reactor, Sim};
/// use std::time::Duration;
///
/// let mut reactor = Reactor::new(Sim::new(1));
/// let minute = Duration::from_secs(60);
/// let backup = TimedJob::new("backup", 10 * minute, move |reactor| {
///     defer_later(reactor, minute, |_| Ok(()))
/// });
/// backup.start(&reactor.handle())?;
/// reactor.handle().call_later(minute / 2, move |reactor| {
///     let stops = reactor.clone();
///     backup.stop(reactor).on_result(move |result| {
///         assert_eq!((result.is_ok(), stops.now().as_millis()), (true, 60_000));
///         stops.stop().unwrap();
///     });
/// });
/// reactor.run()?;
/// # Ok::<(), deferreds::Failure>(())
/// ```
///
/// Source:
/// [`TimerService`](https://docs.twisted.org/en/stable/api/twisted.application.internet.TimerService.html),
/// which a failure ends.
pub struct TimedJob {
    name: String,
    every: Duration,
    work: Work,
    running: RefCell<Option<(LoopingCall, Deferred<()>)>>,
}

impl TimedJob {
    /// Will do `work` at the start and then every so often.
    pub fn new(
        name: &str,
        every: Duration,
        work: impl Fn(&Handle) -> Deferred<()> + 'static,
    ) -> Rc<TimedJob> {
        Rc::new(TimedJob {
            name: name.to_owned(),
            every,
            work: Rc::new(work),
            running: RefCell::default(),
        })
    }
}

impl Service for TimedJob {
    fn name(&self) -> &str {
        &self.name
    }

    // ANCHOR: start
    fn start(&self, reactor: &Handle) -> Result<(), Failure> {
        if self.running.borrow().is_some() {
            return Err(Failure::new(format!("{} runs already", self.name)));
        }
        let work = Rc::clone(&self.work);
        let running = looping_call(reactor, self.every, move |reactor, _| {
            work(reactor).add_both(|result| {
                if let Err(failure) = result {
                    drop(Deferred::<()>::fail(failure)); // reported, since none takes it
                }
                Ok(())
            })
        });
        self.running.replace(Some(running));
        Ok(())
    }

    fn stop(&self, _: &Handle) -> Deferred<()> {
        let Some((looping, end)) = self.running.take() else {
            return Deferred::succeed(());
        };
        looping.stop();
        end
    }
    // ANCHOR_END: start
}

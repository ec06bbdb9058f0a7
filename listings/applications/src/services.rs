//! Many services: started in order, stopped in reverse, each waited for, with a limit.
use crate::Service;
use deferreds::{Deferred, Failure, TimedOut, maybe_deferred};
use reactor::Handle;
use std::{cell::RefCell, error::Error, fmt, rc::Rc, time::Duration};

/// Services in the order in which they were added. It is a service itself, so they can form a tree.
///
/// When one cannot start, those before it are stopped again. Each has the same time for its stop;
/// one that takes longer is given up, and the others are stopped all the same.
///
/// Source:
/// [`MultiService`](https://docs.twisted.org/en/stable/api/twisted.application.service.MultiService.html).
pub struct Services {
    name: String,
    limit: Duration,
    all: RefCell<Vec<Rc<dyn Service>>>,
    /// Those that run, in the order of their starts.
    running: RefCell<Vec<Rc<dyn Service>>>,
}

impl Services {
    /// Returns a list with none yet. Each will have `limit` for its stop.
    #[must_use]
    pub fn new(name: &str, limit: Duration) -> Rc<Services> {
        Rc::new(Services {
            name: name.to_owned(),
            limit,
            all: RefCell::default(),
            running: RefCell::default(),
        })
    }

    /// Adds one. It starts with the next start of all.
    pub fn add(&self, service: Rc<dyn Service>) {
        self.all.borrow_mut().push(service);
    }

    // ANCHOR: stop
    /// Stops the last one that runs, and when it has stopped, the one before it.
    fn stop_rest(
        running: Vec<Rc<dyn Service>>,
        limit: Duration,
        reactor: &Handle,
        mut failed: Option<Failure>,
    ) -> Deferred<()> {
        let mut left = running;
        let Some(last) = left.pop() else {
            return Deferred::ready(failed.map_or(Ok(()), Err));
        };
        let (named, again) = (Rc::clone(&last), reactor.clone());
        let stopping = reactor.clone();
        maybe_deferred(move || last.stop(&stopping))
            .add_hard_timeout(reactor, limit)
            .add_both(move |result| {
                if let Err(failure) = result {
                    let failure = match failure.check::<TimedOut>() {
                        Some(_) => Failure::new(Late(named.name().to_owned(), limit)),
                        None => failure,
                    };
                    // One answer has room for one failure: the first. The others are reported.
                    match failed {
                        None => failed = Some(failure),
                        Some(_) => drop(Deferred::<()>::fail(failure)),
                    }
                }
                Services::stop_rest(left, limit, &again, failed)
            })
    }
    // ANCHOR_END: stop
}

impl Service for Services {
    fn name(&self) -> &str {
        &self.name
    }

    // ANCHOR: start
    fn start(&self, reactor: &Handle) -> Result<(), Failure> {
        let all = self.all.borrow().clone();
        for service in all {
            if let Err(failure) = service.start(reactor) {
                // Those that run already must not stay behind.
                let running = self.running.take();
                drop(Services::stop_rest(running, self.limit, reactor, None));
                return Err(failure);
            }
            self.running.borrow_mut().push(service);
        }
        Ok(())
    }
    // ANCHOR_END: start

    fn stop(&self, reactor: &Handle) -> Deferred<()> {
        Services::stop_rest(self.running.take(), self.limit, reactor, None)
    }
}

/// A service did not stop in its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Late(String, Duration);

impl Late {
    /// Returns the name of that service.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Late {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} has not stopped within {:?}, and was given up",
            self.0, self.1
        )
    }
}

impl Error for Late {}

//! A tree of resources that answers requests: which resource it is, and what becomes of what goes
//! wrong.
use crate::{Access, Limits, Resource, RunningSite, Served, access::AccessLog};
use reactor::{Address, Handle};
use std::{io, rc::Rc};
use transports::listen;

/// A tree of resources that can be served.
///
/// What each request costs when something goes wrong is its own answer, never the server: a path
/// that is not there 404, a method that the resource does not render 405 and one that no resource
/// could 501, a body over the limit 413 and one that does not come in time 408, a resource that
/// fails or panics 500.
///
/// Source:
/// [`twisted.web.server.Site`](https://docs.twisted.org/en/stable/api/twisted.web.server.Site.html).
pub struct Site {
    root: Rc<dyn Resource>,
    limits: Limits,
    log: Option<AccessLog>,
}

impl Site {
    /// Returns a site with this root. At `/` it is its child `""` that renders, or without one the
    /// root itself.
    pub fn new(root: impl Resource + 'static) -> Site {
        Site {
            root: Rc::new(root),
            limits: Limits::default(),
            log: None,
        }
    }

    /// Sets what a client may cost.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Site {
        self.limits = limits;
        self
    }

    /// Takes bodies of so many bytes at most; 1 MiB unless set.
    #[must_use]
    pub fn with_body_limit(mut self, bytes: usize) -> Site {
        self.limits.body_bytes = bytes;
        self
    }

    /// Calls `log` with each request, when its reply is over. Show it, and it is one line.
    #[must_use]
    pub fn with_access_log(mut self, log: impl Fn(&Access) + 'static) -> Site {
        self.log = Some(Rc::new(log));
        self
    }

    // ANCHOR: listen
    /// Serves the tree at an address, each connection in a task of its own.
    ///
    /// # Errors
    /// Those of [`listen`](transports::listen).
    #[track_caller]
    pub fn listen(self, reactor: &Handle, at: &Address) -> io::Result<Served> {
        let running = self.start(reactor);
        let port = listen(reactor, at, running.factory())?;
        Ok(Served::new(running, port))
    }
    // ANCHOR_END: listen

    /// Begins to serve, at no port yet: [`RunningSite::factory`] is for as many as you like.
    #[must_use]
    pub fn start(self, reactor: &Handle) -> RunningSite {
        RunningSite::new(self.root, self.limits, self.log, reactor)
    }
}

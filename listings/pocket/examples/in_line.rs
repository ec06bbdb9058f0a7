//! Three services start in order; then one cannot.
use pocket::{deferred, endpoint, reactor, transport};
#[path = "../steps/service_2.rs"]
#[allow(dead_code, reason = "this program makes no use of some of it")]
mod service;

// ANCHOR: main
use pocket::deferred::{Deferred, Failure};
use pocket::reactor::{Handle, Reactor};
use service::{Service, Services};
use std::rc::Rc;

/// Says what happens to it. A name with a question mark cannot start.
struct Named(&'static str);

impl Service for Named {
    fn start(&self, _: &Handle) -> Result<(), Failure> {
        println!("{} starts", self.0);
        match self.0.ends_with('?') {
            true => Err(format!("{} cannot start", self.0).into()),
            false => Ok(()),
        }
    }
    fn stop(&self, _: &Handle) -> Deferred<()> {
        println!("{} stops", self.0);
        Deferred::succeed(())
    }
}

fn main() -> Result<(), std::io::Error> {
    let reactor = Reactor::new()?;
    let services = Rc::new(Services::default());
    for name in ["store", "mailer?", "server"] {
        services.add(Named(name));
    }
    if let Err(failure) = services.start(&reactor.handle()) {
        println!("{failure}");
    }
    Ok(())
}
// ANCHOR_END: main

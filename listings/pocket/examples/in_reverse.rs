//! The same three services, stopped again, and stopped in reverse.

// ANCHOR: main
use pocket::deferred::{Deferred, Failure};
use pocket::reactor::{Handle, Reactor};
use pocket::service::{Service, Services};
use std::{rc::Rc, time::Duration};

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

/// Stops when a second has passed.
struct Slow(Named);

impl Service for Slow {
    fn start(&self, reactor: &Handle) -> Result<(), Failure> {
        self.0.start(reactor)
    }
    fn stop(&self, reactor: &Handle) -> Deferred<()> {
        let (resolver, slowly) = Deferred::new();
        reactor.call_later(Duration::from_secs(1), |_| resolver.callback(()));
        slowly.add_callback({
            let (reactor, name) = (reactor.clone(), self.0.0);
            move |()| Named(name).stop(&reactor)
        })
    }
}

fn main() -> Result<(), std::io::Error> {
    let mut reactor = Reactor::new()?;
    let handle = reactor.handle();
    let services = Rc::new(Services::default());
    services.add(Named("store"));
    services.add(Slow(Named("mailer")));
    services.add(Named("server"));
    services.start(&handle).expect("all three can start");
    let stop = handle.clone();
    services.stop(&handle).on_result(move |_| stop.stop());
    println!("now wait");
    reactor.run()?;

    services.add(Named("window?"));
    println!("{:?}", services.start(&handle).map_err(|failure| failure.to_string()));
    Ok(())
}
// ANCHOR_END: main

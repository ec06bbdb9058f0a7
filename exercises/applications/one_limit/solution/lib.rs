//! One limit for the stop of all services.
use std::{rc::Rc, time::Duration};
use untwisted::{
    applications::Service,
    deferreds::{Deferred, maybe_deferred},
    reactor::{Handle, Time},
};

/// Stops services in reverse, all within `limit`; fires with the names of those that are given up.
pub fn stop_within(
    reactor: &Handle,
    limit: Duration,
    services: Vec<Rc<dyn Service>>,
) -> Deferred<Vec<String>> {
    let end = reactor.now() + limit;
    stop_rest(reactor.clone(), end, services, Vec::new())
}

fn stop_rest(
    reactor: Handle,
    end: Time,
    mut services: Vec<Rc<dyn Service>>,
    mut late: Vec<String>,
) -> Deferred<Vec<String>> {
    let Some(last) = services.pop() else {
        return Deferred::succeed(late);
    };
    let left = match end > reactor.now() {
        true => end - reactor.now(),
        false => Duration::ZERO,
    };
    let (stops, at) = (Rc::clone(&last), reactor.clone());
    let stopped = maybe_deferred(move || stops.stop(&at));
    let stopped = match stopped.into_result() {
        Ok(_) => return stop_rest(reactor, end, services, late),
        Err(waits) => waits,
    };
    stopped
        .add_hard_timeout(&reactor.clone(), left)
        .add_both(move |result| {
            if let Err(failure) = result
                && failure.check::<untwisted::deferreds::TimedOut>().is_some()
            {
                late.push(last.name().to_owned());
            }
            stop_rest(reactor, end, services, late)
        })
}

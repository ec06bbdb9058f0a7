//! What a client service does when its attempt fails, and when its connection is made or lost.
use super::{ClientService, State};
use crate::observed::Observer;
use deferreds::Failure;
use reactor::{Address, Handle};
use std::rc::{Rc, Weak};
use transports::Transport;

/// Tells the service of its attempts and connections.
pub(super) struct ClientObserver {
    pub(super) service: Weak<ClientService>,
    pub(super) generation: u64,
    pub(super) reactor: Handle,
}

impl ClientObserver {
    fn service(&self) -> Option<Rc<ClientService>> {
        let service = self.service.upgrade()?;
        (service.generation.get() == self.generation).then_some(service)
    }
}

impl Observer for ClientObserver {
    fn made(&self, transport: &Transport) {
        let Some(service) = self.service() else {
            // It was stopped meanwhile: stopped is stopped.
            return transport.abort_connection();
        };
        service.failures.set(0);
        service.set(State::Connected(transport.clone()));
        let made = transport.clone();
        service.fire_waiters(
            &self.reactor,
            |_| true,
            move |resolver| resolver.callback(made.clone()),
        );
    }

    fn lost(&self, transport: &Transport) {
        let Some(service) = self.service() else {
            return;
        };
        // The loss of an older connection, which a stop and a start have overtaken, changes
        // nothing.
        match service.take() {
            State::Connected(ours) if ours.is(transport) => service.retry_later(&self.reactor),
            State::Stopping {
                transport: ours,
                resolvers,
                again,
            } if ours.is(transport) => {
                service.generation.set(service.generation.get() + 1);
                let reactor = self.reactor.clone();
                if again {
                    service.attempt(&reactor);
                }
                reactor.call_soon(move |_| {
                    resolvers
                        .into_iter()
                        .for_each(|resolver| resolver.callback(()))
                });
            }
            other => service.set(other),
        }
    }

    fn failed(&self, _: &Address, why: Failure) {
        let Some(service) = self.service() else {
            return;
        };
        service
            .failures
            .set(service.failures.get().saturating_add(1));
        tracing::info!(service = service.name, endpoint = %service.endpoint, %why, "no connection");
        // A failure has no clone, and several may wait: each is told its text.
        let said = why.to_string();
        service.fire_waiters(
            &self.reactor,
            |waiter| match &mut waiter.failures_left {
                None => false,
                Some(left) => {
                    *left -= 1;
                    *left == 0
                }
            },
            move |resolver| resolver.errback(Failure::new(said.clone())),
        );
        service.retry_later(&self.reactor);
    }
}

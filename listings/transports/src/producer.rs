//! Producers: who writes more than fits, and so has to be told when to wait. `transport.rs` registers
//! them.
use crate::{
    Transport,
    connection::{Connection, HIGH_WATER},
    guard::{guard, guard_last, report},
};
use deferreds::Failure;
use std::{error::Error, fmt, rc::Rc};

/// Writes to a transport for a long time, and waits when told to.
///
/// Nothing here is called inside [`Transport::write`], or of any other method of the transport: the calls come when
/// the turn ends. An `Err`, or a panic, costs the connection and no other.
///
/// Source: [`IPushProducer`](https://docs.twisted.org/en/stable/api/twisted.internet.interfaces.IPushProducer.html) and
/// [`IPullProducer`](https://docs.twisted.org/en/stable/api/twisted.internet.interfaces.IPullProducer.html).
pub trait Producer {
    /// Everything has been sent. One that is [pulled](Pace::Pull) writes its next piece; one that
    /// [pushes](Pace::Push) goes on.
    ///
    /// # Errors
    /// Your own: the connection is aborted with it.
    fn resume_producing(&self, transport: &Transport) -> Result<(), Failure>;

    /// More than 64 KiB wait: stop writing until [`resume_producing`](Producer::resume_producing). Only one that
    /// pushes is told this.
    fn pause_producing(&self, transport: &Transport) {
        let _ = transport;
    }

    /// The connection is lost: nothing that is written now goes anywhere.
    fn stop_producing(&self, transport: &Transport) {
        let _ = transport;
    }
}

/// Who decides when a producer writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// The producer does, until it is paused.
    Push,
    /// The transport does: it asks for a piece whenever all before it has been sent.
    Pull,
}

/// A producer was not registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProducerError {
    /// There is one already; [`unregister`](Transport::unregister_producer) it first.
    AlreadyRegistered,
    /// The connection is lost, or this side has said that it sends no more.
    Closed,
}

impl fmt::Display for ProducerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ProducerError::AlreadyRegistered => {
                "this transport has a producer already: unregister it first"
            }
            ProducerError::Closed => "this transport takes no more writes",
        })
    }
}

impl Error for ProducerError {}

/// A producer that is registered.
#[derive(Clone)]
pub(crate) struct Production {
    producer: Rc<dyn Producer>,
    pace: Pace,
    paused: bool,
}

impl Connection {
    pub(crate) fn register(
        self: &Rc<Self>,
        producer: Rc<dyn Producer>,
        pace: Pace,
    ) -> Result<(), ProducerError> {
        let ending = self.closing.get() || self.write_closing.get();
        if self.lost.get() || self.aborting.get() || ending {
            return Err(ProducerError::Closed);
        }
        let mut production = self.production.borrow_mut();
        if production.is_some() {
            return Err(ProducerError::AlreadyRegistered);
        }
        *production = Some(Production {
            producer,
            pace,
            paused: false,
        });
        drop(production);
        // The first piece is pulled when this turn ends.
        self.schedule();
        Ok(())
    }

    pub(crate) fn unregister(self: &Rc<Self>) {
        let before = self.production.take();
        if before.is_some() {
            // What waited for it may go on: a close, for example.
            self.schedule();
        }
        guard_last("a producer's destructor", || drop(before));
    }

    /// The turn has ended and bytes still wait.
    pub(crate) fn pause_producer(self: &Rc<Self>) {
        if self.waiting() <= HIGH_WATER {
            return;
        }
        let producer = match &mut *self.production.borrow_mut() {
            Some(production) if production.pace == Pace::Push && !production.paused => {
                production.paused = true;
                production.producer.clone()
            }
            _ => return,
        };
        self.record(trace::Kind::WritePause);
        self.produce(producer, |producer, transport| {
            producer.pause_producing(transport);
            Ok(())
        });
    }

    /// Nothing waits any more.
    pub(crate) fn resume_producer(self: &Rc<Self>) {
        if self.lost.get() || self.aborting.get() {
            return;
        }
        let producer = match &mut *self.production.borrow_mut() {
            Some(production) if production.pace == Pace::Pull || production.paused => {
                if std::mem::take(&mut production.paused) {
                    self.record(trace::Kind::WriteResume);
                }
                production.producer.clone()
            }
            _ => return,
        };
        self.produce(producer, |producer, transport| {
            producer.resume_producing(transport)
        });
    }

    /// The connection is lost.
    pub(crate) fn stop_producer(self: &Rc<Self>) {
        let Some(production) = self.production.take() else {
            return;
        };
        let transport = Transport(Rc::clone(self));
        guard_last("stop_producing", || {
            production.producer.stop_producing(&transport);
        });
        guard_last("a producer's destructor", || drop(production));
    }

    fn produce(
        self: &Rc<Self>,
        producer: Rc<dyn Producer>,
        call: impl FnOnce(&dyn Producer, &Transport) -> Result<(), Failure>,
    ) {
        let transport = Transport(Rc::clone(self));
        let result = guard(|| call(&*producer, &transport));
        // The last owner, if it has unregistered itself.
        guard_last("a producer's destructor", || drop(producer));
        if let Err(failure) | Ok(Err(failure)) = result {
            report("a producer failed and lost its connection", &failure);
            self.fail(failure);
        }
    }

    fn record(&self, kind: trace::Kind) {
        if trace::on() {
            let object = self.reactor.object(self.id);
            trace::event(kind).of(object).record();
        }
    }
}

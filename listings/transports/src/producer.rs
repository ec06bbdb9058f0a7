//! Producers: what writes more than fits, and so has to be told when to wait. `transport.rs`
//! registers them.
use crate::{
    Transport,
    connection::Connection,
    panics::{catch_and_report, catch_panic, report},
    writing::HIGH_WATER,
};
use deferreds::Failure;
use std::{error::Error, fmt, rc::Rc};

/// Writes to a transport for a long time, and waits when told to.
///
/// Nothing here is called inside [`Transport::write`], or of any other method of the transport: the
/// calls come when the turn ends. An `Err`, or a panic, costs the connection and no other.
///
/// Source:
/// [`IPushProducer`](https://docs.twisted.org/en/stable/api/twisted.internet.interfaces.IPushProducer.html)
/// and
/// [`IPullProducer`](https://docs.twisted.org/en/stable/api/twisted.internet.interfaces.IPullProducer.html).
pub trait Producer {
    /// Everything has been sent. One that is [pulled](Pace::Pull) writes its next piece; one that
    /// [pushes](Pace::Push) goes on.
    ///
    /// # Errors
    /// Your own: the connection is aborted with it.
    fn resume_producing(&self, transport: &Transport) -> Result<(), Failure>;

    /// More than 64 KiB wait: stop writing until [`resume_producing`](Producer::resume_producing).
    /// Only one that pushes is told this.
    fn pause_producing(&self, transport: &Transport) {
        let _ = transport;
    }

    /// The connection is lost: nothing that is written now goes anywhere.
    fn stop_producing(&self, transport: &Transport) {
        let _ = transport;
    }
}

/// What one connection reads, another one writes: register the first as producer of the second, and
/// nothing is read while too much waits to be written.
impl Producer for Transport {
    fn resume_producing(&self, _: &Transport) -> Result<(), Failure> {
        self.resume_reading();
        Ok(())
    }

    fn pause_producing(&self, _: &Transport) {
        self.pause_reading();
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
pub(crate) struct RegisteredProducer {
    producer: Rc<dyn Producer>,
    pace: Pace,
    paused: bool,
}

impl Connection {
    pub(crate) fn register_producer(
        self: &Rc<Self>,
        producer: Rc<dyn Producer>,
        pace: Pace,
    ) -> Result<(), ProducerError> {
        // `takes_writes` would say yes to a second producer while the first delays a close.
        let ending = self.closing.get() || self.write_closing.get();
        if self.lost.get() || self.aborting.get() || ending {
            return Err(ProducerError::Closed);
        }
        let mut registered = self.producer.borrow_mut();
        if registered.is_some() {
            return Err(ProducerError::AlreadyRegistered);
        }
        *registered = Some(RegisteredProducer {
            producer,
            pace,
            paused: false,
        });
        drop(registered);
        // The first piece is pulled when this turn ends.
        self.schedule();
        Ok(())
    }

    pub(crate) fn unregister_producer(self: &Rc<Self>) {
        let before = self.producer.take();
        if before.is_some() {
            // What waited for it may go on: a close, for example.
            self.schedule();
        }
        catch_and_report("a producer's destructor", || drop(before));
    }

    /// Pauses a push producer when more than [`HIGH_WATER`] bytes still wait at the end of a turn.
    pub(crate) fn pause_producer(self: &Rc<Self>) {
        if self.waiting() <= HIGH_WATER {
            return;
        }
        // Only a clone leaves the borrow: what is called may unregister itself.
        let producer = match &mut *self.producer.borrow_mut() {
            Some(registered) if registered.pace == Pace::Push && !registered.paused => {
                registered.paused = true;
                registered.producer.clone()
            }
            _ => return,
        };
        self.record(trace::Kind::WritePause);
        self.produce(producer, |producer, transport| {
            producer.pause_producing(transport);
            Ok(())
        });
    }

    /// Lets a producer write again, because nothing waits any more.
    pub(crate) fn resume_producer(self: &Rc<Self>) {
        if self.lost.get() || self.aborting.get() {
            return;
        }
        let producer = match &mut *self.producer.borrow_mut() {
            Some(registered) if registered.pace == Pace::Pull || registered.paused => {
                // One that is pulled was never paused, so its pieces are no resumes in a recording.
                if std::mem::take(&mut registered.paused) {
                    self.record(trace::Kind::WriteResume);
                }
                registered.producer.clone()
            }
            _ => return,
        };
        self.produce(producer, |producer, transport| {
            producer.resume_producing(transport)
        });
    }

    /// Tells the producer that the connection is lost, and drops it.
    pub(crate) fn stop_producer(self: &Rc<Self>) {
        let Some(registered) = self.producer.take() else {
            return;
        };
        let transport = Transport(Rc::clone(self));
        catch_and_report("stop_producing", || {
            registered.producer.stop_producing(&transport);
        });
        catch_and_report("a producer's destructor", || drop(registered));
    }

    fn produce(
        self: &Rc<Self>,
        producer: Rc<dyn Producer>,
        call: impl FnOnce(&dyn Producer, &Transport) -> Result<(), Failure>,
    ) {
        let transport = Transport(Rc::clone(self));
        let result = catch_panic(|| call(&*producer, &transport));
        // The last owner, if it has unregistered itself.
        catch_and_report("a producer's destructor", || drop(producer));
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

//! A question, and why there is no answer: a cancelled question keeps its connection.
use std::{
    cell::{Cell, RefCell},
    error::Error,
    fmt,
    rc::Rc,
    time::Duration,
};
use untwisted::{
    deferreds::{Deferred, Failure, Resolver},
    reactor::{DelayedCall, Handle},
    transports::{Address, Connector, Factory, Loss, Protocol, Transport, connect},
};

/// The longest answer, in bytes.
pub const LONGEST: usize = 1000;

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoAnswer {
    /// The connection could not be made.
    NotThere,
    /// The time was over.
    TooLate,
    /// The server closed in good order.
    HungUp,
    /// The connection was lost in any other way.
    Broke,
}

impl fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no answer: {self:?}")
    }
}

impl Error for NoAnswer {}

/// What the timer, the factory and the protocol share.
#[derive(Default)]
struct Asked {
    resolver: Cell<Option<Resolver<String>>>,
    timer: Cell<Option<DelayedCall>>,
    connector: Cell<Option<Connector>>,
    transport: RefCell<Option<Transport>>,
}

impl Asked {
    /// Fires, if that was not done yet, and takes the timer back.
    fn answer(&self, result: Result<String, NoAnswer>) {
        if let Some(timer) = self.timer.take() {
            let _ = timer.cancel();
        }
        if let Some(resolver) = self.resolver.take() {
            resolver.fire(result.map_err(Failure::new));
        }
    }

    /// Ends whatever there is.
    fn end(&self) {
        match self.transport.take() {
            Some(transport) => transport.abort_connection(),
            None => {
                if let Some(connector) = self.connector.take() {
                    connector.cancel();
                }
            }
        }
    }
}

/// Asks one question; see the task.
pub fn ask(reactor: &Handle, at: &Address, question: &str, patience: Duration) -> Deferred<String> {
    let asked = Rc::<Asked>::default();
    let cancelled = Rc::clone(&asked);
    let (resolver, answer) = Deferred::with_canceller(move |_| {
        cancelled.resolver.take();
        if let Some(timer) = cancelled.timer.take() {
            let _ = timer.cancel();
        }
    });
    asked.resolver.set(Some(resolver));
    let late = Rc::clone(&asked);
    let timer = reactor.call_later(patience, move |_| {
        late.answer(Err(NoAnswer::TooLate));
        late.end();
    });
    asked.timer.set(Some(timer));
    let asks = Asks {
        question: question.to_owned(),
        asked: Rc::clone(&asked),
    };
    asked
        .connector
        .set(Some(connect(reactor, at, Rc::new(asks))));
    answer
}

struct Asks {
    question: String,
    asked: Rc<Asked>,
}

impl Factory for Asks {
    fn build_protocol(&self, _: &Address) -> Option<Box<dyn Protocol>> {
        Some(Box::new(Waits {
            question: self.question.clone(),
            bytes: Vec::new(),
            asked: Rc::clone(&self.asked),
        }))
    }

    fn connection_failed(&self, _: &Address, _: Failure) {
        self.asked.answer(Err(NoAnswer::NotThere));
    }
}

struct Waits {
    question: String,
    bytes: Vec<u8>,
    asked: Rc<Asked>,
}

impl Protocol for Waits {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        transport.write_sequence([self.question.as_str(), "\n"]);
        self.asked.transport.replace(Some(transport.clone()));
        Ok(())
    }

    fn data_received(&mut self, transport: &Transport, data: &[u8]) -> Result<(), Failure> {
        self.bytes.extend_from_slice(data);
        let end = self.bytes.iter().position(|byte| *byte == b'\n');
        if end.unwrap_or(self.bytes.len()) > LONGEST {
            return Err(Failure::new("the answer is too long"));
        }
        if let Some(end) = end {
            let line = String::from_utf8_lossy(&self.bytes[..end]).into_owned();
            self.asked.answer(Ok(line));
            transport.lose_connection();
        }
        Ok(())
    }

    fn connection_lost(&mut self, _: &Transport, why: Loss) {
        self.asked.transport.take();
        self.asked.answer(Err(match why {
            Loss::Done => NoAnswer::HungUp,
            Loss::Aborted | Loss::Failed(_) => NoAnswer::Broke,
        }));
    }
}

//! A question, and why there is no answer: you write it.
use std::{cell::Cell, error::Error, fmt, rc::Rc, time::Duration};
use untwisted::{
    deferreds::{Deferred, Failure, Resolver},
    reactor::Handle,
    transports::{Address, Factory, Loss, Protocol, Transport, connect},
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

/// Asks one question; see the task.
pub fn ask(reactor: &Handle, at: &Address, question: &str, patience: Duration) -> Deferred<String> {
    // The connection is made, and the first piece is taken for the answer. What is missing?
    let _ = patience;
    let (resolver, answer) = Deferred::new();
    let asks = Asks {
        question: question.to_owned(),
        resolver: Cell::new(Some(resolver)),
    };
    connect(reactor, at, Rc::new(asks));
    answer
}

struct Asks {
    question: String,
    resolver: Cell<Option<Resolver<String>>>,
}

impl Factory for Asks {
    fn build_protocol(&self, _: &Address) -> Option<Box<dyn Protocol>> {
        Some(Box::new(Waits {
            question: self.question.clone(),
            resolver: self.resolver.take(),
        }))
    }
}

struct Waits {
    question: String,
    resolver: Option<Resolver<String>>,
}

impl Protocol for Waits {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        transport.write_sequence([self.question.as_str(), "\n"]);
        Ok(())
    }

    fn data_received(&mut self, transport: &Transport, data: &[u8]) -> Result<(), Failure> {
        if let Some(resolver) = self.resolver.take() {
            resolver.callback(String::from_utf8_lossy(data).into_owned());
            transport.lose_connection();
        }
        Ok(())
    }

    fn connection_lost(&mut self, _: &Transport, why: Loss) {
        if let (Some(resolver), Loss::Done) = (self.resolver.take(), why) {
            resolver.errback(NoAnswer::HungUp);
        }
    }
}

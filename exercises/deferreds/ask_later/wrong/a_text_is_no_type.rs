//! Wrong: a failure made from a text has no type to look for.
use std::{cell::RefCell, error::Error, fmt, rc::Rc};
use untwisted::deferreds::{Deferred, Failure};

/// What the oracle will call: with its answer, or with why it gives none.
pub type Answer = Box<dyn FnOnce(Result<String, String>)>;

/// An interface that is not yours: it takes a callback, and calls it some time later. Or never.
#[derive(Clone, Default)]
pub struct Oracle {
    pub asked: Rc<RefCell<Vec<(String, Answer)>>>,
}

impl Oracle {
    pub fn ask(&self, question: &str, answer: impl FnOnce(Result<String, String>) + 'static) {
        let asked = (question.to_owned(), Box::new(answer) as Answer);
        self.asked.borrow_mut().push(asked);
    }
}

/// The oracle gave no answer; this is why.
#[derive(Debug)]
pub struct Refused(pub String);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the oracle refuses: {}", self.0)
    }
}

impl Error for Refused {}

/// Asks, and returns the answer as a Deferred.
pub fn ask(oracle: &Oracle, question: &str) -> Deferred<String> {
    let (resolver, deferred) = Deferred::new();
    oracle.ask(question, |answer| {
        resolver.fire(answer.map_err(|why| Failure::new(Refused(why).to_string())));
    });
    deferred
}

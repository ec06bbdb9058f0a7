//! Wrong: a stage puts the answer into a box, and the future looks into the box. Dropping the future reaches only the box.
use std::{cell::RefCell, collections::BTreeMap, rc::Rc};
use untwisted::{
    coroutines::spawn,
    deferreds::{Deferred, Failure, Resolver},
    reactor::Handle,
};

#[derive(Default)]
struct State {
    asked: Vec<String>,
    withdrawn: Vec<usize>,
    open: BTreeMap<usize, Resolver<String>>,
}

/// An information desk of the older kind: it answers with Deferreds.
#[derive(Clone, Default)]
pub struct Desk(Rc<RefCell<State>>);

impl Desk {
    /// Asks. Cancelling the Deferred withdraws the question.
    pub fn ask(&self, question: &str) -> Deferred<String> {
        let number = self.asked().len();
        let desk = Rc::downgrade(&self.0);
        let (resolver, answer) = Deferred::with_canceller(move |_| {
            if let Some(desk) = desk.upgrade() {
                desk.borrow_mut().withdrawn.push(number);
            }
        });
        let mut state = self.0.borrow_mut();
        state.asked.push(question.to_owned());
        state.open.insert(number, resolver);
        answer
    }

    /// The questions so far, in order. The first one is number 0.
    pub fn asked(&self) -> Vec<String> {
        self.0.borrow().asked.clone()
    }

    /// The numbers of the questions that were withdrawn.
    pub fn withdrawn(&self) -> Vec<usize> {
        self.0.borrow().withdrawn.clone()
    }

    /// Answers a question.
    pub fn answer(&self, number: usize, answer: Result<&str, Failure>) {
        let open = self.0.borrow_mut().open.remove(&number);
        if let Some(resolver) = open {
            resolver.fire(answer.map(str::to_owned));
        }
    }
}

/// Asks until the answer is another one than "later".
pub async fn consult(desk: &Desk, question: &str) -> Result<String, Failure> {
    loop {
        let (resolver, answer) = Deferred::new();
        drop(desk.ask(question).add_both(move |result| {
            resolver.fire(result);
            Ok(())
        }));
        let answer = answer.await?;
        if answer != "later" {
            return Ok(answer);
        }
    }
}

/// The same for callers without `await`: it goes on by itself, and fires with the answer.
pub fn enquiry(reactor: &Handle, desk: &Desk, question: &str) -> Deferred<String> {
    let (desk, question) = (desk.clone(), question.to_owned());
    spawn(reactor, async move { consult(&desk, &question).await })
}

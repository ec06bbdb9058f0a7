//! A pool of numbered connections, and a function that borrows one.
use std::{
    cell::RefCell,
    collections::{BTreeSet, VecDeque},
    rc::Rc,
};
use untwisted::deferreds::{Deferred, Resolver, maybe_deferred};

/// Lends numbers. Clones mean the same pool.
#[derive(Clone)]
pub struct Pool(Rc<RefCell<State>>);

struct State {
    idle: Vec<u32>,
    lent: BTreeSet<u32>,
    waiting: VecDeque<Resolver<u32>>,
}

impl Pool {
    /// A pool of so many.
    pub fn new(size: u32) -> Pool {
        Pool(Rc::new(RefCell::new(State {
            idle: (0..size).rev().collect(),
            lent: BTreeSet::new(),
            waiting: VecDeque::new(),
        })))
    }

    /// Lends one, now or when one comes back. The borrower calls `give_back` with it, once.
    pub fn borrow(&self) -> Deferred<u32> {
        let mut state = self.0.borrow_mut();
        match state.idle.pop() {
            Some(number) => {
                state.lent.insert(number);
                Deferred::succeed(number)
            }
            None => {
                let (resolver, number) = Deferred::new();
                state.waiting.push_back(resolver);
                number
            }
        }
    }

    /// One comes back.
    ///
    /// # Panics
    /// When it was not lent.
    pub fn give_back(&self, number: u32) {
        let next = {
            let mut state = self.0.borrow_mut();
            assert!(
                state.lent.contains(&number),
                "connection {number} was given back, and was not lent"
            );
            loop {
                match state.waiting.pop_front() {
                    Some(waits) if waits.is_cancelled() => {}
                    next => break next,
                }
            }
        };
        match next {
            Some(waits) => waits.callback(number),
            None => {
                let mut state = self.0.borrow_mut();
                state.lent.remove(&number);
                state.idle.push(number);
            }
        }
    }

    /// How many are not lent.
    pub fn idle(&self) -> usize {
        self.0.borrow().idle.len()
    }
}

/// Borrows a connection, asks on it, and gives it back.
pub fn ask<T: 'static>(
    pool: &Pool,
    question: impl FnOnce(u32) -> Deferred<T> + 'static,
) -> Deferred<T> {
    let lender = pool.clone();
    pool.borrow().add_callback(move |number| {
        let loan = Loan(lender, number);
        maybe_deferred(|| question(number)).add_both(move |result| {
            loan.0.give_back(loan.1);
            drop(loan);
            result
        })
    })
}

/// Gives back when it is dropped: after an answer, a failure, a cancel, a panic, or with its chain.
struct Loan(Pool, u32);

impl Drop for Loan {
    fn drop(&mut self) {
        self.0.give_back(self.1);
    }
}

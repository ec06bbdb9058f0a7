//! Semaphores, locks and queues against plain models: two lists each, for any order of operations.
use deferreds::{Canceller, Guard, Lock, Queue, Semaphore};
use proptest::prelude::*;
use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    rc::Rc,
};

#[derive(Clone, Debug)]
enum Do {
    /// Joins the line; when it is served it does more, at once.
    Join(Vec<Do>),
    /// Gives a token back, or puts a value.
    Supply(usize),
    /// One that joined cancels.
    Cancel(usize),
}

fn one(join: impl Strategy<Value = Do> + 'static) -> impl Strategy<Value = Do> {
    prop_oneof![
        4 => join,
        3 => any::<usize>().prop_map(Do::Supply),
        1 => any::<usize>().prop_map(Do::Cancel),
    ]
}

fn program() -> impl Strategy<Value = Vec<Do>> {
    let inside = prop::collection::vec(one(Just(Do::Join(Vec::new()))), 0..3);
    prop::collection::vec(one(inside.prop_map(Do::Join)), 0..60)
}

/// Either part, as a program sees it.
trait Part: Clone + 'static {
    fn join(&self, number: usize, served: impl FnOnce() + 'static) -> Canceller;
    fn supply(&self, which: usize);
}

#[derive(Clone, Default)]
struct Seen {
    served: Rc<RefCell<Vec<usize>>>,
    cancellers: Rc<RefCell<Vec<Option<Canceller>>>>,
}

fn perform<P: Part>(part: &P, seen: &Seen, what: &Do) {
    match what {
        Do::Supply(which) => part.supply(*which),
        Do::Cancel(which) => {
            let cancellers = seen.cancellers.borrow();
            let count = cancellers.len();
            let canceller = (count > 0).then(|| cancellers[which % count].clone());
            drop(cancellers);
            if let Some(Some(canceller)) = canceller {
                canceller.cancel();
            }
        }
        Do::Join(inside) => {
            let number = seen.cancellers.borrow().len();
            seen.cancellers.borrow_mut().push(None);
            let (again, log, inside) = (part.clone(), seen.clone(), inside.clone());
            let canceller = part.join(number, move || {
                log.served.borrow_mut().push(number);
                for what in &inside {
                    perform(&again, &log, what);
                }
            });
            seen.cancellers.borrow_mut()[number] = Some(canceller);
        }
    }
}

/// Who waits, what there is for them, and who was served: the same for tokens and for values.
struct Model {
    there: usize,
    most: Option<usize>,
    /// Whether a supply needs a waiter that was served before: tokens do, values do not.
    given_back: bool,
    held: usize,
    line: VecDeque<(usize, Vec<Do>)>,
    /// One is being served. What comes meanwhile is for those who wait, after that.
    serving: bool,
    joined: usize,
    served: Vec<usize>,
}

impl Model {
    fn new(there: usize, most: Option<usize>, given_back: bool) -> Model {
        Model {
            there,
            most,
            given_back,
            held: 0,
            line: VecDeque::new(),
            serving: false,
            joined: 0,
            served: Vec::new(),
        }
    }

    fn perform(&mut self, what: &Do) {
        match what {
            Do::Join(inside) => {
                let number = self.joined;
                self.joined += 1;
                if self.line.is_empty() && self.there > 0 {
                    self.give(number, inside);
                } else {
                    self.line.push_back((number, inside.clone()));
                }
            }
            Do::Supply(_) if self.given_back => {
                if self.held > 0 {
                    self.held -= 1;
                    self.there += 1;
                }
            }
            Do::Supply(_) => {
                let room = self.most.map(|most| most + self.line.len());
                if room.is_none_or(|room| self.there < room) {
                    self.there += 1;
                }
            }
            Do::Cancel(which) if self.joined > 0 => {
                let number = which % self.joined;
                self.line.retain(|waits| waits.0 != number);
            }
            Do::Cancel(_) => {}
        }
        if self.serving {
            return;
        }
        self.serving = true;
        while self.there > 0
            && let Some((number, inside)) = self.line.pop_front()
        {
            self.give(number, &inside);
        }
        self.serving = false;
    }

    fn give(&mut self, number: usize, inside: &[Do]) {
        self.there -= 1;
        self.held += 1;
        self.served.push(number);
        for what in inside {
            self.perform(what);
        }
    }
}

/// The tokens that are held, in the order in which they were given out.
#[derive(Clone)]
struct Tokens(Semaphore, Rc<RefCell<VecDeque<Guard>>>);

impl Part for Tokens {
    fn join(&self, _: usize, served: impl FnOnce() + 'static) -> Canceller {
        let held = self.1.clone();
        let deferred = self.0.acquire();
        let canceller = deferred.canceller();
        drop(deferred.add_callback(move |guard| {
            held.borrow_mut().push_back(guard);
            served();
            Ok(())
        }));
        canceller
    }

    fn supply(&self, which: usize) {
        let mut held = self.1.borrow_mut();
        let count = held.len();
        let guard = (count > 0).then(|| held.remove(which % count));
        drop(held);
        drop(guard);
    }
}

/// A queue, the next value to put, the next one that must come.
#[derive(Clone)]
struct Values(Queue<u32>, Rc<Cell<u32>>, Rc<Cell<u32>>);

impl Part for Values {
    fn join(&self, _: usize, served: impl FnOnce() + 'static) -> Canceller {
        let deferred = self.0.get();
        let canceller = deferred.canceller();
        let next = self.2.clone();
        drop(deferred.add_callback(move |value| {
            assert_eq!(
                value,
                next.get(),
                "values come in the order in which they were put"
            );
            next.set(next.get() + 1);
            served();
            Ok(())
        }));
        canceller
    }

    fn supply(&self, _: usize) {
        let value = self.1.get();
        // Before it is put: a reader may put the next one at once.
        self.1.set(value + 1);
        if let Err(overflow) = self.0.put(value) {
            assert_eq!(overflow.0, value, "what has no room comes back");
            self.1.set(value);
        }
    }
}

proptest! {
    // 512, or twice what PROPTEST_CASES says.
    #![proptest_config(ProptestConfig { cases: 2 * ProptestConfig::default().cases, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_semaphore_serves_as_a_list_does(tokens in 1..4_usize, program in program()) {
        let semaphore = Semaphore::new(tokens);
        let (part, seen) = (Tokens(semaphore.clone(), Rc::default()), Seen::default());
        let mut model = Model::new(tokens, None, true);
        for what in program {
            perform(&part, &seen, &what);
            model.perform(&what);
            prop_assert_eq!(&*seen.served.borrow(), &model.served);
            prop_assert_eq!((semaphore.free(), semaphore.waiting()), (model.there, model.line.len()));
            prop_assert_eq!(part.1.borrow().len(), model.held);
        }
        // Nothing is lost: when all is given back and the line is empty, every token is there.
        for canceller in seen.cancellers.take().into_iter().flatten() {
            canceller.cancel();
        }
        drop(part.1.take());
        drop(part);
        prop_assert_eq!(semaphore.free(), tokens);
    }

    #[test]
    fn a_lock_is_a_semaphore_with_one_token(program in program()) {
        let (lock, one) = (Lock::new(), Semaphore::new(1));
        let mut held: Vec<(Option<Guard>, Option<Guard>)> = Vec::new();
        let mut waits = Vec::new();
        for what in program {
            match what {
                Do::Join(_) => waits.push((lock.acquire(), one.acquire())),
                Do::Supply(_) => drop(held.pop()),
                Do::Cancel(which) if !waits.is_empty() => {
                    let (with_lock, with_token) = &waits[which % waits.len()];
                    with_lock.canceller().cancel();
                    with_token.canceller().cancel();
                }
                Do::Cancel(_) => {}
            }
            let mut still = Vec::new();
            for (with_lock, with_token) in waits {
                match (with_lock.into_result(), with_token.into_result()) {
                    (Err(lock), Err(token)) => still.push((lock, token)),
                    (Ok(lock), Ok(token)) => held.extend([(lock.ok(), token.ok())].into_iter().filter(|both| both.0.is_some() || both.1.is_some())),
                    (lock, token) => prop_assert!(false, "{:?} {:?}", lock.is_ok(), token.is_ok()),
                }
            }
            waits = still;
            prop_assert!(held.iter().all(|both| both.0.is_some() == both.1.is_some()));
            prop_assert_eq!(lock.is_locked(), one.free() == 0);
            prop_assert_eq!(lock.waiting(), one.waiting());
        }
    }

    #[test]
    fn a_queue_serves_as_two_lists_do(most in prop::option::of(0..3_usize), program in program()) {
        let queue = Queue::with_limits(most, None);
        let part = Values(queue.clone(), Rc::default(), Rc::default());
        let seen = Seen::default();
        let mut model = Model::new(0, most, false);
        for what in program {
            perform(&part, &seen, &what);
            model.perform(&what);
            prop_assert_eq!(&*seen.served.borrow(), &model.served);
            prop_assert_eq!((queue.len(), queue.waiting()), (model.there, model.line.len()));
        }
    }
}

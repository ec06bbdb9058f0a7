//! Semaphores, locks and queues against plain models: two lists each, for any order of operations.
use deferreds::{Canceller, Guard, Lock, Queue, Semaphore};
use proptest::prelude::*;
use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    rc::Rc,
};

#[derive(Clone, Copy, Debug)]
enum Do {
    /// Joins the line; when it is served it does one more thing.
    Join(Inside),
    /// Gives a token back, or puts a value.
    Supply(usize),
    /// One that joined cancels.
    Cancel(usize),
}

/// What one that is served does at once.
#[derive(Clone, Copy, Debug)]
enum Inside {
    Nothing,
    Join,
    Supply(usize),
    Cancel(usize),
}

fn inside() -> impl Strategy<Value = Inside> {
    prop_oneof![
        4 => Just(Inside::Nothing),
        1 => Just(Inside::Join),
        1 => any::<usize>().prop_map(Inside::Supply),
        1 => any::<usize>().prop_map(Inside::Cancel),
    ]
}

fn program() -> impl Strategy<Value = Vec<Do>> {
    let one = prop_oneof![
        4 => inside().prop_map(Do::Join),
        3 => any::<usize>().prop_map(Do::Supply),
        1 => any::<usize>().prop_map(Do::Cancel),
    ];
    prop::collection::vec(one, 0..60)
}

impl Inside {
    fn as_do(self) -> Option<Do> {
        match self {
            Inside::Nothing => None,
            Inside::Join => Some(Do::Join(Inside::Nothing)),
            Inside::Supply(which) => Some(Do::Supply(which)),
            Inside::Cancel(which) => Some(Do::Cancel(which)),
        }
    }
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

fn perform<P: Part>(part: &P, seen: &Seen, what: Do) {
    match what {
        Do::Supply(which) => part.supply(which),
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
            let (again, log) = (part.clone(), seen.clone());
            let canceller = part.join(number, move || {
                log.served.borrow_mut().push(number);
                if let Some(what) = inside.as_do() {
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
    /// Whether a supply needs somebody who was served before: tokens do, values do not.
    given_back: bool,
    held: usize,
    line: VecDeque<(usize, Inside)>,
    joined: usize,
    served: Vec<usize>,
}

impl Model {
    fn perform(&mut self, what: Do) {
        match what {
            Do::Join(inside) => {
                self.line.push_back((self.joined, inside));
                self.joined += 1;
            }
            Do::Supply(_) if self.given_back => {
                if self.held > 0 {
                    self.held -= 1;
                    self.there += 1;
                }
            }
            Do::Supply(_) => {
                if self
                    .most
                    .is_none_or(|most| self.there < most + self.line.len())
                {
                    self.there += 1;
                }
            }
            Do::Cancel(which) if self.joined > 0 => {
                let number = which % self.joined;
                self.line.retain(|waits| waits.0 != number);
            }
            Do::Cancel(_) => {}
        }
        while self.there > 0
            && let Some((number, inside)) = self.line.pop_front()
        {
            self.there -= 1;
            self.held += 1;
            self.served.push(number);
            if let Some(what) = inside.as_do() {
                self.perform(what);
            }
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
        let mut model = Model {
            there: tokens, most: None, given_back: true, held: 0,
            line: VecDeque::new(), joined: 0, served: Vec::new(),
        };
        for what in program {
            perform(&part, &seen, what);
            model.perform(what);
            prop_assert_eq!(&*seen.served.borrow(), &model.served);
            prop_assert_eq!((semaphore.free(), semaphore.waiting()), (model.there, model.line.len()));
            prop_assert_eq!(part.1.borrow().len(), model.held);
        }
        // Nothing is lost: when all is given back and nobody waits, every token is there.
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
        let mut model = Model {
            there: 0, most, given_back: false, held: 0,
            line: VecDeque::new(), joined: 0, served: Vec::new(),
        };
        for what in program {
            perform(&part, &seen, what);
            model.perform(what);
            prop_assert_eq!(&*seen.served.borrow(), &model.served);
            prop_assert_eq!((queue.len(), queue.waiting()), (model.there, model.line.len()));
        }
    }
}

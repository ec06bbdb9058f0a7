//! Timers against a simple model: a list that is searched for the earliest, for any order of
//! operations.
use proptest::prelude::*;
use reactor::{DelayedCall, Reactor, Sim};
use std::{cell::RefCell, rc::Rc, time::Duration};

#[derive(Clone, Debug)]
enum Do {
    Later { millis: u64 },
    Cancel { which: usize },
    Reset { which: usize, millis: u64 },
    Delay { which: usize, millis: u64 },
    Pass { millis: u64 },
}

fn operation() -> impl Strategy<Value = Do> {
    let millis = 0..50_u64;
    prop_oneof![
        4 => millis.clone().prop_map(|millis| Do::Later { millis }),
        2 => any::<usize>().prop_map(|which| Do::Cancel { which }),
        2 => (any::<usize>(), millis.clone()).prop_map(|(which, millis)| Do::Reset { which, millis }),
        2 => (any::<usize>(), millis.clone()).prop_map(|(which, millis)| Do::Delay { which, millis }),
        2 => millis.prop_map(|millis| Do::Pass { millis }),
    ]
}

/// What a timer should do, kept as plainly as possible.
#[derive(Default)]
struct Model {
    now: u64,
    made: u64,
    /// Name, deadline, order; absent when cancelled or called.
    timers: Vec<(usize, u64, u64)>,
    ran: Vec<(usize, u64)>,
}

impl Model {
    fn order(&mut self) -> u64 {
        self.made += 1;
        self.made
    }

    fn find(&mut self, name: usize) -> Option<&mut (usize, u64, u64)> {
        self.timers.iter_mut().find(|timer| timer.0 == name)
    }

    fn pass(&mut self, millis: u64) {
        let until = self.now + millis;
        while let Some(at) = (0..self.timers.len()).min_by_key(|at| {
            let (_, deadline, order) = self.timers[*at];
            (deadline, order)
        }) {
            let (name, deadline, _) = self.timers[at];
            if deadline > until {
                break;
            }
            self.timers.remove(at);
            self.ran.push((name, deadline.max(self.now)));
        }
        self.now = until;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn timers_do_what_a_plain_list_does(operations in prop::collection::vec(operation(), 0..300)) {
        let mut reactor = Reactor::new(Sim::new(1));
        let h = reactor.handle();
        let ran: Rc<RefCell<Vec<(usize, u64)>>> = Rc::default();
        let mut calls: Vec<DelayedCall> = Vec::new();
        let mut model = Model::default();
        for operation in operations {
            match operation {
                Do::Later { millis } => {
                    let (name, ran) = (calls.len(), Rc::clone(&ran));
                    calls.push(h.call_later(Duration::from_millis(millis), move |h| {
                        ran.borrow_mut().push((name, h.now().as_millis()));
                    }));
                    let (order, now) = (model.order(), model.now);
                    model.timers.push((name, now + millis, order));
                }
                Do::Cancel { which } if !calls.is_empty() => {
                    let which = which % calls.len();
                    let there = model.find(which).is_some();
                    model.timers.retain(|timer| timer.0 != which);
                    prop_assert_eq!(calls[which].cancel().is_ok(), there);
                }
                Do::Reset { which, millis } if !calls.is_empty() => {
                    let which = which % calls.len();
                    let (order, now) = (model.order(), model.now);
                    let timer = model.find(which);
                    let there = timer.is_some();
                    if let Some(timer) = timer {
                        *timer = (which, now + millis, order);
                    }
                    prop_assert_eq!(calls[which].reset(Duration::from_millis(millis)).is_ok(), there);
                }
                Do::Delay { which, millis } if !calls.is_empty() => {
                    let which = which % calls.len();
                    let order = model.order();
                    let timer = model.find(which);
                    let there = timer.is_some();
                    if let Some(timer) = timer {
                        *timer = (which, timer.1 + millis, order);
                    }
                    prop_assert_eq!(calls[which].delay(Duration::from_millis(millis)).is_ok(), there);
                }
                Do::Pass { millis } => {
                    model.pass(millis);
                    let until = h.now() + Duration::from_millis(millis);
                    // One turn runs what is due and waits for the next deadline; go on until there
                    // is none before the end.
                    loop {
                        let left = until - h.now();
                        reactor.turn(Some(left)).unwrap();
                        if h.now() == until && reactor.next_deadline().is_none_or(|at| at > until) {
                            break;
                        }
                    }
                }
                Do::Cancel { .. } | Do::Reset { .. } | Do::Delay { .. } => {}
            }
            for (name, call) in calls.iter().enumerate() {
                let timer = model.find(name).copied();
                prop_assert_eq!(call.active(), timer.is_some());
                if let Some((_, deadline, _)) = timer {
                    prop_assert_eq!(call.time().as_millis(), deadline);
                }
            }
            prop_assert_eq!(&*ran.borrow(), &model.ran);
        }
    }
}

//! The same programs, done with the crate.
use crate::{
    model::{Bad, Res, Seen},
    program::{Answer, Do, Outcome, Plan, Rails, Stage, Ties, Undo, of},
};
use deferreds::{
    Abandoned, Cancelled, Canceller, Deferred, Failure, Next, Pause, Pauser, Resolver,
    WaitsForItself,
};
use std::{cell::RefCell, error::Error, fmt, rc::Rc, sync::Arc};

/// A value. As long as it exists, so does a clone of what shows that nothing leaks.
struct Value {
    number: u32,
    _alive: Arc<()>,
}

#[derive(Debug)]
struct Broken {
    number: u32,
    _alive: Arc<()>,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&Bad::Broken(self.number), f)
    }
}

impl Error for Broken {}

/// What the model would say of it.
fn seen(result: &Result<Value, Failure>) -> Res {
    result
        .as_ref()
        .map(|value| value.number)
        .map_err(|failure| {
            let broken = failure
                .check::<Broken>()
                .map(|error| Bad::Broken(error.number));
            let cancelled = failure.check::<Cancelled>().map(|_| Bad::Cancelled);
            let abandoned = failure.check::<Abandoned>().map(|_| Bad::Abandoned);
            let itself = failure.check::<WaitsForItself>();
            let itself = itself.map(|_| Bad::WaitsForItself);
            let known = broken.or(cancelled).or(abandoned).or(itself);
            known.unwrap_or_else(|| panic!("no program makes this: {failure:?}"))
        })
}

#[derive(Default)]
struct Slot {
    end: Option<Deferred<Value>>,
    resolver: Option<Resolver<Value>>,
    second: Option<Resolver<Value>>,
    watch: Option<(Canceller, Pauser)>,
}

#[derive(Default)]
struct State {
    slots: Vec<Slot>,
    pauses: Vec<Pause>,
    stages: usize,
    ties: Ties,
    seen: Vec<Seen>,
}

/// Never borrowed while the crate is called: it may call back.
#[derive(Clone, Default)]
pub(crate) struct Real {
    state: Rc<RefCell<State>>,
    alive: Arc<()>,
}

/// What a stage does, and what it owns.
struct Todo {
    real: Real,
    on: usize,
    number: usize,
    stage: Stage,
    other: Option<Deferred<Value>>,
    resolver: Option<Resolver<Value>>,
}

impl Todo {
    fn run(self, input: Result<Value, Failure>) -> Next<Value> {
        let Todo { real, stage, .. } = self;
        real.see(Seen::Ran(self.number, seen(&input)));
        for what in &stage.inside {
            real.perform(what);
        }
        if let (Some(resolver), Some((_, plan))) = (self.resolver, stage.fires) {
            resolver.fire(real.planned(plan));
        }
        match stage.outcome {
            Outcome::Now(plan) => Next::Now(real.planned(plan)),
            Outcome::Same => Next::Now(input),
            Outcome::Fired(plan) => Next::Later(Deferred::ready(real.planned(plan))),
            Outcome::Other(_) => self.other.map_or(Next::Now(input), Next::Later),
            Outcome::Itself => {
                let end = real.state.borrow_mut().slots[self.on].end.take();
                end.map_or(Next::Now(input), Next::Later)
            }
        }
    }
}

impl Real {
    /// What was seen since the last call.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.change(|state| std::mem::take(&mut state.seen))
    }

    /// How many things exist that hold a clone: values, failures, stages.
    pub(crate) fn alive(&self) -> usize {
        Arc::strong_count(&self.alive) - 1
    }

    fn see(&self, what: Seen) {
        self.state.borrow_mut().seen.push(what);
    }

    fn planned(&self, plan: Plan) -> Result<Value, Failure> {
        let _alive = self.alive.clone();
        match plan {
            Ok(number) => Ok(Value { number, _alive }),
            Err(number) => Err(Failure::from(Broken { number, _alive })),
        }
    }

    /// Changes what there is; calls nothing else.
    fn change<R>(&self, change: impl FnOnce(&mut State) -> R) -> R {
        change(&mut self.state.borrow_mut())
    }

    fn slot<R>(&self, which: usize, change: impl FnOnce(&mut Slot) -> R) -> R {
        self.change(|state| change(&mut state.slots[which]))
    }

    pub(crate) fn perform(&self, what: &Do) {
        match *what {
            Do::New { watched, ref undo } => return self.make(watched, undo.clone()),
            Do::Ready { result } => {
                let end = Some(Deferred::ready(self.planned(result)));
                let slot = Slot {
                    end,
                    ..Slot::default()
                };
                return self.change(|state| state.slots.push(slot));
            }
            _ => {}
        }
        let (count, pauses) = self.change(|state| (state.slots.len(), state.pauses.len()));
        if let Do::Resume { which } = *what
            && pauses > 0
        {
            let pause = self.change(|state| state.pauses.remove(which % pauses));
            return drop(pause);
        }
        if count == 0 {
            return;
        }
        match *what {
            Do::New { .. } | Do::Ready { .. } | Do::Resume { .. } => {}
            Do::Add { to, ref stage } => self.add(of(to, count), stage),
            Do::Fire {
                which,
                second,
                result,
            } => {
                if let Some(resolver) = self.take_resolver(of(which, count), second) {
                    resolver.fire(self.planned(result));
                }
            }
            Do::Abandon { which, second } => drop(self.take_resolver(of(which, count), second)),
            Do::Chain { from, to, second } => self.chain(of(from, count), of(to, count), second),
            Do::Cancel { which } => {
                let canceller = self.slot(of(which, count), |slot| match &slot.watch {
                    Some((canceller, _)) => Some(canceller.clone()),
                    None => slot.end.as_ref().map(Deferred::canceller),
                });
                if let Some(canceller) = canceller {
                    canceller.cancel();
                }
            }
            Do::Pause { which } => {
                let pauser = self.slot(of(which, count), |slot| match &slot.watch {
                    Some((_, pauser)) => Some(pauser.clone()),
                    None => slot.end.as_ref().map(Deferred::pauser),
                });
                if let Some(pauser) = pauser {
                    let pause = pauser.pause();
                    self.change(|state| state.pauses.push(pause));
                }
            }
            Do::Read { which } => self.read(of(which, count)),
            Do::Drop { which } => drop(self.slot(of(which, count), |slot| slot.end.take())),
            Do::End { exactly } => {
                drop(self.take_resolver(exactly, false));
                drop(self.take_resolver(exactly, true));
                drop(self.slot(exactly, |slot| slot.end.take()));
            }
        }
    }

    fn make(&self, watched: bool, undo: Option<Undo>) {
        let (resolver, end) = match undo {
            None => Deferred::new(),
            Some(undo) => {
                let (real, on) = (self.clone(), self.state.borrow().slots.len());
                Deferred::with_canceller(move |instead| {
                    real.see(Seen::Undone(on));
                    for what in &undo.inside {
                        real.perform(what);
                    }
                    match undo.answer {
                        Answer::Nothing => drop(instead),
                        Answer::Fires(plan) => instead.fire(real.planned(plan)),
                        Answer::Later => real.slot(on, |slot| slot.second = Some(instead)),
                    }
                })
            }
        };
        let slot = Slot {
            watch: watched.then(|| (end.canceller(), end.pauser())),
            end: Some(end),
            resolver: Some(resolver),
            second: None,
        };
        self.change(|state| state.slots.push(slot));
    }

    fn take_resolver(&self, which: usize, second: bool) -> Option<Resolver<Value>> {
        self.slot(which, |slot| {
            if second {
                slot.second.take()
            } else {
                slot.resolver.take()
            }
        })
    }

    fn add(&self, to: usize, stage: &Stage) {
        let todo = self.change(|state| {
            state.slots[to].end.as_ref()?;
            let mut todo = Todo {
                real: self.clone(),
                on: to,
                number: state.stages,
                stage: stage.clone(),
                other: None,
                resolver: None,
            };
            state.stages += 1;
            if let Outcome::Other(other) = stage.outcome {
                let other = of(other, state.slots.len());
                if state.slots[other].end.is_some() && state.ties.tie(to, other) {
                    todo.other = state.slots[other].end.take();
                }
            }
            if let Some((fired, _)) = stage.fires {
                let fired = of(fired, state.slots.len());
                if state.slots[fired].resolver.is_some() && state.ties.tie(to, fired) {
                    todo.resolver = state.slots[fired].resolver.take();
                }
            }
            Some((todo, state.slots[to].end.take()?))
        });
        let Some((todo, end)) = todo else { return };
        let end = match stage.rails {
            Rails::Callback => end.add_callback(|value| todo.run(Ok(value))),
            Rails::Errback => end.add_errback(|failure| todo.run(Err(failure))),
            Rails::Both => end.add_both(|result| todo.run(result)),
            Rails::Callbacks => {
                let once = Rc::new(RefCell::new(Some(todo)));
                let other = once.clone();
                let take = |todo: Rc<RefCell<Option<Todo>>>| {
                    let todo = todo.borrow_mut().take();
                    todo.expect("one of the two runs, once")
                };
                end.add_callbacks(
                    move |value| take(once).run(Ok(value)),
                    move |failure| take(other).run(Err(failure)),
                )
            }
        };
        self.slot(to, |slot| slot.end = Some(end));
    }

    fn chain(&self, from: usize, to: usize, second: bool) {
        let both = self.change(|state| {
            state.slots[from].end.as_ref()?;
            let there = &state.slots[to];
            let there = if second {
                &there.second
            } else {
                &there.resolver
            };
            if there.is_none() || !state.ties.tie(from, to) {
                return None;
            }
            state.slots[from].end.take()
        });
        if let Some(end) = both
            && let Some(resolver) = self.take_resolver(to, second)
        {
            end.chain_deferred(resolver);
        }
    }

    fn read(&self, which: usize) {
        let Some(end) = self.slot(which, |slot| slot.end.take()) else {
            return;
        };
        let found = match end.into_result() {
            Ok(result) => Some(seen(&result)),
            Err(end) => {
                self.slot(which, |slot| slot.end = Some(end));
                None
            }
        };
        self.see(Seen::Read(which, found));
    }
}

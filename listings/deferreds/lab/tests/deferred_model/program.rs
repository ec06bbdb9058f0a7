//! Random programs: what they do with Deferreds, also from inside a stage.
use proptest::prelude::*;

/// A value or a failure with a number.
pub(crate) type Plan = Result<u32, u32>;

#[derive(Clone, Debug)]
pub(crate) enum Do {
    /// A new Deferred. Who watches it keeps its canceller and its pauser.
    New {
        watched: bool,
        undo: Option<Undo>,
    },
    /// A new one that has its result.
    Ready {
        result: Plan,
    },
    /// A stage at its end.
    Add {
        to: usize,
        stage: Stage,
    },
    /// Its resolver fires; or the second one, which its canceller kept.
    Fire {
        which: usize,
        second: bool,
        result: Plan,
    },
    /// Its resolver is dropped; or the second one.
    Abandon {
        which: usize,
        second: bool,
    },
    /// Its result goes to the resolver of another.
    Chain {
        from: usize,
        to: usize,
        second: bool,
    },
    Cancel {
        which: usize,
    },
    Pause {
        which: usize,
    },
    /// One of the pauses that there are ends.
    Resume {
        which: usize,
    },
    /// Its result is taken, if it is there.
    Read {
        which: usize,
    },
    /// Its end is dropped.
    Drop {
        which: usize,
    },
    /// This one, in the order in which they were made, is given up: its resolvers and its end are
    /// dropped.
    End {
        exactly: usize,
    },
}

#[derive(Clone, Debug)]
pub(crate) struct Stage {
    pub(crate) rails: Rails,
    /// What it does before anything else.
    pub(crate) inside: Vec<Do>,
    /// A resolver that it owns and fires, or drops if it is passed by.
    pub(crate) fires: Option<(usize, Plan)>,
    pub(crate) outcome: Outcome,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rails {
    Callback,
    Errback,
    Callbacks,
    Both,
}

impl Rails {
    pub(crate) fn take<T, E>(self, result: &Result<T, E>) -> bool {
        match self {
            Rails::Callback => result.is_ok(),
            Rails::Errback => result.is_err(),
            Rails::Callbacks | Rails::Both => true,
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) enum Outcome {
    Now(Plan),
    /// What it was given.
    Same,
    /// A Deferred that has fired.
    Fired(Plan),
    /// A Deferred that it owns since it was added, whatever has become of that one since.
    Other(usize),
    /// The Deferred that it is a stage of.
    Itself,
}

/// What a canceller does.
#[derive(Clone, Debug)]
pub(crate) struct Undo {
    pub(crate) inside: Vec<Do>,
    pub(crate) answer: Answer,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Answer {
    Nothing,
    Fires(Plan),
    /// It keeps its resolver for later.
    Later,
}

fn plan() -> impl Strategy<Value = Plan> {
    prop_oneof![3 => (0..100_u32).prop_map(Ok), 2 => (0..100_u32).prop_map(Err)]
}

fn outcome() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        3 => plan().prop_map(Outcome::Now),
        2 => Just(Outcome::Same),
        2 => plan().prop_map(Outcome::Fired),
        5 => any::<usize>().prop_map(Outcome::Other),
        1 => Just(Outcome::Itself),
    ]
}

fn rails() -> impl Strategy<Value = Rails> {
    prop_oneof![
        Just(Rails::Callback),
        Just(Rails::Errback),
        Just(Rails::Callbacks),
        Just(Rails::Both)
    ]
}

fn few(inside: Option<BoxedStrategy<Do>>) -> BoxedStrategy<Vec<Do>> {
    match inside {
        None => Just(Vec::new()).boxed(),
        Some(inside) => prop_oneof![
            2 => Just(Vec::new()),
            1 => prop::collection::vec(inside, 1..3)
        ]
        .boxed(),
    }
}

fn one(inside: Option<BoxedStrategy<Do>>) -> BoxedStrategy<Do> {
    let which = any::<usize>;
    let answer = prop_oneof![
        Just(Answer::Nothing),
        plan().prop_map(Answer::Fires),
        Just(Answer::Later)
    ];
    let undo = (few(inside.clone()), answer).prop_map(|(inside, answer)| Undo { inside, answer });
    let fires = prop::option::weighted(0.35, (which(), plan()));
    let stage =
        (rails(), few(inside), fires, outcome()).prop_map(|(rails, inside, fires, outcome)| {
            Stage {
                rails,
                inside,
                fires,
                outcome,
            }
        });
    let second = || prop::bool::weighted(0.3);
    prop_oneof![
        3 => (any::<bool>(), prop::option::weighted(0.4, undo))
            .prop_map(|(watched, undo)| Do::New { watched, undo }),
        1 => plan().prop_map(|result| Do::Ready { result }),
        10 => (which(), stage).prop_map(|(to, stage)| Do::Add { to, stage }),
        5 => (which(), second(), plan())
            .prop_map(|(which, second, result)| Do::Fire { which, second, result }),
        4 => (which(), second()).prop_map(|(which, second)| Do::Abandon { which, second }),
        2 => (which(), which(), second())
            .prop_map(|(from, to, second)| Do::Chain { from, to, second }),
        3 => which().prop_map(|which| Do::Cancel { which }),
        4 => which().prop_map(|which| Do::Pause { which }),
        3 => which().prop_map(|which| Do::Resume { which }),
        1 => which().prop_map(|which| Do::Read { which }),
        2 => which().prop_map(|which| Do::Drop { which }),
    ]
    .boxed()
}

/// A new one that will wait for the one before it, and has a stage after that. Lines of these are
/// what pauses and cancels go wrong in, and by chance alone there are few.
fn waits() -> impl Strategy<Value = Vec<Do>> {
    let fired = prop::option::weighted(0.8, plan());
    (any::<bool>(), fired, rails()).prop_map(|(watched, fired, rails)| {
        let stage = |rails, outcome| Do::Add {
            to: 0,
            stage: Stage {
                rails,
                inside: Vec::new(),
                fires: None,
                outcome,
            },
        };
        let mut all = vec![
            Do::New {
                watched,
                undo: None,
            },
            stage(Rails::Both, Outcome::Other(1)),
            stage(rails, Outcome::Same),
        ];
        all.extend(fired.map(|result| Do::Fire {
            which: 0,
            second: false,
            result,
        }));
        all
    })
}

/// A program: what it does, in order. Stages and cancellers do something, too, to a depth of two.
pub(crate) fn program() -> impl Strategy<Value = Vec<Do>> {
    let inner = one(Some(one(None)));
    let one = one(Some(inner)).prop_map(|one| vec![one]);
    let some = prop_oneof![8 => one, 1 => waits()];
    prop::collection::vec(some, 0..60).prop_map(|some| some.concat())
}

/// Which of `count` Deferreds is meant: one of the latest few, or programs would seldom meet the
/// same one twice.
pub(crate) fn of(which: usize, count: usize) -> usize {
    count - 1 - which % count.min(4)
}

/// Which chains have to do with each other. Programs tie no two that are tied already, so they make
/// no circles, in which nothing could ever fire.
#[derive(Default)]
pub(crate) struct Ties(Vec<usize>);

impl Ties {
    fn find(&mut self, which: usize) -> usize {
        while self.0.len() <= which {
            self.0.push(self.0.len());
        }
        match self.0[which] {
            same if same == which => which,
            up => self.find(up),
        }
    }

    /// False when they are tied already.
    pub(crate) fn tie(&mut self, one: usize, other: usize) -> bool {
        let (one, other) = (self.find(one), self.find(other));
        self.0[one] = other;
        one != other
    }
}

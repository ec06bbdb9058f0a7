//! What Deferreds do, written as plainly as possible: numbers instead of references, recursion
//! instead of a loop.
use crate::program::{Answer, Do, Outcome, Plan, Rails, Stage, Ties, Undo, of};
use std::collections::VecDeque;

/// Why there is no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Bad {
    Broken(u32),
    Cancelled,
    Abandoned,
    WaitsForItself,
}

impl Bad {
    /// What a report calls it.
    pub(crate) fn text(self) -> String {
        match self {
            Bad::Broken(_) => format!("{self:?}"),
            Bad::Cancelled => deferreds::Cancelled.to_string(),
            Bad::Abandoned => deferreds::Abandoned.to_string(),
            Bad::WaitsForItself => deferreds::WaitsForItself.to_string(),
        }
    }
}

pub(crate) type Res = Result<u32, Bad>;

/// What a program can see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// A stage was called with this.
    Ran(usize, Res),
    /// The canceller of this Deferred was called.
    Undone(usize),
    /// What a look at the result has found.
    Read(usize, Option<Res>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    First,
    Second,
    Over,
}

/// Where the end of a chain is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Held,
    /// A stage is being added to it.
    Out,
    /// Given away, or its result was taken.
    Gone,
    Dropped,
}

enum Item {
    Stage(Rails, Todo),
    /// The result goes to this chain, which waits for it.
    Link(usize),
    /// The result fires this chain.
    Relay(usize, Turn),
}

/// What a stage does, and what it owns.
struct Todo {
    number: usize,
    stage: Stage,
    other: Option<usize>,
    resolver: Option<usize>,
}

struct Chain {
    watched: bool,
    resolver: bool,
    second: bool,
    undo: Option<Undo>,
    turn: Turn,
    end: End,
    items: VecDeque<Item>,
    /// The result that the next item takes.
    result: Option<Res>,
    waits_for: Option<usize>,
    pauses: usize,
    /// One of its stages is running.
    running: bool,
    /// It was abandoned while something was running, and goes on when that is done.
    queued: bool,
}

#[derive(Default)]
pub(crate) struct Model {
    chains: Vec<Chain>,
    pauses: Vec<usize>,
    stages: usize,
    ties: Ties,
    busy: bool,
    later: VecDeque<usize>,
    pub(crate) seen: Vec<Seen>,
    pub(crate) reported: Vec<Bad>,
}

pub(crate) fn planned(plan: Plan) -> Res {
    plan.map_err(Bad::Broken)
}

impl Model {
    /// How many Deferreds were made, and how many pauses there are.
    pub(crate) fn len(&self) -> (usize, usize) {
        (self.chains.len(), self.pauses.len())
    }

    /// Whether any part of a chain, or any pause, is still held.
    pub(crate) fn open(&self) -> bool {
        let open = |chain: &Chain| chain.resolver || chain.second || chain.end == End::Held;
        !self.pauses.is_empty() || self.chains.iter().any(open)
    }

    fn make(&mut self, watched: bool, undo: Option<Undo>, result: Option<Res>) {
        let unfired = result.is_none();
        self.chains.push(Chain {
            watched,
            resolver: unfired,
            second: false,
            undo,
            turn: if unfired { Turn::First } else { Turn::Over },
            end: End::Held,
            items: VecDeque::new(),
            result,
            waits_for: None,
            pauses: 0,
            running: false,
            queued: false,
        });
    }

    pub(crate) fn perform(&mut self, what: &Do) {
        match *what {
            Do::New { watched, ref undo } => return self.make(watched, undo.clone(), None),
            Do::Ready { result } => return self.make(false, None, Some(planned(result))),
            Do::Resume { which } if !self.pauses.is_empty() => {
                let chain = self.pauses.remove(which % self.pauses.len());
                self.chains[chain].pauses -= 1;
                return self.run(chain);
            }
            _ => {}
        }
        let count = self.chains.len();
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
                if let Some(turn) = self.take_resolver(of(which, count), second) {
                    self.fire(of(which, count), turn, planned(result));
                }
            }
            Do::Abandon { which, second } => {
                if let Some(turn) = self.take_resolver(of(which, count), second) {
                    self.abandon(of(which, count), turn);
                }
            }
            Do::Chain { from, to, second } => self.chain(of(from, count), of(to, count), second),
            Do::Cancel { which } => {
                let chain = &self.chains[of(which, count)];
                if chain.watched || chain.end == End::Held {
                    self.cancel(of(which, count));
                }
            }
            Do::Pause { which } => {
                let chain = &mut self.chains[of(which, count)];
                if chain.watched || chain.end == End::Held {
                    chain.pauses += 1;
                    self.pauses.push(of(which, count));
                }
            }
            Do::Read { which } => self.read(of(which, count)),
            Do::Drop { which } => self.drop_end(of(which, count)),
            Do::End { exactly } => {
                for second in [false, true] {
                    if let Some(turn) = self.take_resolver(exactly, second) {
                        self.abandon(exactly, turn);
                    }
                }
                self.drop_end(exactly);
            }
        }
    }

    fn take_resolver(&mut self, which: usize, second: bool) -> Option<Turn> {
        let chain = &mut self.chains[which];
        let (there, turn) = match second {
            false => (&mut chain.resolver, Turn::First),
            true => (&mut chain.second, Turn::Second),
        };
        std::mem::take(there).then_some(turn)
    }

    fn add(&mut self, to: usize, stage: &Stage) {
        if self.chains[to].end != End::Held {
            return;
        }
        let mut todo = Todo {
            number: self.stages,
            stage: stage.clone(),
            other: None,
            resolver: None,
        };
        self.stages += 1;
        if let Outcome::Other(other) = stage.outcome {
            let other = of(other, self.chains.len());
            if self.chains[other].end == End::Held && self.ties.tie(to, other) {
                self.chains[other].end = End::Gone;
                todo.other = Some(other);
            }
        }
        if let Some((fired, _)) = stage.fires {
            let fired = of(fired, self.chains.len());
            if self.chains[fired].resolver && self.ties.tie(to, fired) {
                self.chains[fired].resolver = false;
                todo.resolver = Some(fired);
            }
        }
        self.chains[to].end = End::Out;
        self.chains[to]
            .items
            .push_back(Item::Stage(stage.rails, todo));
        self.run(to);
        self.chains[to].end = End::Held;
    }

    fn chain(&mut self, from: usize, to: usize, second: bool) {
        let there = &self.chains[to];
        let there = if second { there.second } else { there.resolver };
        if self.chains[from].end != End::Held || !there || !self.ties.tie(from, to) {
            return;
        }
        let Some(turn) = self.take_resolver(to, second) else {
            return;
        };
        self.chains[from].end = End::Gone;
        if self.chains[to].turn == turn {
            self.chains[to].waits_for = Some(from);
        }
        self.chains[from].items.push_back(Item::Relay(to, turn));
        self.run(from);
    }

    fn fire(&mut self, which: usize, turn: Turn, result: Res) {
        if self.begin(which, turn, result) {
            self.run(which);
        }
    }

    /// A result that comes out of turn is dropped.
    fn begin(&mut self, which: usize, turn: Turn, result: Res) -> bool {
        let chain = &mut self.chains[which];
        let begins = chain.turn == turn;
        if begins {
            chain.turn = Turn::Over;
            chain.undo = None;
            chain.waits_for = None;
            chain.result = Some(result);
        }
        begins
    }

    fn abandon(&mut self, which: usize, turn: Turn) {
        let why = match turn {
            // Kept by its canceller, and dropped later.
            Turn::Second => Bad::Cancelled,
            _ => Bad::Abandoned,
        };
        if !self.begin(which, turn, Err(why)) {
            return;
        }
        if self.busy && !self.chains[which].items.is_empty() {
            self.chains[which].queued = true;
            self.later.push_back(which);
        } else {
            self.run(which);
        }
    }

    fn cancel(&mut self, mut which: usize) {
        while let Some(next) = self.chains[which].waits_for {
            which = next;
        }
        if self.chains[which].turn != Turn::First {
            return;
        }
        let Some(undo) = self.chains[which].undo.take() else {
            return self.fire(which, Turn::First, Err(Bad::Cancelled));
        };
        self.chains[which].turn = Turn::Second;
        self.seen.push(Seen::Undone(which));
        for what in &undo.inside {
            self.perform(what);
        }
        match undo.answer {
            // Its answer is there when it returns, also inside a stage.
            Answer::Nothing => self.fire(which, Turn::Second, Err(Bad::Cancelled)),
            Answer::Fires(result) => self.fire(which, Turn::Second, planned(result)),
            Answer::Later => self.chains[which].second = true,
        }
    }

    fn read(&mut self, which: usize) {
        let chain = &mut self.chains[which];
        if chain.end != End::Held {
            return;
        }
        let mut found = None;
        if chain.items.is_empty() && chain.pauses == 0 && chain.result.is_some() {
            found = chain.result.take();
            chain.end = End::Gone;
        }
        self.seen.push(Seen::Read(which, found));
    }

    fn drop_end(&mut self, which: usize) {
        if self.chains[which].end == End::Held {
            self.chains[which].end = End::Dropped;
            self.run(which);
        }
    }

    /// Goes on with this chain; then with those that were abandoned meanwhile.
    fn run(&mut self, which: usize) {
        if self.busy {
            return self.go_on(which);
        }
        self.busy = true;
        self.go_on(which);
        while let Some(next) = self.later.pop_front() {
            self.chains[next].queued = false;
            self.go_on(next);
        }
        self.busy = false;
    }

    fn go_on(&mut self, which: usize) {
        loop {
            let chain = &mut self.chains[which];
            if chain.running || chain.queued || chain.result.is_none() {
                return;
            }
            if chain.items.is_empty() {
                if chain.end == End::Dropped
                    && let Some(Err(why)) = chain.result.take()
                {
                    self.reported.push(why);
                }
                return;
            }
            if chain.pauses > 0 {
                return;
            }
            let (Some(item), Some(result)) = (chain.items.pop_front(), chain.result.take()) else {
                return;
            };
            match item {
                Item::Stage(rails, todo) => self.call(which, rails, todo, result),
                Item::Link(to) => {
                    self.chains[to].waits_for = None;
                    self.chains[to].result = Some(result);
                    self.go_on(to);
                }
                Item::Relay(to, turn) => self.fire(to, turn, result),
            }
        }
    }

    fn call(&mut self, which: usize, rails: Rails, todo: Todo, input: Res) {
        self.chains[which].running = true;
        let mut result = input;
        let mut waits_for = None;
        if rails.take(&input) {
            self.seen.push(Seen::Ran(todo.number, input));
            for what in &todo.stage.inside {
                self.perform(what);
            }
            if let (Some(resolver), Some((_, plan))) = (todo.resolver, todo.stage.fires) {
                self.fire(resolver, Turn::First, planned(plan));
            }
            match todo.stage.outcome {
                Outcome::Now(plan) | Outcome::Fired(plan) => result = planned(plan),
                Outcome::Same => {}
                Outcome::Other(_) => waits_for = todo.other,
                Outcome::Itself if self.chains[which].end == End::Held => {
                    self.chains[which].end = End::Dropped;
                    result = Err(Bad::WaitsForItself);
                }
                Outcome::Itself => {}
            }
        } else {
            if let Some(other) = todo.other {
                self.chains[other].end = End::Held;
                self.drop_end(other);
            }
            if let Some(resolver) = todo.resolver {
                self.abandon(resolver, Turn::First);
            }
        }
        self.chains[which].running = false;
        match waits_for {
            None => self.chains[which].result = Some(result),
            Some(other) => {
                self.chains[which].waits_for = Some(other);
                self.chains[other].items.push_back(Item::Link(which));
                self.go_on(other);
            }
        }
    }
}

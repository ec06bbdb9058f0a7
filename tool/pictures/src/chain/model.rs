//! Deferreds as a trace tells of them: stages, the rail at each level, and when each was reached.
use crate::{
    Look,
    facts::{Mark, StageKind, sort},
    source,
};
use std::collections::BTreeMap;
use trace::{
    Kind, Prefix,
    read::{Event, Site, Trace},
};

pub(super) use crate::svg::Rail;

impl Rail {
    pub(super) const BOTH: [Rail; 2] = [Rail::Ok, Rail::Err];

    pub(crate) fn of(event: &Event) -> Option<Rail> {
        match event.text("rail")? {
            "err" => Some(Rail::Err),
            _ => Some(Rail::Ok),
        }
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            Rail::Ok => "result",
            Rail::Err => "failure",
        }
    }
}

/// A stage, and what became of it.
#[derive(Debug)]
pub(super) struct Stage<'a> {
    pub(super) kind: StageKind,
    /// What is called: one text, or two for `callbacks`.
    pub(super) labels: Vec<String>,
    /// `line 20`, or the file where that is not the listing's.
    pub(super) place: Option<String>,
    pub(super) add: &'a Event,
    pub(super) start: Option<&'a Event>,
    pub(super) end: Option<&'a Event>,
    /// Whether it is the one that `add_timeout` adds.
    pub(super) times: bool,
    /// The event that says it waits, and for whom.
    pub(super) waits: Option<(&'a Event, &'a str)>,
}

impl Stage<'_> {
    pub(super) fn acts_on(&self, rail: Rail) -> bool {
        match self.kind {
            StageKind::Callback => rail == Rail::Ok,
            StageKind::Errback => rail == Rail::Err,
            StageKind::Pair | StageKind::Both => true,
        }
    }

    /// Returns the function on that rail.
    pub(super) fn label(&self, rail: Rail) -> &str {
        let at = usize::from(rail == Rail::Err && self.labels.len() > 1);
        self.labels.get(at).map_or("", String::as_str)
    }

    /// Returns one name for sentences.
    pub(super) fn named(&self, rail: Rail) -> String {
        let name = crate::text::short(self.label(rail), 40);
        match (&self.place, name.starts_with('|')) {
            (Some(place), true) => format!("the closure {}", at(place)),
            _ => name,
        }
    }
}

/// One Deferred.
#[derive(Debug, Default)]
pub(super) struct Chain<'a> {
    pub(super) object: &'a str,
    /// What a reader calls it, if the source or the trace tells.
    pub(super) name: Option<String>,
    pub(super) place: Option<String>,
    pub(super) new: Option<&'a Event>,
    pub(super) stages: Vec<Stage<'a>>,
    pub(super) fire: Option<&'a Event>,
    /// Cancelled, paused, going on.
    pub(super) marks: Vec<(Mark, &'a Event)>,
    /// Whose result it is given, chained by hand: that event and the other one.
    pub(super) given: Option<(&'a Event, &'a str)>,
    pub(super) drop: Option<&'a Event>,
    /// The rail at each level as far as the value came: one more than stages it passed.
    pub(super) path: Vec<Rail>,
    /// The event at which it came to each level.
    pub(super) when: Vec<u64>,
}

impl Chain<'_> {
    /// Returns the rail on which its result leaves, if it went all the way.
    pub(super) fn outcome(&self) -> Option<Rail> {
        let through = self.path.len() > self.stages.len();
        self.path.last().copied().filter(|_| through)
    }

    pub(super) fn unhandled(&self) -> Option<&str> {
        self.drop?.text("unhandled")
    }
}

/// All Deferreds of a trace, in the order in which they were made.
#[derive(Debug)]
pub(super) struct Chains<'a> {
    pub(super) all: Vec<Chain<'a>>,
    index: BTreeMap<&'a str, usize>,
}

impl<'a> Chains<'a> {
    pub(super) fn new(trace: &'a Trace, look: &Look) -> Self {
        let mut chains = Chains {
            all: Vec::new(),
            index: BTreeMap::new(),
        };
        for event in &trace.events {
            chains.learn(trace, look, event);
        }
        for at in 0..chains.all.len() {
            chains.walk(at, 0);
        }
        chains
    }

    pub(super) fn at(&self, object: &str) -> Option<usize> {
        self.index.get(object).copied()
    }

    pub(super) fn get(&self, object: &str) -> Option<&Chain<'a>> {
        self.all.get(self.at(object)?)
    }

    fn learn(&mut self, trace: &'a Trace, look: &Look, event: &'a Event) {
        let Some(object) = event
            .object
            .as_deref()
            .filter(|object| sort(object) == Some(Prefix::Deferred))
        else {
            return;
        };
        let next = self.all.len();
        let at = *self.index.entry(object).or_insert(next);
        if at == next {
            self.all.push(Chain {
                object,
                ..Chain::default()
            });
        }
        let chain = &mut self.all[at];
        let site = trace.site(event);
        if event.is(Kind::DfNew) {
            chain.new = Some(event);
            chain.name = event.text("name").map(str::to_owned);
            chain.place = site.map(|site| place(trace, site));
            if let (None, Some(site)) = (&chain.name, site) {
                chain.name = source::made(look, site);
            }
        } else if event.is(Kind::DfAdd) {
            chain.stages.push(stage(trace, look, event));
        } else if event.is(Kind::DfFire) {
            chain.fire = Some(event);
        } else if event.is(Kind::DfDrop) {
            chain.drop = Some(event);
        } else if let Some(mark) = Mark::of(event) {
            chain.marks.push((mark, event));
        } else if event.is(Kind::DfChain) && event.flag("explicit") {
            chain.given = event.text("on").map(|on| (event, on));
        } else if event.is(Kind::CbStart) {
            let index = event.count("i").and_then(|i| usize::try_from(i).ok());
            if let Some(stage) = index.and_then(|i| chain.stages.get_mut(i)) {
                stage.start = Some(event);
            }
        } else if event.is(Kind::CbEnd) || event.is(Kind::DfChain) {
            // Both belong to the stage that runs: the one whose `cb.start` is their parent.
            let open = chain.stages.iter_mut().rev().find(|stage| {
                stage.start.is_some_and(|start| {
                    event.parent == Some(start.number) || event.causes.contains(&start.number)
                })
            });
            if let Some(stage) = open {
                if event.is(Kind::CbEnd) {
                    stage.end = Some(event);
                } else {
                    stage.waits = event.text("on").map(|on| (event, on));
                }
            }
        }
    }

    /// Follows the value of one chain down its levels; a stage that waits continues with what the
    /// other one had.
    fn walk(&mut self, at: usize, depth: usize) {
        if !self.all[at].path.is_empty() || depth > self.all.len() {
            return;
        }
        let Some((fire, mut rail)) = self.all[at].fire.and_then(|f| Some((f, Rail::of(f)?))) else {
            return;
        };
        let (mut path, mut when) = (vec![rail], vec![fire.number]);
        for level in 0..self.all[at].stages.len() {
            let stage = &self.all[at].stages[level];
            let before = when.last().copied().unwrap_or(0);
            let (next, now) = match (stage.start, stage.waits) {
                (Some(_), Some((event, on))) => {
                    let other = self.at(on).filter(|other| *other != at);
                    if let Some(other) = other {
                        self.walk(other, depth + 1);
                    }
                    let far = other.map(|other| &self.all[other]);
                    let gave = far.and_then(Chain::outcome);
                    let then = far.and_then(|far| far.when.last().copied()).unwrap_or(0);
                    // What runs next knows best where the value went.
                    let later = &self.all[at].stages[level + 1..];
                    let next = later.iter().find_map(|stage| stage.start);
                    let told = next.and_then(Rail::of).or(gave);
                    (told, then.max(event.number))
                }
                (Some(_), None) => (
                    stage.end.and_then(Rail::of),
                    stage.end.map_or(before, |end| end.number),
                ),
                (None, _) if stage.acts_on(rail) => (None, before),
                (None, _) => (Some(rail), before.max(stage.add.number)),
            };
            let Some(next) = next else { break };
            rail = next;
            path.push(rail);
            when.push(now);
        }
        self.all[at].path = path;
        self.all[at].when = when;
    }
}

/// `line 20` in the listing itself, `poem.rs` in a library, `other.rs:20` elsewhere.
pub(crate) fn place(trace: &Trace, site: &Site) -> String {
    let name = trace.header.listing.rsplit('/').next().unwrap_or("");
    let file = site.0.rsplit('/').next().unwrap_or(&site.0);
    if site.in_library() {
        file.to_owned()
    } else if file.strip_suffix(".rs") == Some(name) {
        format!("line {}", site.1)
    } else {
        format!("{file}:{}", site.1)
    }
}

/// `at line 20`, `in poem.rs`.
pub(crate) fn at(place: &str) -> String {
    let preposition = if place.ends_with(".rs") { "in" } else { "at" };
    format!("{preposition} {place}")
}

fn stage<'a>(trace: &'a Trace, look: &Look, event: &'a Event) -> Stage<'a> {
    let site = trace.site(event);
    let kind = StageKind::of(event);
    let mut labels = match (event.text("name"), site) {
        (Some(name), _) => vec![name.to_owned()],
        (None, Some(site)) => source::stage(look, site),
        (None, None) => Vec::new(),
    };
    let place = site.map(|site| place(trace, site));
    if labels.iter().all(String::is_empty) {
        labels = vec![place.clone().unwrap_or_else(|| "a stage".to_owned())];
    }
    // The trace has no word for it; what the crate or the program calls the stage does.
    let times = labels
        .first()
        .is_some_and(|label| label.contains("timeout"));
    Stage {
        kind,
        times,
        labels,
        place,
        add: event,
        start: None,
        end: None,
        waits: None,
    }
}

//! The flowchart of Deferreds: two rails each, result left and failure right, the path taken thick.
use super::{Event, Look, Trace, mermaid, story::Story, words};
use crate::Kind;
use std::{collections::BTreeMap, fmt::Write as _};

/// How many Deferreds one figure shows; further ones are counted in a note.
const MOST: usize = 6;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rail {
    Ok,
    Err,
}

impl Rail {
    fn of(event: &Event) -> Option<Rail> {
        match event.text("rail")? {
            "err" => Some(Rail::Err),
            _ => Some(Rail::Ok),
        }
    }

    fn letter(self) -> char {
        match self {
            Rail::Ok => 'L',
            Rail::Err => 'R',
        }
    }

    fn word(self) -> &'static str {
        match self {
            Rail::Ok => "result",
            Rail::Err => "failure",
        }
    }
}

#[derive(Debug, Default)]
struct Stage<'a> {
    kind: &'a str,
    name: String,
    start: Option<&'a Event>,
    end: Option<&'a Event>,
    waits: Option<&'a str>,
}

impl Stage<'_> {
    fn acts_on(&self, rail: Rail) -> bool {
        match self.kind {
            "callback" => rail == Rail::Ok,
            "errback" => rail == Rail::Err,
            _ => true,
        }
    }
}

/// One Deferred: its stages in order, and what it fired with.
#[derive(Debug, Default)]
struct Chain<'a> {
    stages: Vec<Stage<'a>>,
    fire: Option<&'a Event>,
    unhandled: Option<&'a str>,
}

/// All Deferreds of the trace, by name; `order` is the order in which they are first mentioned.
fn chains(trace: &Trace) -> (BTreeMap<&str, Chain<'_>>, Vec<&str>) {
    let mut chains: BTreeMap<&str, Chain<'_>> = BTreeMap::new();
    let mut order = Vec::new();
    for event in &trace.events {
        let Some(object) = event
            .object
            .as_deref()
            .filter(|object| object.starts_with('d'))
        else {
            continue;
        };
        if !chains.contains_key(object) {
            order.push(object);
        }
        let chain = chains.entry(object).or_default();
        let stage = |event: &Event| event.count("i").and_then(|at| usize::try_from(at).ok());
        if event.is(Kind::DfAdd) {
            let kind = event.text("stage").unwrap_or("both");
            let name = event.text("name").map(str::to_owned);
            let site = trace.site(event).map(super::Site::short);
            chain.stages.push(Stage {
                kind,
                name: name.or(site).unwrap_or_default(),
                ..Stage::default()
            });
        } else if event.is(Kind::DfFire) {
            chain.fire = Some(event);
        } else if event.is(Kind::DfDrop) {
            chain.unhandled = event.text("unhandled");
        } else if event.is(Kind::CbStart) {
            if let Some(stage) = stage(event).and_then(|at| chain.stages.get_mut(at)) {
                stage.start = Some(event);
            }
        } else if event.is(Kind::CbEnd) || event.is(Kind::DfChain) {
            // Both belong to the stage that runs: the one whose `cb.start` is their parent.
            let open = chain.stages.iter_mut().rev().find(|stage| {
                let start = stage.start.map(|start| start.number);
                start.is_some()
                    && (start == event.parent || event.causes.contains(&start.unwrap_or(0)))
            });
            if let Some(stage) = open {
                if event.is(Kind::CbEnd) {
                    stage.end = Some(event);
                } else {
                    stage.waits = event.text("on");
                }
            }
        }
    }
    (chains, order)
}

/// The rail on which a Deferred's value stands at each level, as far as it came: one more than stages it passed.
fn path(chains: &BTreeMap<&str, Chain<'_>>, chain: &Chain<'_>, depth: usize) -> Vec<Rail> {
    let Some(mut rail) = chain.fire.map(|fire| Rail::of(fire).unwrap_or(Rail::Ok)) else {
        return Vec::new();
    };
    let mut rails = vec![rail];
    for stage in &chain.stages {
        if stage.start.is_some() {
            let waited = stage
                .waits
                .and_then(|on| chains.get(on))
                .filter(|_| depth < MOST);
            let outcome = match waited {
                Some(other) => {
                    let far = path(chains, other, depth + 1);
                    (far.len() > other.stages.len())
                        .then(|| far.last().copied())
                        .flatten()
                }
                None => stage.end.and_then(Rail::of),
            };
            match outcome {
                Some(next) => rail = next,
                None => return rails,
            }
        } else if stage.acts_on(rail) {
            return rails;
        }
        rails.push(rail);
    }
    rails
}

pub(super) fn chain(trace: &Trace, look: &Look) -> String {
    let story = Story::new(trace, look);
    let (chains, order) = chains(trace);
    let mut writer = Writer {
        text: String::from("flowchart TD\n"),
        edges: 0,
        taken: [Vec::new(), Vec::new()],
        idle: Vec::new(),
    };
    let _ = writeln!(writer.text, "    accTitle: {}", mermaid::title(look));
    let mut about = String::from(
        "Two rails run down: the result on the left, the failure on the right. A stage is a box on the rail it acts on.",
    );
    for name in order.iter().take(MOST) {
        let _ = write!(about, " {}", told(&story, name, &chains));
    }
    let _ = writeln!(writer.text, "    accDescr: {}", mermaid::plain(&about));
    for name in order.iter().take(MOST) {
        writer.chain(&story, name, &chains);
    }
    if order.is_empty() {
        writer.line("none([\"No Deferred in this run\"])");
    }
    if order.len() > MOST {
        let more = order.len() - MOST;
        writer.line(&format!("more[\"Left out: {more} more Deferreds\"]"));
    }
    writer.styles();
    writer.text
}

/// One Deferred's path in words.
fn told(story: &Story<'_>, name: &str, chains: &BTreeMap<&str, Chain<'_>>) -> String {
    let Some(chain) = chains.get(name) else {
        return String::new();
    };
    let path = path(chains, chain, 0);
    let Some(first) = path.first() else {
        return format!("{} has not fired.", story.named(name));
    };
    let mut text = format!("{} fires with a {}", story.named(name), first.word());
    for (at, stage) in chain.stages.iter().enumerate() {
        let Some(before) = path.get(at) else { break };
        let act = if stage.acts_on(*before) {
            "runs"
        } else {
            "is passed by"
        };
        let _ = write!(text, "; {} {act}", stage.name);
        match path.get(at + 1) {
            Some(after) if after != before => {
                let _ = write!(text, ", from there on the {} rail", after.word());
            }
            None => text.push_str(", and the path stops there"),
            _ => {}
        }
    }
    text.push('.');
    text
}

struct Writer {
    text: String,
    edges: usize,
    /// Numbers of the edges on the path: on the result rail, on the failure rail.
    taken: [Vec<usize>; 2],
    idle: Vec<usize>,
}

impl Writer {
    fn line(&mut self, text: &str) {
        let _ = writeln!(self.text, "    {text}");
    }

    fn edge(&mut self, from: &str, to: &str, taken: Option<Rail>, label: &str) {
        let label = if label.is_empty() {
            String::new()
        } else {
            format!("|\"{}\"|", mermaid::label(label))
        };
        match taken {
            Some(rail) => {
                self.line(&format!("{from} ==>{label} {to}"));
                self.taken[rail as usize].push(self.edges);
            }
            None => {
                self.line(&format!("{from} -.->{label} {to}"));
                self.idle.push(self.edges);
            }
        }
        self.edges += 1;
    }

    fn chain(&mut self, story: &Story<'_>, name: &str, chains: &BTreeMap<&str, Chain<'_>>) {
        let Some(chain) = chains.get(name) else {
            return;
        };
        let path = path(chains, chain, 0);
        let node = |rail: Rail, at: usize| format!("{name}{}{at}", rail.letter());
        let fires = match chain.fire {
            Some(fire) => match fire.text("value") {
                Some(value) => format!("fires: {}", words::short(value, 30)),
                None => "fires".to_owned(),
            },
            None => "not fired".to_owned(),
        };
        let title = mermaid::label(&story.named(name));
        self.line(&format!(
            "{name}S([\"{title}<br/>{}\"])",
            mermaid::label(&fires)
        ));
        // Left before right on every level: mermaid keeps the order in which nodes are first named.
        let last = chain.stages.len();
        for at in 0..=last {
            for rail in [Rail::Ok, Rail::Err] {
                let id = node(rail, at);
                let here = path.get(at) == Some(&rail);
                let shape = match chain.stages.get(at) {
                    Some(stage) if stage.acts_on(rail) => {
                        let name = mermaid::lines(&stage.name, 22);
                        format!("[\"{name}<br/>{}\"]", mermaid::label(stage.kind))
                    }
                    Some(_) => "((\" \"))".to_owned(),
                    None => format!("([\"{}\"])", mermaid::label(&end(chain, rail, here))),
                };
                let class = match (here, rail) {
                    (true, Rail::Ok) => "result",
                    (true, Rail::Err) => "failure",
                    (false, _) => "idle",
                };
                self.line(&format!("{id}{shape}:::{class}"));
            }
        }
        for rail in [Rail::Ok, Rail::Err] {
            let taken = (path.first() == Some(&rail)).then_some(rail);
            self.edge(&format!("{name}S"), &node(rail, 0), taken, rail.word());
        }
        for at in 0..last {
            let (before, after) = (path.get(at).copied(), path.get(at + 1).copied());
            // A stage that waits leaves the rail: the way goes through the other Deferred.
            let waits = chain.stages[at].waits.filter(|on| chains.contains_key(on));
            for rail in [Rail::Ok, Rail::Err] {
                let straight = before == Some(rail) && after == Some(rail) && waits.is_none();
                let taken = straight.then_some(rail);
                self.edge(&node(rail, at), &node(rail, at + 1), taken, "");
            }
            if let (Some(before), Some(after)) = (before, after)
                && before != after
                && waits.is_none()
            {
                let label = if after == Rail::Err {
                    "fails"
                } else {
                    "handles it"
                };
                self.edge(&node(before, at), &node(after, at + 1), Some(after), label);
            }
            let (Some(before), Some(on)) = (before, waits) else {
                continue;
            };
            if let Some(other) = chains.get(on) {
                self.edge(
                    &node(before, at),
                    &format!("{on}S"),
                    Some(before),
                    "waits for",
                );
                if let Some(after) = after {
                    let from = format!("{on}{}{}", after.letter(), other.stages.len());
                    self.edge(&from, &node(after, at + 1), Some(after), "back");
                }
            }
        }
    }

    fn styles(&mut self) {
        self.line("classDef result stroke:#0072B2,stroke-width:3px");
        self.line("classDef failure stroke:#D55E00,stroke-width:3px");
        self.line("classDef idle stroke:#888888,stroke-width:1px,stroke-dasharray:4 3");
        for (numbers, style) in [
            (
                std::mem::take(&mut self.taken[0]),
                "stroke:#0072B2,stroke-width:4px",
            ),
            (
                std::mem::take(&mut self.taken[1]),
                "stroke:#D55E00,stroke-width:4px",
            ),
            (
                std::mem::take(&mut self.idle),
                "stroke:#888888,stroke-width:1px",
            ),
        ] {
            if !numbers.is_empty() {
                let numbers: Vec<String> = numbers.iter().map(usize::to_string).collect();
                self.line(&format!("linkStyle {} {style}", numbers.join(",")));
            }
        }
    }
}

/// What stands at the bottom of a rail.
fn end(chain: &Chain<'_>, rail: Rail, here: bool) -> String {
    if !here {
        return rail.word().to_owned();
    }
    if let (Rail::Err, Some(what)) = (rail, chain.unhandled) {
        return format!("unhandled failure: {}", words::short(what, 30));
    }
    let last = chain
        .stages
        .iter()
        .rev()
        .find_map(|stage| stage.end)
        .or(chain.fire);
    match last.and_then(|event| event.text("value")) {
        Some(value) => format!("{}: {}", rail.word(), words::short(value, 30)),
        None => rail.word().to_owned(),
    }
}

//! The rules that every trace keeps: order, parents, causes, spans, Deferreds.
mod chains;
mod tasks;

use super::{Event, Trace};
use crate::{Kind, Prefix};
use std::{collections::BTreeSet, fmt};

/// A rule that a trace breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The line at fault, counted from 1; the header is line 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

/// Returns the kind that closes `kind`, by name.
fn end_of(kind: &str) -> Option<String> {
    let kind = Kind::ALL.iter().find(|known| known.name() == kind)?;
    kind.end().map(Kind::name)
}

fn known(kind: &str) -> bool {
    let word = |text: &str| {
        !text.is_empty()
            && text
                .chars()
                .all(|c| c.is_ascii_lowercase() || "._".contains(c))
    };
    Kind::ALL.iter().any(|known| known.name() == kind)
        || ["db.", "http.", "ui."]
            .iter()
            .any(|family| kind.strip_prefix(family).is_some_and(word))
}

/// `t4`: a known letter and a number from 1.
fn named(object: &str) -> bool {
    let mut letters = object.chars();
    let letter = letters.next();
    Prefix::ALL
        .iter()
        .any(|prefix| Some(prefix.letter()) == letter)
        && letters
            .as_str()
            .parse::<u32>()
            .is_ok_and(|number| number > 0)
}

struct Lint<'a> {
    trace: &'a Trace,
    problems: Vec<Problem>,
    /// Starts that have not ended, innermost last: number, line, kind, object.
    open: Vec<(u64, usize, &'a Event)>,
    ends: BTreeSet<String>,
    deferreds: chains::Deferreds<'a>,
    tasks: tasks::Tasks<'a>,
}

pub(super) fn lint(trace: &Trace) -> Vec<Problem> {
    let mut lint = Lint {
        trace,
        problems: Vec::new(),
        open: Vec::new(),
        ends: Kind::ALL
            .iter()
            .filter_map(|kind| kind.end())
            .map(Kind::name)
            .collect(),
        deferreds: chains::Deferreds::default(),
        tasks: tasks::Tasks::default(),
    };
    let clock = trace.header.clock.as_str();
    if clock != "virtual" && clock != "real" {
        lint.say(
            1,
            format!("the clock is `{clock}`; it is either `virtual` or `real`"),
        );
    }
    let mut before: Option<&Event> = None;
    for (at, event) in trace.events.iter().enumerate() {
        let line = at + 2;
        lint.order(line, event, before);
        lint.names(line, event);
        lint.links(line, event);
        lint.spans(line, event);
        lint.deferreds(line, event);
        before = Some(event);
    }
    for (_, line, event) in std::mem::take(&mut lint.open) {
        let end = end_of(&event.kind).unwrap_or_default();
        lint.say(line, format!("{} has no `{end}`", name(event)));
    }
    if trace.events.is_empty() {
        lint.say(1, "nothing was recorded: not even `run.start`".to_owned());
    }
    lint.problems.sort_by_key(|problem| problem.line);
    lint.problems
}

fn name(event: &Event) -> String {
    match &event.object {
        Some(object) => format!("event {} (`{}` of {object})", event.number, event.kind),
        None => format!("event {} (`{}`)", event.number, event.kind),
    }
}

impl<'a> Lint<'a> {
    fn say(&mut self, line: usize, message: String) {
        self.problems.push(Problem { line, message });
    }

    fn order(&mut self, line: usize, event: &Event, before: Option<&Event>) {
        let expected = before.map_or(1, |before| before.number + 1);
        if event.number != expected {
            let number = event.number;
            self.say(
                line,
                format!("the event has number {number}; the next one is {expected}"),
            );
        }
        let Some(before) = before else {
            if !event.is(Kind::RunStart) {
                self.say(
                    line,
                    format!("{} comes first; a run begins with `run.start`", name(event)),
                );
            }
            return;
        };
        if event.is(Kind::RunStart) {
            self.say(line, format!("{}: the run has begun already", name(event)));
        }
        if before.is(Kind::RunEnd) {
            self.say(line, format!("{} comes after `run.end`", name(event)));
        }
        if event.time < before.time {
            let (now, then) = (event.time, before.time);
            self.say(
                line,
                format!("time goes back from {then} to {now} at {}", name(event)),
            );
        }
        if event.turn < before.turn {
            let (now, then) = (event.turn, before.turn);
            self.say(
                line,
                format!("turns go back from {then} to {now} at {}", name(event)),
            );
        }
    }

    fn names(&mut self, line: usize, event: &Event) {
        if !known(&event.kind) {
            self.say(line, format!("`{}` is not a kind of event", event.kind));
        }
        if let Some(object) = event.object.as_deref().filter(|object| !named(object)) {
            self.say(
                line,
                format!("`{object}` does not name an object: a known letter and a number, `t4`"),
            );
        }
        if let Some(site) = event
            .site
            .filter(|site| *site >= self.trace.header.sites.len())
        {
            self.say(
                line,
                format!("{} is at site {site}, which the header lacks", name(event)),
            );
        }
        if let Some(host) = event
            .host
            .filter(|host| *host >= self.trace.header.hosts.len())
        {
            self.say(
                line,
                format!("{} is on host {host}, which the header lacks", name(event)),
            );
        }
    }

    fn links(&mut self, line: usize, event: &Event) {
        match event.parent {
            None if line > 2 => {
                self.say(
                    line,
                    format!("{} has no parent; only `run.start` has none", name(event)),
                );
            }
            Some(parent) if parent == 0 || parent >= event.number => {
                self.say(
                    line,
                    format!(
                        "the parent of {} is {parent}, which is not earlier",
                        name(event)
                    ),
                );
            }
            _ => {}
        }
        for cause in &event.causes {
            if *cause == 0 || *cause >= event.number {
                self.say(
                    line,
                    format!("{} is caused by {cause}, which is not earlier", name(event)),
                );
            }
        }
    }

    fn spans(&mut self, line: usize, event: &'a Event) {
        if end_of(&event.kind).is_some() {
            self.open.push((event.number, line, event));
        } else if self.ends.contains(&event.kind) {
            match self.open.pop() {
                None => self.say(line, format!("{} ends what never began", name(event))),
                Some((number, at, start)) => {
                    let right = end_of(&start.kind).as_ref() == Some(&event.kind);
                    if !right || start.object != event.object {
                        self.say(
                            line,
                            format!(
                                "{} ends, but the last to begin is {}",
                                name(event),
                                name(start)
                            ),
                        );
                        // Kept open, so that one missing end is one problem and not a hundred.
                        self.open.push((number, at, start));
                    }
                }
            }
        }
    }

    fn deferreds(&mut self, line: usize, event: &'a Event) {
        for message in self.deferreds.look(event, &name(event)) {
            self.say(line, message);
        }
        if let Some(message) = self.tasks.look(event, &name(event)) {
            self.say(line, message);
        }
    }
}

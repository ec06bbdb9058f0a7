//! What the rules demand of each Deferred: stages run once, in order, on the rail they were added
//! for, between fire and drop.
use crate::{Kind, read::Event};
use std::collections::BTreeMap;

/// What is known of one Deferred so far.
#[derive(Debug, Default)]
struct Known<'a> {
    /// The kind of each stage, and the event in which it ran.
    stages: Vec<(&'a str, Option<u64>)>,
    fired: Option<u64>,
    /// The rail on which the value stands, and the event that put it there. Nothing, while it
    /// waits.
    rail: Option<(&'a str, u64)>,
    /// The stage that ran last.
    last: Option<usize>,
    pauses: u64,
    gone: Option<u64>,
}

/// All Deferreds of a trace.
#[derive(Debug, Default)]
pub(super) struct Deferreds<'a>(BTreeMap<&'a str, Known<'a>>);

fn word(rail: &str) -> &'static str {
    if rail == "err" { "failure" } else { "result" }
}

fn acts_on(kind: &str, rail: &str) -> bool {
    match kind {
        "callback" => rail == "ok",
        "errback" => rail == "err",
        _ => true,
    }
}

impl<'a> Deferreds<'a> {
    /// Returns what is wrong with an event, as a Deferred sees it.
    pub(super) fn look(&mut self, event: &'a Event, name: &str) -> Vec<String> {
        let family = event.kind.starts_with("df.") || event.kind.starts_with("cb.");
        let Some(object) = event.object.as_deref().filter(|_| family) else {
            return Vec::new();
        };
        let mut found = Vec::new();
        if event.is(Kind::DfChain) {
            match event.text("on") {
                Some(on) if self.0.contains_key(on) => {}
                on => found.push(format!(
                    "{name} waits for {}, of which nothing was heard before",
                    on.unwrap_or("nobody (`on` is missing)")
                )),
            }
        }
        let known = self.0.entry(object).or_default();
        if let Some(gone) = known.gone {
            found.push(format!(
                "{name} comes after {object} was gone, with event {gone}"
            ));
        }
        known.event(event, object, name, &mut found);
        found
    }
}

impl<'a> Known<'a> {
    fn event(&mut self, event: &'a Event, object: &str, name: &str, found: &mut Vec<String>) {
        if event.is(Kind::DfAdd) {
            let kind = event.text("stage").unwrap_or("both");
            if !["callback", "errback", "callbacks", "both"].contains(&kind) {
                found.push(format!("{name}: `{kind}` is no kind of stage"));
            }
            self.stages.push((kind, None));
        } else if event.is(Kind::DfFire) {
            if let Some(first) = self.fired {
                found.push(format!(
                    "{object} fires a second time; the first was event {first}"
                ));
            }
            self.fired = Some(event.number);
            self.rail = rail(event, name, found).map(|rail| (rail, event.number));
        } else if event.is(Kind::CbStart) {
            self.runs(event, object, name, found);
        } else if event.is(Kind::CbEnd) && !event.flag("panic") {
            // One that waits for another Deferred has no rail yet.
            self.rail = event.text("rail").map(|rail| (rail, event.number));
        } else if event.is(Kind::DfPause) {
            self.pauses += 1;
        } else if event.is(Kind::DfResume) {
            match self.pauses.checked_sub(1) {
                Some(left) => self.pauses = left,
                None => found.push(format!("{name}: {object} goes on, and nobody paused it")),
            }
        } else if event.is(Kind::DfDrop) {
            self.gone = Some(event.number);
        }
    }

    fn runs(&mut self, event: &'a Event, object: &str, name: &str, found: &mut Vec<String>) {
        let Some(at) = event.count("i").and_then(|at| usize::try_from(at).ok()) else {
            return found.push(format!("{name} does not say which stage runs (`i`)"));
        };
        let Some(on) = rail(event, name, found) else {
            return;
        };
        if self.fired.is_none() {
            found.push(format!("{name}: a stage runs before {object} has fired"));
        }
        if self.pauses > 0 {
            found.push(format!("{name}: a stage runs while {object} is paused"));
        }
        let count = self.stages.len();
        let Some((kind, ran)) = self.stages.get_mut(at) else {
            return found.push(format!("{name}: stage {at} runs, and {count} were added"));
        };
        if let Some(first) = ran.replace(event.number) {
            return found.push(format!(
                "{name}: stage {at} runs a second time; the first was event {first}"
            ));
        }
        if !acts_on(kind, on) {
            found.push(format!(
                "{name}: stage {at}, added as {kind}, runs on the {} rail",
                word(on)
            ));
        }
        if let Some((stands, since)) = self.rail.filter(|(stands, _)| *stands != on) {
            found.push(format!(
                "{name}: stage {at} runs on the {} rail, but since event {since} the value is on the {} rail",
                word(on),
                word(stands)
            ));
        }
        let from = self.last.map_or(0, |last| last + 1);
        if from > at {
            found.push(format!("{name}: stage {at} runs after stage {}", from - 1));
        } else if let Some((stands, _)) = self.rail {
            let mut between = self.stages[from..at].iter().enumerate();
            if let Some((left_out, _)) = between.find(|(_, (kind, _))| acts_on(kind, stands)) {
                let left_out = from + left_out;
                found.push(format!(
                    "{name}: stage {at} runs, and stage {left_out} was left out"
                ));
            }
        }
        self.last = Some(at);
    }
}

fn rail<'a>(event: &'a Event, name: &str, found: &mut Vec<String>) -> Option<&'a str> {
    let rail = event
        .text("rail")
        .filter(|rail| ["ok", "err"].contains(rail));
    if rail.is_none() {
        found.push(format!("{name} has no rail: `ok` or `err`"));
    }
    rail
}

//! A trace cut into scenes: what belongs together, what is worth showing, and what a long run
//! leaves out.
use crate::facts::{Ready, TaskEnd};
use std::collections::{BTreeMap, BTreeSet};
use trace::{
    Kind,
    read::{Event, Trace},
};

/// Where in the run a scene stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    /// Outside of any turn, before the first.
    Before,
    /// In that turn.
    Turn(u64),
    /// Outside of any turn, after that one.
    After(u64),
}

impl When {
    pub(super) fn number(self) -> u64 {
        match self {
            When::Before => 0,
            When::Turn(number) | When::After(number) => number,
        }
    }
}

/// What happens in one turn, or outside of turns.
#[derive(Debug)]
pub(super) struct Scene<'a> {
    pub(super) when: When,
    /// When the first thing shown in it happens, in nanoseconds.
    pub(super) time: u64,
    /// Events that belong together: one the loop made happen, then what it called.
    pub(super) groups: Vec<Vec<&'a Event>>,
    /// How many turns right before it had nothing to show.
    pub(super) idle: u64,
}

/// A scene, or a gap that is said out loud.
#[derive(Debug)]
pub(super) enum Part<'a> {
    Scene(Scene<'a>),
    LeftOut {
        turns: usize,
        first: u64,
        last: u64,
        from: u64,
        to: u64,
    },
}

/// Returns whether an event is worth a place in a figure, as far as the event alone tells.
fn worth_showing(trace: &Trace, event: &Event) -> bool {
    let of_the_loop = event.known.is_some_and(Kind::of_the_loop);
    // What says more of events that are shown: where a task stands, who is in a lock.
    let more = [
        Kind::TaskWait,
        Kind::LockJoin,
        Kind::LockEnter,
        Kind::LockLeave,
        Kind::IoForget,
    ]
    .iter()
    .any(|kind| event.is(*kind));
    let gone = (event.is(Kind::DfDrop) && !event.attributes.contains_key("unhandled"))
        || (event.is(Kind::TaskDrop) && TaskEnd::of(event).is_none())
        || event.is(Kind::JobEnd);
    // A library's own calls to itself are its business.
    let inside =
        event.is(Kind::CallQueue) && trace.site(event).is_some_and(|site| site.in_library());
    !(of_the_loop || more || gone || inside || event.is(Kind::IoWatch))
}

/// Events that say nothing new next to the others: the run of a hidden call, a job whose result
/// comes by a call, a second loss of one connection, and "can be written" when no code does
/// anything about it.
fn superfluous(trace: &Trace) -> BTreeSet<u64> {
    let mut hidden = BTreeSet::new();
    let mut lost: BTreeSet<&str> = BTreeSet::new();
    let parents: BTreeSet<u64> = trace
        .events
        .iter()
        .filter(|event| worth_showing(trace, event))
        .filter_map(|event| event.parent)
        .collect();
    let calls = trace.events.iter().filter(|event| event.is(Kind::CallRun));
    let brought = calls
        .flat_map(|event| &event.causes)
        .filter_map(|cause| trace.event(*cause));
    let brought: BTreeSet<u64> = brought
        .filter(|cause| cause.is(Kind::JobEnd))
        .filter_map(|end| end.parent)
        .collect();
    for event in &trace.events {
        let causes = || event.causes.iter().filter_map(|cause| trace.event(*cause));
        let of_hidden = event.is(Kind::CallRun)
            && causes().any(|cause| cause.is(Kind::CallQueue) && !worth_showing(trace, cause));
        let brings = brought.contains(&event.number);
        let again = event.is(Kind::ConnLost)
            && event
                .object
                .as_deref()
                .is_some_and(|object| !lost.insert(object));
        let unused = event.is(Kind::IoReady)
            && Ready::of(event) == Ready::Write
            && !parents.contains(&event.number);
        if of_hidden || brings || again || unused {
            hidden.insert(event.number);
        }
    }
    hidden
}

/// Splits a trace into scenes, without those in which nothing is worth showing.
pub(super) fn scenes(trace: &Trace) -> Vec<Scene<'_>> {
    let mut scenes: Vec<Scene<'_>> = Vec::new();
    let (mut now, mut last) = (When::Before, None);
    let mut idle = 0;
    let hidden = superfluous(trace);
    // The group that each shown event belongs to, so that what it calls joins it.
    let mut roots: BTreeMap<u64, u64> = BTreeMap::new();
    for event in &trace.events {
        if event.is(Kind::TurnStart) {
            (now, last) = (When::Turn(event.turn), Some(event.turn));
            idle += 1;
            continue;
        }
        if event.is(Kind::TurnEnd) {
            now = When::After(last.unwrap_or(event.turn));
            continue;
        }
        if !worth_showing(trace, event) || hidden.contains(&event.number) {
            // What is hidden still hands its place on to what it holds.
            if let Some(root) = event.parent.and_then(|parent| roots.get(&parent)).copied() {
                roots.insert(event.number, root);
            }
            continue;
        }
        let root = event.parent.and_then(|parent| roots.get(&parent)).copied();
        roots.insert(event.number, root.unwrap_or(event.number));
        if scenes.last().is_none_or(|scene| scene.when != now) {
            let before = match now {
                When::Turn(_) => std::mem::take(&mut idle) - 1,
                _ => 0,
            };
            scenes.push(Scene {
                when: now,
                time: event.time,
                groups: Vec::new(),
                idle: before,
            });
        }
        let Some(scene) = scenes.last_mut() else {
            continue;
        };
        // A Deferred is made with its stages: one step, not one each.
        let goes_on = |group: &&mut Vec<&Event>| {
            let made = |other: &&Event| other.is(Kind::DfNew) || other.is(Kind::DfAdd);
            event.is(Kind::DfAdd)
                && root.is_none()
                && group.len() < 8
                && group
                    .iter()
                    .all(|other| made(other) && other.object == event.object)
        };
        let own = |group: &&mut Vec<&Event>| {
            group.first().map(|first| first.number) == root || goes_on(group)
        };
        match scene.groups.last_mut().filter(own) {
            Some(group) => group.push(event),
            None => scene.groups.push(vec![event]),
        }
    }
    scenes
}

/// Keeps the beginning and the end of a long run, and says what is left out between.
pub(super) fn shorten(scenes: Vec<Scene<'_>>, most: usize) -> Vec<Part<'_>> {
    let count = scenes.len();
    // One scene left out would save nothing: the note takes its place.
    if count <= most + 1 {
        return scenes.into_iter().map(Part::Scene).collect();
    }
    let head = most - most / 3;
    let tail = count - (most - head);
    let mut parts = Vec::new();
    let (mut turns, mut gap): (usize, Option<(When, u64)>) = (0, None);
    for (at, scene) in scenes.into_iter().enumerate() {
        if (head..tail).contains(&at) {
            turns += usize::from(matches!(scene.when, When::Turn(_)));
            let (first, from) = *gap.get_or_insert((scene.when, scene.time));
            let left_out = Part::LeftOut {
                turns,
                first: first.number(),
                last: scene.when.number(),
                from,
                to: scene.time,
            };
            match parts.last_mut() {
                Some(last @ Part::LeftOut { .. }) => *last = left_out,
                _ => parts.push(left_out),
            }
        } else {
            parts.push(Part::Scene(scene));
        }
    }
    parts
}

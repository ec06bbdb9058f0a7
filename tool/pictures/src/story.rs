//! What an event means in its run: its peer, the job whose result it brings, the name of its
//! object; and the run as scenes, chosen once for the diagram and the sentences.
use crate::{
    Look,
    facts::{sort, sort_of},
    scenes::{Part, Scene, When, scenes, shorten},
    source, text,
};
use std::collections::{BTreeMap, BTreeSet};
use trace::{
    Kind, Prefix,
    read::{Event, Trace},
};

/// A run, prepared to be told.
#[derive(Debug)]
pub(super) struct Story<'a> {
    pub(super) trace: &'a Trace,
    pub(super) parts: Vec<Part<'a>>,
    /// Hosts that appear, in the order of their columns.
    pub(super) hosts: Vec<usize>,
    /// Whether the run has turns at all.
    pub(super) turns: bool,
    /// How many turns are shown.
    pub(super) shown: usize,
    names: BTreeMap<&'a str, &'a str>,
    sites: BTreeMap<&'a str, String>,
    peers: BTreeMap<&'a str, &'a str>,
    homes: BTreeMap<&'a str, usize>,
    /// Ports for datagrams, by their address.
    ports: BTreeMap<&'a str, &'a str>,
    /// How many objects of a letter a host has.
    counts: BTreeMap<(usize, char), usize>,
    /// What each stage of a Deferred is called, by its number.
    stages: BTreeMap<(String, u64), String>,
}

impl<'a> Story<'a> {
    pub(super) fn new(trace: &'a Trace, look: &Look) -> Self {
        let mut story = Story {
            trace,
            parts: Vec::new(),
            hosts: Vec::new(),
            turns: trace.events.iter().any(|event| event.is(Kind::TurnStart)),
            shown: 0,
            names: BTreeMap::new(),
            sites: BTreeMap::new(),
            peers: BTreeMap::new(),
            homes: BTreeMap::new(),
            ports: BTreeMap::new(),
            counts: BTreeMap::new(),
            stages: BTreeMap::new(),
        };
        for event in &trace.events {
            story.learn(event);
            story.learn_stage(look, event);
        }
        story.pair_by_address();
        let scenes = scenes(trace)
            .into_iter()
            .filter(|scene| {
                let number = scene.when.number();
                look.turns
                    .is_none_or(|[first, last]| (first..=last).contains(&number))
            })
            .collect();
        story.hosts = story.columns(&scenes, &look.hosts);
        story.parts = shorten(scenes, look.most.max(2));
        story.shown = story
            .parts
            .iter()
            .filter(
                |part| matches!(part, Part::Scene(scene) if matches!(scene.when, When::Turn(_))),
            )
            .count();
        story
    }

    fn learn(&mut self, event: &'a Event) {
        let Some(object) = event.object.as_deref() else {
            return;
        };
        // The names of stages are not their Deferred's.
        let stage = [Kind::DfAdd, Kind::CbStart, Kind::CbEnd]
            .iter()
            .any(|kind| event.is(*kind));
        if let Some(name) = event.text("name").filter(|_| !stage) {
            self.names.entry(object).or_insert(name);
        }
        if let Some(site) = self.trace.site(event) {
            self.sites.entry(object).or_insert_with(|| site.short());
        }
        if let Some(host) = event.host
            && !self.homes.contains_key(object)
        {
            self.homes.insert(object, host);
            let letter = object.chars().next().unwrap_or('?');
            *self.counts.entry((host, letter)).or_insert(0) += 1;
        }
        if self.is_port(event) {
            if let Some(at) = event.text("at") {
                self.ports.insert(at, object);
            }
            return; // it has no other end: each datagram has one of its own
        }
        // Two ends of one connection know each other by what one caused at the other.
        if event.is(Kind::ConnMade) || event.is(Kind::DataIn) {
            if let Some(other) = event.text("other") {
                self.peers.insert(object, other);
                self.peers.insert(other, object);
            }
            for cause in event
                .causes
                .iter()
                .filter_map(|cause| self.trace.event(*cause))
            {
                let sent = cause.is(Kind::ConnOpen) || cause.is(Kind::DataOut);
                if let Some(other) = cause
                    .object
                    .as_deref()
                    .filter(|other| sent && *other != object)
                {
                    self.peers.insert(object, other);
                    self.peers.insert(other, object);
                }
            }
        }
    }

    fn learn_stage(&mut self, look: &Look, event: &'a Event) {
        let Some(object) = event.object.as_deref().filter(|_| event.is(Kind::DfAdd)) else {
            return;
        };
        let owned = object.to_owned();
        let all = (owned.clone(), 0)..=(owned.clone(), u64::MAX);
        let before = self.stages.range(all).count();
        let at = event.count("i").unwrap_or(before as u64);
        let site = self.trace.site(event);
        let code = || {
            let parts = source::stage(look, site?);
            let parts: Vec<String> = parts.iter().map(|part| text::short(part, 40)).collect();
            // The code of a closure would drown the sentence.
            let named = !parts.is_empty() && !parts.iter().any(|part| part.contains(['|', '(']));
            named.then(|| parts.join(" and "))
        };
        let name = event.text("name").map(str::to_owned).or_else(code);
        let name = name.map(|name| format!("“{name}”"));
        let name = name.or_else(|| site.map(|site| format!("at {}", site.short())));
        self.stages.insert((owned, at), name.unwrap_or_default());
    }

    /// Returns what a stage is called: `“first_line”`, or `at two_rails.rs:20`. Of the event that
    /// adds it, and of the one that runs it.
    pub(super) fn stage(&self, event: &Event) -> Option<&str> {
        let object = event.object.as_deref()?;
        let at = event.count("i").or_else(|| {
            let add = |other: &&Event| other.is(Kind::DfAdd) && other.object == event.object;
            let all = self.trace.events.iter().filter(add);
            let before = all.take_while(|other| other.number < event.number).count();
            Some(before as u64)
        })?;
        let name = self.stages.get(&(object.to_owned(), at))?;
        (!name.is_empty()).then_some(name)
    }

    /// Finds the two ends of a connection when no cause tells: who was accepted, by the address it
    /// came from, or else the oldest that asked for the listener's address.
    fn pair_by_address(&mut self) {
        let events = &self.trace.events;
        let mut asked: Vec<(&'a str, &'a str)> = Vec::new(); // object, address it asked for
        let mut own: BTreeMap<&'a str, &'a str> = BTreeMap::new(); // address, object
        let mut at: BTreeMap<&'a str, &'a str> = BTreeMap::new(); // listener, address
        for event in events {
            let Some(object) = event.object.as_deref() else {
                continue;
            };
            if let Some(local) = event.text("local") {
                own.insert(local, object);
            }
            match (event.is(Kind::ConnOpen), event.text("at"), event.text("to")) {
                (true, Some(address), _) => drop(at.insert(object, address)),
                (true, _, Some(address)) => asked.push((object, address)),
                _ => {}
            }
        }
        for event in events.iter().filter(|event| event.is(Kind::ConnMade)) {
            let Some(object) = event.object.as_deref().filter(|_| self.accepted(event)) else {
                continue;
            };
            let listener = event.parent.and_then(|parent| self.trace.event(parent));
            let address = listener.and_then(|listener| at.get(listener.object.as_deref()?));
            let by_address = event.text("peer").and_then(|peer| own.get(peer)).copied();
            let by_order = || {
                let free = |(object, to): &&(&str, &str)| {
                    Some(to) == address && !self.peers.contains_key(object)
                };
                asked.iter().find(free).map(|(object, _)| *object)
            };
            let Some(other) = by_address.or_else(by_order) else {
                continue;
            };
            if !self.peers.contains_key(object) && !self.peers.contains_key(other) {
                self.peers.insert(object, other);
                self.peers.insert(other, object);
            }
        }
    }

    fn columns(&self, scenes: &Vec<Scene<'_>>, asked: &[String]) -> Vec<usize> {
        let events = || {
            scenes
                .iter()
                .flat_map(|scene| scene.groups.iter().flatten())
        };
        let mut seen: BTreeSet<usize> = events().filter_map(|event| event.host).collect();
        // One who is only sent to has a column, too.
        seen.extend(events().filter_map(|event| self.peer(event)));
        let name = |host: &usize| self.trace.header.hosts.get(*host).map(String::as_str);
        let mut hosts: Vec<usize> = seen.into_iter().collect();
        hosts.sort_by_key(|host| {
            let place = asked
                .iter()
                .position(|asked| Some(asked.as_str()) == name(host));
            (place.unwrap_or(usize::MAX), *host)
        });
        hosts
    }

    /// Returns the host on the other end of an event's connection, if the trace knows it.
    pub(super) fn peer(&self, event: &Event) -> Option<usize> {
        self.homes.get(self.peer_object(event)?).copied()
    }

    /// Returns the other end of an event's connection; of a datagram, the port that it goes to or
    /// comes from.
    pub(super) fn peer_object(&self, event: &Event) -> Option<&'a str> {
        if self.is_port(event) {
            let address = event.text("to").or_else(|| event.text("from"))?;
            return self.ports.get(address).copied();
        }
        self.peers.get(event.object.as_deref()?).copied()
    }

    /// Returns whether the other end still has the connection that this event leaves.
    pub(super) fn leaves_first(&self, event: &Event) -> bool {
        let object = event.object.as_deref();
        let Some(peer) = object.and_then(|object| self.peers.get(object)) else {
            return false;
        };
        let mut before = self
            .trace
            .events
            .iter()
            .take_while(|other| other.number < event.number);
        !before.any(|other| other.is(Kind::ConnLost) && other.object.as_deref() == Some(peer))
    }

    /// Returns whether a timer that is set was set before.
    pub(super) fn again(&self, event: &Event) -> bool {
        let before = |cause: &u64| {
            self.trace
                .event(*cause)
                .is_some_and(|cause| cause.object == event.object)
        };
        event.causes.iter().any(before)
    }

    /// Returns the job whose result a call brings.
    pub(super) fn job(&self, event: &Event) -> Option<&'a str> {
        let mut causes = event
            .causes
            .iter()
            .filter_map(|cause| self.trace.event(*cause));
        causes
            .find(|cause| cause.is(Kind::JobEnd))
            .and_then(|cause| cause.object.as_deref())
    }

    /// Returns whether a `conn.made` is on the side that was called.
    pub(super) fn accepted(&self, event: &Event) -> bool {
        let listener = |event: &Event| sort_of(event) == Some(Prefix::Listener);
        let parent = event
            .parent
            .and_then(|parent| self.trace.event(parent))
            .is_some_and(listener);
        let called = |cause: &u64| {
            let cause = self.trace.event(*cause);
            cause.is_some_and(|cause| cause.is(Kind::ConnOpen) && cause.object != event.object)
        };
        parent || event.causes.iter().any(called)
    }

    /// Returns what a reader calls a host: the one without a name is our code.
    pub(super) fn host(&self, host: usize) -> &'a str {
        match self.trace.header.hosts.get(host).map(String::as_str) {
            None | Some("program") => "our code",
            Some(name) => name,
        }
    }

    /// `timer 4`, or its name; `connection` alone when its host has only one.
    pub(super) fn object(&self, event: &Event) -> String {
        event
            .object
            .as_deref()
            .map_or_else(String::new, |object| self.named(object))
    }

    /// `timer 4`, or its name.
    pub(super) fn named(&self, object: &str) -> String {
        let word = match sort(object) {
            // As it is called in a figure of rails.
            Some(Prefix::Deferred) => {
                return match self.names.get(object) {
                    Some(name) => format!("{object} “{name}”"),
                    None => object.to_owned(),
                };
            }
            Some(Prefix::Connection) => "connection",
            Some(Prefix::Listener) => "listener",
            Some(Prefix::Port) => "port",
            Some(Prefix::Timer) => "timer",
            Some(Prefix::Call) => "call",
            Some(Prefix::Job) => "job",
            Some(Prefix::Task) => "task",
            Some(Prefix::Lock) => "lock",
            Some(Prefix::Query) => "query",
            Some(Prefix::Request) => "request",
            Some(Prefix::Watch) => "source",
            Some(Prefix::Widget) => "widget",
            _ => return object.to_owned(),
        };
        match self.names.get(object) {
            Some(name) => format!("{word} “{name}”"),
            None if self.only(object) => word.to_owned(),
            None => format!("{word} {}", &object[1..]),
        }
    }

    /// In a sentence: `the connection` where there is only one and it has no name, `connection 2`
    /// otherwise.
    pub(super) fn the(&self, object: &str) -> String {
        let alone = !self.names.contains_key(object) && self.only(object);
        let article = if alone { "the " } else { "" };
        format!("{article}{}", self.named(object))
    }

    /// Returns whether a host is the listing's own code.
    pub(super) fn is_ours(&self, host: usize) -> bool {
        let name = self.trace.header.hosts.get(host);
        name.is_none_or(|name| name == "program")
    }

    /// Returns whether its host has no other connection, listener, port or job, so that a number
    /// would tell nothing.
    fn only(&self, object: &str) -> bool {
        use Prefix::{Connection, Job, Listener, Port};
        let alone = [Connection, Listener, Job, Port];
        let Some(sort) = sort(object).filter(|sort| alone.contains(sort)) else {
            return false;
        };
        let home = self.homes.get(object).copied().unwrap_or(usize::MAX);
        self.counts.get(&(home, sort.letter())) == Some(&1)
    }

    /// Returns whether an event is about a listener.
    pub(super) fn listens(&self, event: &Event) -> bool {
        sort_of(event) == Some(Prefix::Listener)
    }

    /// Returns whether an event is about a port for datagrams.
    pub(super) fn is_port(&self, event: &Event) -> bool {
        sort_of(event) == Some(Prefix::Port)
    }

    /// `a port`, or `port 2` where its host has several.
    pub(super) fn a_port(&self, event: &Event) -> String {
        match self.needs_no_number(event) {
            true => "a port".to_owned(),
            false => self.object(event),
        }
    }

    /// Returns whether a call is the wish to stop.
    pub(super) fn stops(&self, event: &Event) -> bool {
        let object = event
            .object
            .as_deref()
            .filter(|object| sort(object) == Some(Prefix::Call));
        object.is_some_and(|object| self.names.get(object) == Some(&"stop"))
    }

    /// Returns whether an object without a name is called by its sort alone, because its host has
    /// no other.
    pub(super) fn needs_no_number(&self, event: &Event) -> bool {
        let object = event.object.as_deref();
        object.is_some_and(|object| !self.names.contains_key(object) && self.only(object))
    }

    /// Returns where an object was made: `timers.rs:12`.
    pub(super) fn site(&self, event: &Event) -> Option<&str> {
        self.sites.get(event.object.as_deref()?).map(String::as_str)
    }

    pub(super) fn any(&self, mut what: impl FnMut(&Event) -> bool) -> bool {
        self.parts.iter().any(|part| match part {
            Part::Scene(scene) => scene.groups.iter().flatten().any(|event| what(event)),
            Part::LeftOut { .. } => false,
        })
    }
}

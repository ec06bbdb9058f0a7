//! A trace that was read: its header, its events, and what can be asked of one (a text, a count, yes or
//! no); and how it comes from text: errors name the line.
use serde::Deserialize;
use serde_json::{Map, Value};
use std::fmt;

/// A trace that could be read.
#[derive(Clone, Debug)]
pub struct Trace {
    /// The first line.
    pub header: Header,
    /// The other lines, in order.
    pub events: Vec<Event>,
}

/// The first line of a trace.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// Version of the schema: 1.
    pub v: u64,
    /// Which listing ran: `reactor/timers`.
    #[serde(default)]
    pub listing: String,
    /// Digest of its source; the tool writes it.
    #[serde(default)]
    pub src_sha256: Option<String>,
    /// `virtual` or `real`.
    pub clock: String,
    /// Seed of the simulated world.
    #[serde(default)]
    pub seed: Option<u64>,
    /// Knobs of the simulated world.
    #[serde(default)]
    pub knobs: Map<String, Value>,
    /// Places in the source that events point to.
    #[serde(default)]
    pub sites: Vec<Site>,
    /// Hosts that events point to.
    #[serde(default)]
    pub hosts: Vec<String>,
}

/// A place in the source: file, line, column, name (may be empty).
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct Site(pub String, pub u32, pub u32, pub String);

impl Site {
    /// Returns whether it is in the code of a crate, not in a listing.
    pub fn in_library(&self) -> bool {
        self.0.contains("/src/")
    }

    /// `timers.rs:12`, and the place's name where it has one. In a library the file is enough: its
    /// lines move with each edit, and tell a reader of the listing nothing.
    pub fn short(&self) -> String {
        let file = self.0.rsplit('/').next().unwrap_or(&self.0);
        let place = match self.in_library() {
            true => file.to_owned(),
            false => format!("{file}:{}", self.1),
        };
        match self.3.as_str() {
            "" => place,
            name => format!("{name} ({place})"),
        }
    }
}

/// One event, with the fields of the schema under readable names.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// Its number, from 1, without gaps.
    #[serde(rename = "n")]
    pub number: u64,
    /// Nanoseconds since the run began.
    #[serde(rename = "t")]
    pub time: u64,
    /// The turn; 0 is before the first.
    #[serde(rename = "w")]
    pub turn: u64,
    /// What happened: `timer.fire`.
    #[serde(rename = "k")]
    pub kind: String,
    /// The same, if it is one of the kinds with a fixed name.
    #[serde(skip)]
    pub known: Option<crate::Kind>,
    /// What it is about: `t4`.
    #[serde(rename = "o", default)]
    pub object: Option<String>,
    /// On whose stack.
    #[serde(rename = "p", default)]
    pub parent: Option<u64>,
    /// Why.
    #[serde(rename = "c", default)]
    pub causes: Vec<u64>,
    /// Where in the source; an index into the header's sites.
    #[serde(rename = "s", default)]
    pub site: Option<usize>,
    /// On which host; an index into the header's hosts.
    #[serde(rename = "h", default)]
    pub host: Option<usize>,
    /// What else there is to know.
    #[serde(rename = "a", default)]
    pub attributes: Map<String, Value>,
}

impl Event {
    /// Returns an attribute that is text.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.attributes.get(key)?.as_str()
    }

    /// Returns an attribute that is a whole number of at least 0.
    pub fn count(&self, key: &str) -> Option<u64> {
        self.attributes.get(key)?.as_u64()
    }

    /// Returns an attribute that is yes or no; no when it is not there.
    pub fn flag(&self, key: &str) -> bool {
        self.attributes.get(key).and_then(Value::as_bool) == Some(true)
    }

    /// Returns whether it is of this kind.
    pub fn is(&self, kind: crate::Kind) -> bool {
        match self.known {
            Some(known) => known == kind,
            None => self.kind == kind.name(),
        }
    }
}

/// Why a trace could not be read, and the line at fault, counted from 1.
#[derive(Debug)]
pub struct Error {
    /// The line; 1 is the header.
    pub line: usize,
    /// What is wrong with it.
    pub message: String,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

impl std::error::Error for Error {}

impl Trace {
    /// Reads a trace. It may still break rules that only the lint knows.
    ///
    /// # Errors
    /// When a line is not what the schema says; the message names the line.
    ///
    /// ```
    /// let error = trace::read::Trace::parse("{\"v\":1,\"clock\":\"virtual\"}\n{\"n\":1}").unwrap_err();
    /// assert_eq!(error.to_string(), "line 2: not an event of trace/1: missing field `t`");
    /// ```
    pub fn parse(text: &str) -> Result<Trace, Error> {
        let mut lines = text.lines().enumerate();
        let wrong = |line: usize, message: String| Error {
            line: line + 1,
            message,
        };
        let Some((_, first)) = lines.next() else {
            return Err(wrong(0, "the trace is empty: no header".to_owned()));
        };
        let header: Header = serde_json::from_str(first)
            .map_err(|error| wrong(0, format!("not a header of trace/1: {}", brief(&error))))?;
        if header.v != 1 {
            let message = format!("schema version {}, but only 1 is known here", header.v);
            return Err(wrong(0, message));
        }
        let mut events = Vec::new();
        for (at, line) in lines {
            if line.trim().is_empty() {
                return Err(wrong(
                    at,
                    "an empty line: each line is one event".to_owned(),
                ));
            }
            let mut event: Event = serde_json::from_str(line).map_err(|error| {
                wrong(at, format!("not an event of trace/1: {}", brief(&error)))
            })?;
            event.known = crate::Kind::named(&event.kind);
            events.push(event);
        }
        Ok(Trace { header, events })
    }

    /// Returns the event of that number.
    pub fn event(&self, number: u64) -> Option<&Event> {
        let at = self.events.binary_search_by_key(&number, |e| e.number);
        self.events.get(at.ok()?)
    }

    /// Returns the name of an event's host.
    pub fn host(&self, event: &Event) -> Option<&str> {
        self.header.hosts.get(event.host?).map(String::as_str)
    }

    /// Returns the place in the source that an event points to.
    pub fn site(&self, event: &Event) -> Option<&Site> {
        self.header.sites.get(event.site?)
    }
}

/// Serde's message without "at line 1 column 7": every line is parsed alone, so its line would
/// mislead.
fn brief(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.find(" at line ") {
        Some(at) if !error.is_syntax() => text[..at].to_owned(),
        Some(at) => format!("{} in column {}", &text[..at], error.column()),
        None => text,
    }
}

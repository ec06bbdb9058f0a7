//! The sequence diagram of a run: a column for the reactor and for each host, a band for each turn.
mod event;

use crate::{
    Look,
    facts::Family,
    mermaid,
    scenes::{Part, Scene, When},
    story::Story,
    words,
};
use std::fmt::Write as _;
use trace::{
    Kind,
    read::{Event, Trace},
};

/// How many events of one turn are drawn before the rest is counted in a note.
const EVENTS: usize = 14;
/// Columns for hosts; more hosts than that share the last column.
const COLUMNS: usize = 4;

struct Writer<'a> {
    story: &'a Story<'a>,
    text: String,
    depth: usize,
    /// Characters in a line of a label: the more columns, the fewer, so that all of them fit a
    /// phone.
    width: usize,
    reactor: bool,
    network: bool,
    threads: bool,
}

pub(super) fn sequence(trace: &Trace, look: &Look) -> String {
    let story = Story::new(trace, look);
    let far = |event: &Event| {
        let asks = event.is(Kind::ConnOpen) && event.text("to").is_some();
        // That a datagram was refused, the network says.
        let sends = event.is(Kind::DataOut) || asks;
        event.is(Kind::DataLost) || (sends && story.peer(event).is_none())
    };
    let mut writer = Writer {
        text: String::new(),
        depth: 0,
        width: 22,
        reactor: story.turns || story.any(|event| event.is(Kind::TimerSet)),
        network: story.any(far),
        threads: story.any(|event| Family::of(event) == Family::Job),
        story: &story,
    };
    writer.width = match writer.names().len() {
        0..=3 => 22,
        4 => 18,
        _ => 15,
    };
    writer.line("sequenceDiagram");
    writer.depth = 1;
    writer.head(look);
    for part in &story.parts {
        writer.part(part);
    }
    if story.parts.is_empty() {
        let over = writer.all();
        writer.line(&format!("Note over {over}: Nothing happens in this run."));
    }
    // Names below, too, where the picture is taller than a screen. (Without them mermaid 11 also
    // ends the columns' lines after 2000 units.)
    let tall = writer.text.lines().count() > 30;
    format!(
        "%%{{init: {{\"sequence\": {{\"mirrorActors\": {tall}, \"actorMargin\": 30, \"width\": 110, \
         \"height\": 40, \"boxMargin\": 8, \"noteMargin\": 8, \"messageMargin\": 30, \"diagramMarginX\": 8}}}}}}%%\n{}",
        writer.text
    )
}

impl Writer<'_> {
    fn line(&mut self, text: &str) {
        for _ in 0..self.depth {
            self.text.push_str("    ");
        }
        self.text.push_str(text);
        self.text.push('\n');
    }

    fn head(&mut self, look: &Look) {
        let story = self.story;
        self.line(&format!("accTitle: {}", mermaid::title(look)));
        let mut who = self.names();
        let last = who.pop().unwrap_or_default();
        let who = if who.is_empty() {
            last
        } else {
            format!("{} and {last}", who.join(", "))
        };
        let mut about = format!("A sequence diagram, time runs down. Columns: {who}.");
        match story.shown {
            0 => {}
            1 => about.push_str(" It shows one turn of the loop."),
            turns => {
                let _ = write!(
                    about,
                    " It shows {turns} turns of the loop, each in a band."
                );
            }
        }
        about.push_str(" The same run is told as numbered steps with the figure.");
        self.line(&format!("accDescr: {}", mermaid::plain(&about)));
        if self.reactor {
            self.line("participant R as reactor");
        }
        for at in 0..story.hosts.len().clamp(1, COLUMNS) {
            let name = mermaid::name(&self.column_name(at));
            self.line(&format!("participant H{at} as {name}"));
        }
        if self.network {
            self.line("participant N as network");
        }
        if self.threads {
            self.line("participant T as threads");
        }
    }

    fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        if self.reactor {
            names.push("the reactor".to_owned());
        }
        names.extend((0..self.story.hosts.len().clamp(1, COLUMNS)).map(|at| self.column_name(at)));
        if self.network {
            names.push("the network".to_owned());
        }
        if self.threads {
            names.push("other threads".to_owned());
        }
        names
    }

    fn column_name(&self, at: usize) -> String {
        let hosts = &self.story.hosts;
        if at + 1 == COLUMNS && hosts.len() > COLUMNS {
            return format!("{} other hosts", hosts.len() - at);
        }
        hosts
            .get(at)
            .map_or("our code", |host| self.story.host(*host))
            .to_owned()
    }

    fn column(&self, host: usize) -> String {
        let at = self
            .story
            .hosts
            .iter()
            .position(|known| *known == host)
            .unwrap_or(0);
        format!("H{}", at.min(COLUMNS - 1))
    }

    fn home(&self, event: &Event) -> String {
        self.column(
            event
                .host
                .unwrap_or_else(|| self.story.hosts.first().copied().unwrap_or(0)),
        )
    }

    /// Returns the first and the last column, for notes across all of them.
    fn all(&self) -> String {
        let first = if self.reactor {
            "R".to_owned()
        } else {
            "H0".to_owned()
        };
        let last = match (self.threads, self.network) {
            (true, _) => "T".to_owned(),
            (_, true) => "N".to_owned(),
            _ => format!("H{}", self.story.hosts.len().clamp(1, COLUMNS) - 1),
        };
        if first == last {
            first
        } else {
            format!("{first},{last}")
        }
    }

    fn part(&mut self, part: &Part<'_>) {
        match part {
            Part::Scene(scene) => self.scene(scene),
            Part::LeftOut {
                turns,
                first,
                last,
                from,
                to,
            } => {
                let text = format!(
                    "Left out: {turns} more turns, from turn {first} ({}) to turn {last} ({})",
                    words::time(*from),
                    words::time(*to)
                );
                let (over, text) = (self.all(), mermaid::lines(&text, 30));
                self.line(&format!("Note over {over}: {text}"));
            }
        }
    }

    fn scene(&mut self, scene: &Scene<'_>) {
        let title = match scene.when {
            When::Turn(turn) => {
                let idle = match scene.idle {
                    0 => String::new(),
                    1 => format!(" (turn {}: nothing)", turn.saturating_sub(1)),
                    count => format!(
                        " (turns {} to {}: nothing)",
                        turn.saturating_sub(count),
                        turn.saturating_sub(1)
                    ),
                };
                Some(format!("Turn {turn}: {}{idle}", words::time(scene.time)))
            }
            When::Before | When::After(_) if !self.story.turns => None,
            When::Before => Some("Before the first turn".to_owned()),
            When::After(turn) => Some(format!("After turn {turn}")),
        };
        let band = matches!(scene.when, When::Turn(_));
        if band {
            self.line("rect rgba(0, 114, 178, 0.08)");
            self.depth += 1;
        }
        if let Some(title) = title {
            let title_width = if self.names().len() > 2 { 34 } else { 24 };
            let over = self.all();
            self.line(&format!(
                "Note over {over}: {}",
                mermaid::lines(&title, title_width)
            ));
        }
        let events: Vec<&Event> = scene.groups.iter().flatten().copied().collect();
        let cut = if events.len() > EVENTS + 1 {
            EVENTS
        } else {
            events.len()
        };
        let mut now = scene.time;
        for event in &events[..cut] {
            if event.time > now && self.reactor {
                self.note("R", &format!("waits {}", words::time(event.time - now)));
            }
            now = event.time;
            self.event(event);
        }
        if cut < events.len() {
            let over = self.all();
            self.line(&format!(
                "Note over {over}: and {} more events in this turn",
                events.len() - cut
            ));
        }
        if band {
            self.depth -= 1;
            self.line("end");
        }
    }

    fn arrow(&mut self, from: &str, arrow: &str, to: &str, text: &str) {
        let text = mermaid::lines(text, self.width);
        self.line(&format!("{from}{arrow}{to}: {text}"));
    }

    fn note(&mut self, over: &str, text: &str) {
        // A note may be wider than its column.
        let text = mermaid::lines(text, self.width + 5);
        self.line(&format!("Note over {over}: {text}"));
    }

    /// The reactor calls, or, where there is none, it is noted.
    fn calls(&mut self, event: &Event, text: &str) {
        let home = self.home(event);
        if !self.reactor {
            return self.note(&home, text);
        }
        let arrow = if words::is_error(event) { "--x" } else { "->>" };
        self.arrow("R", arrow, &home, text);
    }

    /// Our code asks the reactor for something.
    fn asks(&mut self, event: &Event, text: &str) {
        let home = self.home(event);
        if self.reactor {
            self.arrow(&home, "->>", "R", text);
        } else {
            self.note(&home, text);
        }
    }

    fn sends(&mut self, event: &Event, text: &str) {
        let home = self.home(event);
        let to = self
            .story
            .peer(event)
            .map_or_else(|| "N".to_owned(), |peer| self.column(peer));
        if to == home {
            self.note(&home, text);
        } else {
            self.arrow(&home, "-)", &to, text);
        }
    }
}

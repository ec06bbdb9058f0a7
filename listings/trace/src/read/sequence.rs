//! The sequence diagram of a run: a column for the reactor and for each host, a band for each turn.
use super::{
    Event, Look, Trace, mermaid,
    scenes::{Part, Scene, When},
    story::Story,
    words,
};
use crate::Kind;
use std::fmt::Write as _;

/// How many events of one turn are drawn before the rest is counted in a note.
const EVENTS: usize = 14;
/// Columns for hosts; more hosts than that share the last column.
const COLUMNS: usize = 4;

struct Writer<'a> {
    story: &'a Story<'a>,
    text: String,
    depth: usize,
    /// Characters in a line of a label: the more columns, the fewer, so that all of them fit a phone.
    width: usize,
    reactor: bool,
    network: bool,
    threads: bool,
}

pub(super) fn sequence(trace: &Trace, look: &Look) -> String {
    let story = Story::new(trace, look);
    let far = |event: &Event| {
        let sends = event.is(Kind::DataOut) || (event.is(Kind::ConnOpen) && !listens(event));
        sends && story.peer(event).is_none()
    };
    let mut writer = Writer {
        text: String::new(),
        depth: 0,
        width: 22,
        reactor: story.turns || story.any(|event| event.is(Kind::TimerSet)),
        network: story.any(far),
        threads: story.any(|event| event.kind.starts_with("job.")),
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
    // Names below, too, where the picture is taller than a screen. (Without them mermaid 11 also ends the columns' lines
    // after 2000 units.)
    let tall = writer.text.lines().count() > 30;
    format!(
        "%%{{init: {{\"sequence\": {{\"mirrorActors\": {tall}, \"actorMargin\": 30, \"width\": 110, \
         \"height\": 40, \"boxMargin\": 8, \"noteMargin\": 8, \"messageMargin\": 30, \"diagramMarginX\": 8}}}}}}%%\n{}",
        writer.text
    )
}

fn listens(event: &Event) -> bool {
    event
        .object
        .as_deref()
        .is_some_and(|object| object.starts_with('l'))
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

    /// The first and the last column, for notes across all of them.
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

    fn event(&mut self, event: &Event) {
        let home = self.home(event);
        let object = self.story.object(event);
        // A line of its own; the quote counts as one word, so that it is not broken again.
        let piece = |text: &str| format!(" “{}”", words::short(text, 20).replace(' ', "\u{a0}"));
        let quote = event.text("text").map_or_else(String::new, piece);
        let because = |key| {
            event
                .text(key)
                .map_or_else(String::new, |why| format!(": {}", words::short(why, 40)))
        };
        match Kind::ALL.iter().find(|kind| event.is(**kind)) {
            Some(Kind::Out) => {
                let text = words::short(event.text("text").unwrap_or(""), 60);
                self.note(&home, &format!("prints “{text}”"));
            }
            Some(Kind::Note) => {
                let (over, text) = (self.all(), event.text("text").unwrap_or("").to_owned());
                self.note(&over, &text);
            }
            Some(Kind::TimerSet) => {
                let when = match words::delay(event) {
                    // Kept on one line.
                    Some(delay) => format!("in\u{a0}{}", delay.replace(' ', "\u{a0}")),
                    None => "on hold".to_owned(),
                };
                let moved = if self.story.again(event) { "now " } else { "" };
                self.asks(event, &format!("{object}: {moved}{when}"));
            }
            Some(Kind::TimerFire) => self.calls(event, &format!("{object} fires")),
            Some(Kind::TimerCancel) => self.asks(event, &format!("cancel {object}")),
            Some(Kind::CallQueue) if event.text("name") == Some("stop") => self.asks(event, "stop"),
            Some(Kind::CallQueue) if event.text("from") == Some("thread") => {
                self.note("R", &format!("{object} comes from a thread"));
            }
            Some(Kind::CallQueue) => self.asks(event, &format!("{object}: soon")),
            Some(Kind::CallRun) if object == "call “stop”" => self.note("R", "begins to stop"),
            Some(Kind::CallRun) if self.story.job(event).is_some() => {
                let job = self.story.job(event).unwrap_or_default();
                self.arrow("T", "-)", "R", &format!("{job} is done"));
                self.calls(event, "its result");
            }
            Some(Kind::CallRun) if object.is_empty() => self.calls(event, "a thread's call"),
            Some(Kind::CallRun) => self.calls(event, &format!("{object} runs")),
            Some(Kind::IoWatch) => self.asks(event, &format!("watch {object}")),
            Some(Kind::IoReady) if listens(event) => self.calls(event, "somebody connects"),
            Some(Kind::IoReady) => self.calls(event, &format!("{object} {}", words::ready(event))),
            Some(Kind::ConnOpen) if listens(event) => self.note(&home, "listens"),
            Some(Kind::ConnOpen) => self.sends(event, "connect"),
            Some(Kind::ConnMade) if self.story.accepted(event) => {
                self.note(&home, &format!("accepts {object}"));
            }
            Some(Kind::ConnMade) if object == "connection" => self.note(&home, "connected"),
            Some(Kind::ConnMade) => self.note(&home, &format!("{object} is made")),
            Some(Kind::ConnLost)
                if event.text("why") == Some("closed by us") && self.story.leaves_first(event) =>
            {
                self.sends(event, "close");
            }
            Some(Kind::ConnLost) if event.text("why") == Some("closed by us") => {
                self.note(&home, &format!("closes {object}"));
            }
            Some(Kind::ConnLost) if event.text("why") == Some("reset by us") => {
                let to = self
                    .story
                    .peer(event)
                    .map_or_else(|| home.clone(), |peer| self.column(peer));
                self.arrow(&home, "--x", &to, "reset");
            }
            Some(Kind::ConnLost) if words::is_error(event) => {
                self.calls(event, &format!("{object} is lost{}", because("why")));
            }
            Some(Kind::ConnLost) => {
                self.note(&home, &format!("{object} is over{}", because("why")))
            }
            Some(Kind::DataIn) if event.count("bytes") == Some(0) => {
                self.note(&home, "reads the end");
            }
            Some(Kind::DataOut) if event.flag("end") => self.sends(event, "no more"),
            Some(Kind::DataIn) => {
                self.note(&home, &format!("reads {}{quote}", words::bytes(event)))
            }
            Some(Kind::DataOut) => self.sends(event, &format!("{}{quote}", words::bytes(event))),
            Some(Kind::JobQueue) => self.arrow(&home, "-)", "T", &object),
            Some(Kind::JobStart) if self.reactor => {
                self.arrow("T", "-)", "R", &format!("{object} is done"));
            }
            Some(Kind::TaskPoll) => self.calls(event, &format!("poll {object}")),
            Some(_) if words::is_error(event) => {
                let text = words::clause(self.story, event, true);
                self.arrow(&home, "--x", &home, &text);
            }
            _ => {
                let text = words::clause(self.story, event, true);
                self.note(&home, &text);
            }
        }
    }
}

//! The figure of tasks: a column each, a band for each turn in which one is polled, and an arrow
//! from what woke it.
use crate::{
    Look,
    chain::{at as at_place, place},
    facts::TaskEnd,
    story::Story,
    svg::{
        Canvas, Held, Pen,
        text::{Font, cut},
    },
    words,
};
use std::{collections::BTreeMap, fmt::Write as _};
use trace::{
    Kind,
    read::{Event, Trace},
};

/// How many tasks and how many polls one figure shows.
const TASKS: usize = 5;
const POLLS: usize = 30;

/// Width of the column of what wakes, of a task's column, and the room between columns.
const WAKES: f64 = 104.0;
const TASK: f64 = 150.0;
const GAP: f64 = 22.0;
/// How many printed lines a poll shows.
const LINES: usize = 2;

/// One poll of a task.
struct Poll<'a> {
    event: &'a Event,
    task: &'a str,
    /// Who made it happen: another poll of this figure, or something outside of tasks.
    by: By,
    printed: Vec<&'a str>,
    ends: Ends,
}

/// How a poll ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ends {
    Waits,
    Done,
    /// It was cancelled in this poll.
    Cancelled,
    /// It waits, and before its next poll it is cancelled, or dropped with its reactor.
    WaitsCancelled,
    WaitsDropped,
}

impl Ends {
    fn words(self) -> &'static str {
        match self {
            Ends::Waits => "waits",
            Ends::Done => "is done",
            Ends::Cancelled => "is cancelled",
            Ends::WaitsCancelled => "waits, is cancelled",
            Ends::WaitsDropped => "waits, is dropped",
        }
    }
}

enum By {
    Poll(usize),
    Other(String),
}

pub(super) fn tasks(trace: &Trace, look: &Look) -> Result<String, String> {
    let story = Story::new(trace, look);
    let polls = polls(trace, look, &story);
    let mut names: Vec<&str> = Vec::new();
    for poll in &polls {
        if !names.contains(&poll.task) {
            names.push(poll.task);
        }
    }
    if names.is_empty() {
        return Err("the run polls no task: choose another diagram, or `none`".to_owned());
    }
    for (count, most, what) in [(names.len(), TASKS, "tasks"), (polls.len(), POLLS, "polls")] {
        if count > most {
            return Err(format!(
                "the run has {count} {what}, and one figure shows at most {most}: choose some turns in listings.toml, for instance \
                 turns = [1, 12], or choose diagram = \"sequence\""
            ));
        }
    }
    Ok(draw(trace, look, &story, &names, &polls))
}

fn polls<'a>(trace: &'a Trace, look: &Look, story: &Story<'_>) -> Vec<Poll<'a>> {
    let mut polls: Vec<Poll<'a>> = Vec::new();
    let mut numbers: BTreeMap<u64, usize> = BTreeMap::new();
    // Which poll holds an event, however deep.
    let mut inside: BTreeMap<u64, usize> = BTreeMap::new();
    for event in &trace.events {
        if let Some(at) = event.parent.and_then(|parent| inside.get(&parent)).copied() {
            inside.insert(event.number, at);
        }
        let shown = look
            .turns
            .is_none_or(|[first, last]| (first..=last).contains(&event.turn));
        if let (true, true, Some(task)) = (shown, event.is(Kind::TaskPoll), event.object.as_deref())
        {
            let cause = event.causes.first().and_then(|cause| trace.event(*cause));
            let within = cause.and_then(|cause| inside.get(&cause.number)).copied();
            let by = match within {
                Some(poll) => By::Poll(poll),
                None => {
                    By::Other(cause.map_or_else(String::new, |cause| woken(trace, story, cause)))
                }
            };
            inside.insert(event.number, polls.len());
            numbers.insert(event.number, polls.len());
            polls.push(Poll {
                event,
                task,
                by,
                printed: Vec::new(),
                ends: Ends::Waits,
            });
        } else if event.is(Kind::Out) {
            if let (Some(at), Some(text)) = (inside.get(&event.number), event.text("text")) {
                polls[*at].printed.push(text);
            }
        } else if event.is(Kind::TaskDrop) {
            let of_poll = inside.get(&event.number).copied();
            let last = polls
                .iter()
                .rposition(|poll| Some(poll.task) == event.object.as_deref());
            if let Some(at) = last.filter(|at| of_poll.is_none_or(|of| of == *at)) {
                // An end that comes later has no box: no poll brings it.
                polls[at].ends = match (TaskEnd::of(event), of_poll) {
                    (Some(TaskEnd::Cancelled), Some(_)) => Ends::Cancelled,
                    (Some(TaskEnd::Cancelled), None) => Ends::WaitsCancelled,
                    (Some(TaskEnd::Dropped), _) => Ends::WaitsDropped,
                    _ => Ends::Done,
                };
            }
        }
    }
    polls
}

/// Returns what woke a task, if no task did.
fn woken(trace: &Trace, story: &Story<'_>, cause: &Event) -> String {
    if cause.is(Kind::TaskSpawn) {
        return "it is spawned".to_owned();
    }
    let up = |event: &&Event| trace.event(event.parent?);
    let mut above = std::iter::successors(trace.event(cause.parent.unwrap_or(0)), up);
    let found = above.find_map(|event| {
        let name = story.named(event.object.as_deref()?);
        let ends = [
            (Kind::CbStart, "fires"),
            (Kind::TimerFire, "fires"),
            (Kind::IoReady, "is ready"),
            (Kind::CallRun, "runs"),
        ];
        let (_, verb) = ends.iter().find(|(kind, _)| event.is(*kind))?;
        Some(format!("{name} {verb}"))
    });
    found.unwrap_or_else(|| "it is woken".to_owned())
}

fn draw(
    trace: &Trace,
    look: &Look,
    story: &Story<'_>,
    names: &[&str],
    polls: &[Poll<'_>],
) -> String {
    let mut figure = Figure {
        trace,
        story,
        names,
        polls,
        places: Vec::new(),
        bottom: 0.0,
        canvas: Canvas::default(),
    };
    let bands = figure.place();
    figure.turns(&bands);
    for name in names {
        figure.column(name);
    }
    for at in 0..polls.len() {
        figure.poll(at);
    }
    for at in 0..polls.len() {
        figure.cause(at);
    }
    let title = match look.title.trim() {
        "" => "A recorded run",
        title => title,
    };
    let size = (figure.width(), figure.bottom + 1.0);
    figure.canvas.finish(
        "rails tasks",
        size,
        &title.replace('`', ""),
        &about(story, polls),
    )
}

/// A turn in which tasks are polled, from `top` to `bottom`.
struct Band {
    turn: u64,
    time: u64,
    top: f64,
    bottom: f64,
}

/// The figure while it is drawn.
struct Figure<'a, 't> {
    trace: &'a Trace,
    story: &'a Story<'t>,
    names: &'a [&'a str],
    polls: &'a [Poll<'a>],
    /// Top and height of each poll.
    places: Vec<(f64, f64)>,
    /// Where the last poll ends.
    bottom: f64,
    canvas: Canvas,
}

impl Figure<'_, '_> {
    /// Returns where the column of a task begins.
    fn left(&self, task: &str) -> f64 {
        let at = self.names.iter().position(|name| *name == task);
        WAKES + 8.0 + GAP + at.unwrap_or(0) as f64 * (TASK + GAP)
    }

    fn width(&self) -> f64 {
        self.left(self.names.last().unwrap_or(&"")) + TASK + 9.0
    }

    /// Puts each poll in its place, and returns the turns.
    fn place(&mut self) -> Vec<Band> {
        let mut bands: Vec<Band> = Vec::new();
        let mut y = 56.0;
        for (at, poll) in self.polls.iter().enumerate() {
            let turn = poll.event.turn;
            if bands.last().is_none_or(|band| band.turn != turn) {
                bands.push(Band {
                    turn,
                    time: poll.event.time,
                    top: y,
                    bottom: y,
                });
                y += 28.0;
            }
            let lines = poll.printed.len().min(LINES + 1);
            let height = 42.0 + 15.0 * lines as f64;
            self.places.push((y, height));
            y += height + 12.0;
            if let Some(band) = bands.last_mut() {
                band.bottom = y;
                y += 8.0;
            }
            let next = self.polls.get(at + 1);
            if next.is_some_and(|next| next.event.turn == turn) {
                y -= 8.0;
            }
        }
        self.bottom = y;
        bands
    }

    fn turns(&mut self, bands: &[Band]) {
        let width = self.width();
        for band in bands {
            let (top, bottom) = (band.top, band.bottom);
            self.canvas.frame(1.0, (top, bottom), width - 2.0);
            let text = match band.turn {
                0 => "before the first turn".to_owned(),
                turn => format!("turn {turn}: {}", words::time(band.time)),
            };
            let at = (10.0, top + 18.0);
            self.canvas
                .text(at, &text, Font::Words, Held::Left, "strong");
        }
    }

    /// A task: its name, where it was spawned, and the lines on which it sleeps.
    fn column(&mut self, name: &str) {
        let middle = self.left(name) + TASK / 2.0;
        let spawned = self
            .trace
            .events
            .iter()
            .find(|event| event.is(Kind::TaskSpawn) && event.object.as_deref() == Some(name));
        let place = spawned
            .and_then(|event| self.trace.site(event))
            .map(|site| format!("spawned {}", at_place(&place(self.trace, site))));
        let canvas = &mut self.canvas;
        let title = cut(&self.story.named(name), Font::Words, TASK / 1.1);
        canvas.text((middle, 18.0), &title, Font::Words, Held::Middle, "strong");
        let place = cut(&place.unwrap_or_default(), Font::Small, TASK + GAP - 4.0);
        canvas.text((middle, 35.0), &place, Font::Small, Held::Middle, "quiet");
        let polls = self.polls;
        let mine: Vec<usize> = (0..polls.len())
            .filter(|at| polls[*at].task == name)
            .collect();
        // Before it is spawned there is nothing to draw.
        let mut from = match mine.first().map(|first| &polls[*first].by) {
            Some(By::Poll(spawner)) => self.places[*spawner].0,
            _ => 42.0,
        };
        for at in mine {
            let (top, height) = self.places[at];
            canvas.line(&[(middle, from), (middle, top)], Pen::Sleeps);
            from = top + height;
        }
        let last = polls.iter().rev().find(|poll| poll.task == name);
        if last.is_some_and(|poll| poll.ends == Ends::Waits) {
            canvas.line(&[(middle, from), (middle, self.bottom)], Pen::Sleeps);
        }
    }

    /// A poll as a box: what it prints, and how it ends.
    fn poll(&mut self, at: usize) {
        let poll = &self.polls[at];
        let (top, height) = self.places[at];
        let x = self.left(poll.task);
        let canvas = &mut self.canvas;
        let border = "class=\"ground result\" stroke=\"#0072B2\" stroke-width=\"2.5\"";
        canvas.boxed((x, top), (TASK, height), 5.0, border);
        let middle = x + TASK / 2.0;
        let before = &self.polls[..at];
        let first = before.iter().all(|other| other.task != poll.task);
        let text = if first { "first poll" } else { "polled" };
        let place = (middle, top + 17.0);
        canvas.text(place, text, Font::Words, Held::Middle, "strong");
        for (line, text) in printed(poll).iter().enumerate() {
            let y = top + 33.0 + 15.0 * line as f64;
            canvas.text((middle, y), text, Font::Code, Held::Middle, "");
        }
        let (place, text) = ((middle, top + height - 9.0), poll.ends.words());
        canvas.text(place, text, Font::Small, Held::Middle, "quiet");
    }

    /// The arrow from what made a task be polled.
    fn cause(&mut self, at: usize) {
        let poll = &self.polls[at];
        let (x, y) = (self.left(poll.task), self.places[at].0 + 20.0);
        match &poll.by {
            By::Other(text) => {
                let canvas = &mut self.canvas;
                let text = cut(text, Font::Small, WAKES - 10.0);
                canvas.over(&[(8.0 + WAKES, y), (x - 6.0, y)], Pen::Cause);
                canvas.tip((x, y), (1.0, 0.0), Pen::Cause);
                let border = "class=\"soft ground\" stroke=\"#57606a\" stroke-width=\"1.5\"";
                canvas.boxed((8.0, y - 12.0), (WAKES, 24.0), 12.0, border);
                let middle = (8.0 + WAKES / 2.0, y + 4.0);
                canvas.text(middle, &text, Font::Small, Held::Middle, "");
            }
            By::Poll(other) => {
                let edge = self.left(self.polls[*other].task) + TASK + 2.0;
                let bottom = self.places[*other].0 + self.places[*other].1;
                // To the right into another column; from the right, or from itself, round on the
                // right side.
                let (end, way, start, gutter) = if edge < x {
                    (x, 1.0, bottom - 20.0, x - 6.0)
                } else {
                    (x + TASK, -1.0, bottom - 8.0, edge + 5.0)
                };
                let tip = if way > 0.0 { end - 4.0 } else { end + 6.0 };
                let path = [(edge, start), (gutter, start), (gutter, y), (tip, y)];
                self.canvas.over(&path, Pen::Cause);
                self.canvas.tip((end, y), (way, 0.0), Pen::Cause);
            }
        }
    }
}

/// Returns what a poll prints, as far as there is room.
fn printed(poll: &Poll<'_>) -> Vec<String> {
    let mut lines: Vec<String> = poll
        .printed
        .iter()
        .take(LINES)
        .map(|text| cut(text, Font::Code, TASK - 8.0))
        .collect();
    match poll.printed.len().saturating_sub(LINES) {
        0 => {}
        1 => lines.push(cut(poll.printed[LINES], Font::Code, TASK - 8.0)),
        more => lines.push(format!("… {more} more lines")),
    }
    lines
}

/// Returns the figure in words.
fn about(story: &Story<'_>, polls: &[Poll<'_>]) -> String {
    let mut text = String::from(
        "Each task has a column, and time runs down. A box is a poll, a band is a turn of the loop, an arrow comes from what woke \
         the task.",
    );
    for poll in polls {
        let by = match &poll.by {
            By::Poll(other) if polls[*other].task == poll.task => {
                " because it woke itself".to_owned()
            }
            By::Poll(other) => format!(" because of {}", story.named(polls[*other].task)),
            By::Other(what) => format!(" because {what}"),
        };
        let _ = write!(
            text,
            " Turn {}: {} is polled{by} and {}.",
            poll.event.turn,
            story.named(poll.task),
            poll.ends.words()
        );
    }
    text
}

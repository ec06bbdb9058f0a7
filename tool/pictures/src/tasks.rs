//! The figure of tasks: a column each, a band for each turn in which one is polled, and an arrow from what woke it.
use crate::{
    Look,
    chain::{at as at_place, place},
    facts::Gone,
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
    /// Somebody cancelled it in this poll.
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
                polls[at].ends = match (Gone::of(event), of_poll) {
                    (Some(Gone::Cancelled), Some(_)) => Ends::Cancelled,
                    (Some(Gone::Cancelled), None) => Ends::WaitsCancelled,
                    (Some(Gone::Dropped), _) => Ends::WaitsDropped,
                    _ => Ends::Done,
                };
            }
        }
    }
    polls
}

/// What woke a task, if no task did.
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
    let mut canvas = Canvas::default();
    let left = |task: &str| {
        let at = names.iter().position(|name| *name == task).unwrap_or(0);
        WAKES + 8.0 + GAP + at as f64 * (TASK + GAP)
    };
    let width = left(names.last().unwrap_or(&"")) + TASK + 9.0;
    let mut places: Vec<(f64, f64)> = Vec::new();
    let mut bands: Vec<(u64, u64, f64, f64)> = Vec::new();
    let mut y = 56.0;
    for poll in polls {
        match bands.last_mut() {
            Some(band) if band.0 == poll.event.turn => {}
            _ => {
                bands.push((poll.event.turn, poll.event.time, y, y));
                y += 28.0;
            }
        }
        let lines = poll.printed.len().min(LINES + 1);
        let height = 42.0 + 15.0 * lines as f64;
        places.push((y, height));
        y += height + 12.0;
        if let Some(band) = bands.last_mut() {
            band.3 = y;
            y += 8.0;
        }
        if polls
            .get(places.len())
            .is_some_and(|next| next.event.turn == poll.event.turn)
        {
            y -= 8.0;
        }
    }
    for (turn, time, top, bottom) in &bands {
        canvas.frame(1.0, (*top, *bottom), width - 2.0);
        let text = match turn {
            0 => "before the first turn".to_owned(),
            turn => format!("turn {turn}: {}", words::time(*time)),
        };
        canvas.text((10.0, top + 18.0), &text, Font::Words, Held::Left, "strong");
    }
    for name in names {
        let middle = left(name) + TASK / 2.0;
        let spawned = trace
            .events
            .iter()
            .find(|event| event.is(Kind::TaskSpawn) && event.object.as_deref() == Some(name));
        let place = spawned
            .and_then(|event| trace.site(event))
            .map(|site| format!("spawned {}", at_place(&place(trace, site))));
        let title = cut(&story.named(name), Font::Words, TASK / 1.1);
        canvas.text((middle, 18.0), &title, Font::Words, Held::Middle, "strong");
        let place = cut(&place.unwrap_or_default(), Font::Small, TASK + GAP - 4.0);
        canvas.text((middle, 35.0), &place, Font::Small, Held::Middle, "quiet");
        let mine: Vec<usize> = (0..polls.len())
            .filter(|at| polls[*at].task == *name)
            .collect();
        // Before it is spawned there is nothing to draw.
        let mut from = match mine.first().map(|first| &polls[*first].by) {
            Some(By::Poll(spawner)) => places[*spawner].0,
            _ => 42.0,
        };
        for at in mine {
            canvas.line(&[(middle, from), (middle, places[at].0)], Pen::Sleeps);
            from = places[at].0 + places[at].1;
        }
        let last = polls.iter().rev().find(|poll| poll.task == *name);
        if last.is_some_and(|poll| poll.ends == Ends::Waits) {
            canvas.line(&[(middle, from), (middle, y)], Pen::Sleeps);
        }
    }
    for (at, poll) in polls.iter().enumerate() {
        let (top, height) = places[at];
        let x = left(poll.task);
        let border = "class=\"ground result\" stroke=\"#0072B2\" stroke-width=\"2.5\"";
        canvas.boxed((x, top), (TASK, height), 5.0, border);
        let middle = x + TASK / 2.0;
        let first = polls[..at].iter().all(|other| other.task != poll.task);
        let text = if first { "first poll" } else { "polled" };
        canvas.text(
            (middle, top + 17.0),
            text,
            Font::Words,
            Held::Middle,
            "strong",
        );
        for (line, text) in printed(poll).iter().enumerate() {
            let y = top + 33.0 + 15.0 * line as f64;
            canvas.text((middle, y), text, Font::Code, Held::Middle, "");
        }
        canvas.text(
            (middle, top + height - 9.0),
            poll.ends.words(),
            Font::Small,
            Held::Middle,
            "quiet",
        );
    }
    for (at, poll) in polls.iter().enumerate() {
        let (top, _) = places[at];
        let (x, y) = (left(poll.task), top + 20.0);
        match &poll.by {
            By::Other(text) => {
                let text = cut(text, Font::Small, WAKES - 10.0);
                canvas.over(&[(8.0 + WAKES, y), (x - 6.0, y)], Pen::Cause);
                canvas.tip((x, y), (1.0, 0.0), Pen::Cause);
                let border = "class=\"soft ground\" stroke=\"#57606a\" stroke-width=\"1.5\"";
                canvas.boxed((8.0, y - 12.0), (WAKES, 24.0), 12.0, border);
                canvas.text(
                    (8.0 + WAKES / 2.0, y + 4.0),
                    &text,
                    Font::Small,
                    Held::Middle,
                    "",
                );
            }
            By::Poll(other) => {
                let edge = left(polls[*other].task) + TASK + 2.0;
                let bottom = places[*other].0 + places[*other].1;
                // To the right into another column; from the right, or from itself, round on the right side.
                let (end, way, start, gutter) = if edge < x {
                    (x, 1.0, bottom - 20.0, x - 6.0)
                } else {
                    (x + TASK, -1.0, bottom - 8.0, edge + 5.0)
                };
                let tip = if way > 0.0 { end - 4.0 } else { end + 6.0 };
                canvas.over(
                    &[(edge, start), (gutter, start), (gutter, y), (tip, y)],
                    Pen::Cause,
                );
                canvas.tip((end, y), (way, 0.0), Pen::Cause);
            }
        }
    }
    let title = match look.title.trim() {
        "" => "A recorded run",
        title => title,
    };
    canvas.finish(
        "rails tasks",
        (width, y + 1.0),
        &title.replace('`', ""),
        &about(story, polls),
    )
}

/// What a poll prints, as far as there is room.
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

/// The figure in words.
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

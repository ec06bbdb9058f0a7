//! A run as sentences: what the diagram shows, for those who do not see it, and for print.
use crate::{
    Look, clause,
    facts::Family,
    scenes::{Part, Scene, When},
    story::Story,
    words,
};
use trace::{
    Kind,
    read::{Event, Trace},
};

/// How many clauses a sentence and how many sentences a turn may have; what is beyond is counted,
/// not dropped silently.
const CLAUSES: usize = 8;
const SENTENCES: usize = 12;

/// A sentence of a run, and the number of the event with which it begins.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) begins: u64,
    pub(super) text: String,
}

pub(super) fn steps(trace: &Trace, look: &Look) -> Vec<Step> {
    let story = Story::new(trace, look);
    let mut steps = Vec::new();
    for part in &story.parts {
        match part {
            Part::Scene(scene) => scene_steps(&story, scene, look.rails, &mut steps),
            Part::LeftOut { turns, first, last, from, to } => steps.push(Step {
                begins: begins(trace, *first, *from),
                text: format!(
                    "Left out here: {turns} more turns like these, from turn {first} ({}) to turn {last} ({}).",
                    words::time(*from),
                    words::time(*to)
                ),
            }),
        }
    }
    if steps.is_empty() {
        let text = "Nothing happens in this run.".to_owned();
        steps.push(Step { begins: 0, text });
    }
    steps
}

/// The first event of a turn that is left out, at the time of the first thing that it would show.
fn begins(trace: &Trace, turn: u64, time: u64) -> u64 {
    let mut all = trace.events.iter();
    let first = all.find(|event| event.turn >= turn && event.time >= time);
    first.map_or(0, |event| event.number)
}

/// A step as Markdown that shows it as it is: what a program prints may look like markup.
///
/// ```
/// let written = pictures::markdown("prints “<b> {{#x}} a_b _c_”.");
/// assert_eq!(written, r"prints “\<b\> \{\{\#x\}\} a_b \_c\_”.");
/// ```
pub fn markdown(step: &str) -> String {
    let mut text = String::with_capacity(step.len());
    let mut before = ' ';
    let mut rest = step.chars().peekable();
    while let Some(c) = rest.next() {
        // Inside a word an underscore is a letter like others.
        let inside = c == '_'
            && before.is_alphanumeric()
            && rest.peek().is_some_and(|next| next.is_alphanumeric());
        if "\\`*_{}[]<>#|~$&".contains(c) && !inside {
            text.push('\\');
        }
        text.push(c);
        before = c;
    }
    text
}

fn scene_steps(story: &Story<'_>, scene: &Scene<'_>, rails: bool, steps: &mut Vec<Step>) {
    let told: Vec<Vec<&Event>> = scene
        .groups
        .iter()
        .map(|group| {
            if rails {
                of_deferreds(group)
            } else {
                group.clone()
            }
        })
        .flat_map(|group| parts(&group))
        .collect();
    for (at, group) in told.iter().enumerate() {
        let now = group.first().map_or(scene.time, |event| event.time);
        let begins = group.first().map_or(0, |event| event.number);
        let when = match scene.when {
            _ if !story.turns => String::new(),
            When::Before => "Before the first turn: ".to_owned(),
            When::Turn(turn) => format!("Turn {turn}, {}: ", words::time(now)),
            When::After(turn) => format!("After turn {turn}: "),
        };
        if at == SENTENCES && told.len() > SENTENCES + 1 {
            let more = told.len() - SENTENCES;
            let text = format!("{when}{more} more things of this kind happen.");
            steps.push(Step { begins, text });
            return;
        }
        let mut sentence = sentence(story, group);
        if when.is_empty() {
            capital(&mut sentence);
        }
        let stop = if sentence.ends_with(['.', '!', '?', '…']) {
            ""
        } else {
            "."
        };
        let text = format!("{when}{sentence}{stop}");
        steps.push(Step { begins, text });
    }
}

/// What a figure of rails shows of a group, and what made it happen.
fn of_deferreds<'a>(group: &[&'a Event]) -> Vec<&'a Event> {
    let shown = |event: &Event| {
        let families = [Family::Deferred, Family::Task, Family::Said];
        families.contains(&Family::of(event))
    };
    let chains = |event: &&Event| Family::of(event) == Family::Deferred;
    let kept = |(at, event): &(usize, &&'a Event)| {
        let holds = [Kind::TimerFire, Kind::IoReady, Kind::CallRun];
        shown(event) || (*at == 0 && holds.iter().any(|kind| event.is(*kind)))
    };
    let mut kept: Vec<&Event> = group
        .iter()
        .enumerate()
        .filter(kept)
        .map(|(_, event)| *event)
        .collect();
    if !kept.iter().any(chains) {
        kept.retain(|event| shown(event));
    }
    kept
}

/// A long group as several sentences, each stage that runs in one of them.
fn parts<'a>(group: &[&'a Event]) -> Vec<Vec<&'a Event>> {
    let mut parts: Vec<Vec<&Event>> = Vec::new();
    let many = group.len() > CLAUSES;
    for event in group {
        let begins = event.is(Kind::CbStart) || event.is(Kind::DfFire);
        match parts.last_mut() {
            Some(part) if !(many && begins && part.len() >= CLAUSES / 2) => part.push(event),
            _ => parts.push(vec![event]),
        }
    }
    parts
}

fn sentence(story: &Story<'_>, group: &[&Event]) -> String {
    let mut clauses: Vec<(String, bool)> = Vec::new();
    let mut subject: Option<usize> = None;
    let mut before: Option<&Event> = None;
    for event in group.iter().take(CLAUSES) {
        let acts = has_subject(event);
        let same = acts && event.host.is_some() && subject == event.host;
        let mut clause = clause::clause(story, event, same);
        // `makes d1, adds to it one and another`.
        let goes_on =
            before.filter(|before| same && event.is(Kind::DfAdd) && before.object == event.object);
        let adds = format!("adds to {} ", story.object(event));
        match goes_on {
            Some(before) if before.is(Kind::DfAdd) => clause = clause.replacen(&adds, "", 1),
            Some(before) if before.is(Kind::DfNew) => {
                clause = clause.replacen(&adds, "adds to it ", 1)
            }
            _ => {}
        }
        clauses.push((clause, same));
        subject = if acts { event.host } else { None };
        before = Some(event);
    }
    match group.len().saturating_sub(CLAUSES) {
        0 => {}
        1 => clauses.push(("one more thing follows".to_owned(), false)),
        more => clauses.push((format!("{more} more things follow"), false)),
    }
    join(&clauses)
}

/// Whether the clause of this kind begins with who does it.
fn has_subject(event: &Event) -> bool {
    [
        Kind::Out,
        Kind::TimerSet,
        Kind::TimerCancel,
        Kind::CallQueue,
        Kind::ConnOpen,
        Kind::ConnMade,
        Kind::ConnLost,
        Kind::DataIn,
        Kind::DataOut,
        Kind::DataLost,
        Kind::DfNew,
        Kind::DfAdd,
        Kind::DfCancel,
        Kind::TaskSpawn,
        Kind::JobQueue,
    ]
    .iter()
    .any(|with| event.is(*with))
}

/// `a; b, c and d`: a clause that leaves its subject out joins the one that has it.
fn join(clauses: &[(String, bool)]) -> String {
    let mut text = String::new();
    for (at, (clause, same)) in clauses.iter().enumerate() {
        let more = clauses.get(at + 1).is_some_and(|(_, same)| *same);
        text.push_str(match (at, same, more) {
            (0, ..) => "",
            (_, false, _) => "; ",
            (_, true, true) => ", ",
            (_, true, false) => " and ",
        });
        text.push_str(clause);
    }
    text
}

fn capital(text: &mut String) {
    // `d1` is a name.
    if text.chars().nth(1).is_some_and(|c| c.is_ascii_digit()) {
        return;
    }
    if let Some(first) = text.chars().next() {
        let upper: String = first.to_uppercase().collect();
        text.replace_range(..first.len_utf8(), &upper);
    }
}

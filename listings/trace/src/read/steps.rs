//! A run as sentences: what the diagram shows, for those who do not see it, and for print.
use super::{
    Look, Trace,
    scenes::{Part, Scene, When},
    story::Story,
    words,
};
use crate::Kind;

/// How many clauses a sentence and how many sentences a turn may have; what is beyond is counted, not dropped silently.
const CLAUSES: usize = 8;
const SENTENCES: usize = 12;

pub(super) fn steps(trace: &Trace, look: &Look) -> Vec<String> {
    let story = Story::new(trace, look);
    let mut steps = Vec::new();
    for part in &story.parts {
        match part {
            Part::Scene(scene) => scene_steps(&story, scene, &mut steps),
            Part::LeftOut { turns, first, last, from, to } => steps.push(format!(
                "Left out here: {turns} more turns like these, from turn {first} ({}) to turn {last} ({}).",
                words::time(*from),
                words::time(*to)
            )),
        }
    }
    if steps.is_empty() {
        steps.push("Nothing happens in this run.".to_owned());
    }
    steps
}

/// A step as Markdown that shows it as it is: what a program prints may look like markup.
///
/// ```
/// assert_eq!(trace::read::markdown("prints “<b> {{#x}} a_b _c_”."), r"prints “\<b\> \{\{\#x\}\} a_b \_c\_”.");
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

fn scene_steps(story: &Story<'_>, scene: &Scene<'_>, steps: &mut Vec<String>) {
    for (at, group) in scene.groups.iter().enumerate() {
        let now = group.first().map_or(scene.time, |event| event.time);
        let when = match scene.when {
            _ if !story.turns => String::new(),
            When::Before => "Before the first turn: ".to_owned(),
            When::Turn(turn) => format!("Turn {turn}, {}: ", words::time(now)),
            When::After(turn) => format!("After turn {turn}: "),
        };
        if at == SENTENCES && scene.groups.len() > SENTENCES + 1 {
            let more = scene.groups.len() - SENTENCES;
            steps.push(format!("{when}{more} more things of this kind happen."));
            return;
        }
        let mut clauses: Vec<(String, bool)> = Vec::new();
        let mut subject: Option<usize> = None;
        for event in group.iter().take(CLAUSES) {
            let acts = has_subject(&event.kind);
            let same = acts && event.host.is_some() && subject == event.host;
            clauses.push((words::clause(story, event, same), same));
            subject = if acts { event.host } else { None };
        }
        let more = group.len().saturating_sub(CLAUSES);
        if more > 0 {
            clauses.push((format!("{more} more things follow"), false));
        }
        let mut sentence = join(&clauses);
        if when.is_empty() {
            capital(&mut sentence);
        }
        let stop = if sentence.ends_with(['.', '!', '?', '…']) {
            ""
        } else {
            "."
        };
        steps.push(format!("{when}{sentence}{stop}"));
    }
}

/// Whether the clause of this kind begins with who does it.
fn has_subject(kind: &str) -> bool {
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
        Kind::DfNew,
        Kind::DfAdd,
        Kind::DfCancel,
        Kind::TaskSpawn,
        Kind::JobQueue,
    ]
    .iter()
    .any(|with| with.name() == kind)
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

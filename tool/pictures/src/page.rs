//! All that a page shows of a run that no recording has: its pictures, its steps, and the names
//! that the player uses.
use crate::{Functions, Look, chain, fitted, names, sequence, steps, tasks};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use trace::{Kind, read::Trace};

/// A picture is not passed on when its text is longer, in bytes: no page could show it.
const LONGEST: usize = 1 << 20;

/// A kind of picture.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Figure {
    /// Hosts and objects as columns, time runs down, a band for each turn: text for mermaid.
    Sequence,
    /// Each Deferred's two rails: an SVG.
    Chain,
    /// Which task is polled in which turn, and what woke it: an SVG.
    Tasks,
}

impl Figure {
    /// Draws it.
    ///
    /// # Errors
    /// When the run has nothing of that kind, or more than a figure shows; the message is for who
    /// chose the figure.
    pub fn draw(self, trace: &Trace, look: &Look) -> Result<String, String> {
        let mut text = match self {
            Figure::Sequence => sequence::sequence(trace, look),
            Figure::Chain => chain::chain(trace, look)?,
            Figure::Tasks => tasks::tasks(trace, look)?,
        };
        if !text.ends_with('\n') {
            text.push('\n');
        }
        Ok(text)
    }

    /// Returns why there is none, for who ran the program.
    fn without(self, trace: &Trace) -> String {
        let (kind, word) = match self {
            Figure::Sequence => return "This run is too long for a picture.".to_owned(),
            Figure::Chain => (Kind::DfNew, "Deferred"),
            Figure::Tasks => (Kind::TaskSpawn, "task"),
        };
        match trace.events.iter().filter(|event| event.is(kind)).count() {
            0 => format!("There is no {word} in this run to draw."),
            1 => format!("This run has more than a picture of its {word} shows."),
            n => format!("This run has {n} {word}s, more than one picture shows."),
        }
    }
}

/// What the figures of a listing show, as its author chose.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Shown {
    /// As [`Look::title`].
    pub title: String,
    /// As [`Look::hosts`].
    pub hosts: Vec<String>,
    /// As [`Look::turns`].
    pub turns: Option<[u64; 2]>,
    /// As [`Look::chains`].
    pub chains: Vec<String>,
    /// Which figures, in their order.
    pub figures: Vec<Figure>,
}

impl Shown {
    /// Returns the same with the sources of a run.
    pub fn look(&self, sources: BTreeMap<String, String>) -> Look {
        Look {
            title: self.title.clone(),
            hosts: self.hosts.clone(),
            turns: self.turns,
            chains: self.chains.clone(),
            rails: self.figures == [Figure::Chain],
            sources,
            ..Look::default()
        }
    }
}

/// A picture of a run.
#[derive(Debug, Serialize)]
pub struct Picture {
    /// What it is.
    pub figure: Figure,
    /// Its text, as `cargo book record` keeps it.
    pub text: String,
    /// The same as HTML, in parts that fit a page. A sequence has none: a page lays it out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub html: Option<String>,
}

/// All that is shown.
#[derive(Debug, Serialize)]
pub struct Drawn {
    /// The pictures that could be drawn.
    pub pictures: Vec<Picture>,
    /// What happens, in sentences.
    pub steps: Vec<String>,
    /// As [`crate::begins`].
    pub begins: Vec<u64>,
    /// As [`names`].
    pub names: BTreeMap<String, String>,
    /// Why there is no picture of a kind, a sentence each.
    pub without: Vec<String>,
}

/// Draws a run. What its listing's author chose counts as far as it is about this run, too: a
/// Deferred that it names has to be there, and a turn. A run without the picture that the author
/// chose gets a sequence.
///
/// `id` begins the ids of the drawings; none other of the page may begin so.
///
/// # Errors
/// When the trace cannot be read.
///
/// ```
/// use pictures::{Functions, page::{Figure, Shown, drawn}};
/// use std::collections::BTreeMap;
///
/// let recording = trace::start(trace::Setup::default());
/// trace::say!("hello");
/// let shown = Shown { figures: vec![Figure::Chain], ..Shown::default() };
/// let drawn = drawn(&recording.finish(), &shown, BTreeMap::new(), &Functions::default(), "mine")?;
/// assert_eq!(drawn.without, ["There is no Deferred in this run to draw."]);
/// assert_eq!(drawn.pictures[0].figure, Figure::Sequence);
/// assert_eq!(drawn.steps, ["Our code prints “hello”."]);
/// # Ok::<(), trace::read::Error>(())
/// ```
pub fn drawn(
    text: &str,
    shown: &Shown,
    sources: BTreeMap<String, String>,
    functions: &Functions,
    id: &str,
) -> Result<Drawn, trace::read::Error> {
    let trace = Trace::parse(&functions.settled(text)?)?;
    let mut look = shown.look(sources);
    let last = trace.events.iter().map(|event| event.turn).max();
    if look
        .turns
        .is_some_and(|[first, _]| last.is_none_or(|last| first > last))
    {
        look.turns = None;
    }
    let made = |chain: &String| {
        let mut all = trace.events.iter().filter(|event| event.is(Kind::DfNew));
        all.any(|event| event.object.as_ref() == Some(chain))
    };
    if !look.chains.iter().all(made) {
        look.chains.clear();
    }
    let mut all = Drawn {
        pictures: Vec::new(),
        steps: Vec::new(),
        begins: Vec::new(),
        names: names::names(&trace, &look),
        without: Vec::new(),
    };
    for figure in &shown.figures {
        add(&mut all, *figure, &trace, &look, id);
    }
    if all.pictures.is_empty() && !shown.figures.contains(&Figure::Sequence) {
        look.rails = false;
        add(&mut all, Figure::Sequence, &trace, &look, id);
    }
    for step in steps::steps(&trace, &look) {
        all.begins.push(step.begins);
        all.steps.push(step.text);
    }
    Ok(all)
}

fn add(all: &mut Drawn, figure: Figure, trace: &Trace, look: &Look, id: &str) {
    match figure.draw(trace, look) {
        Ok(text) if text.len() <= LONGEST => {
            let number = all.pictures.len() + 1;
            let html = (figure != Figure::Sequence)
                .then(|| fitted(text.trim(), &format!("{id}-{number}")));
            all.pictures.push(Picture { figure, text, html });
        }
        _ => all.without.push(figure.without(trace)),
    }
}

/// What a program that draws is told: the run, and what is known of its listing.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// The trace, as the run left it.
    pub trace: String,
    /// The file of the program in the sites of the trace, and its text.
    pub file: String,
    /// Its text.
    pub source: String,
    /// What the figures show.
    pub shown: Shown,
    /// As [`drawn`] takes it.
    pub id: String,
}

/// Draws what an [`Order`] asks for, as JSON to JSON: a [`Drawn`]. So the same stands behind a page
/// and behind a server.
///
/// # Errors
/// When the order is none, or its trace cannot be read.
pub fn answer(order: &str, functions: &Functions) -> Result<String, String> {
    let order: Order = serde_json::from_str(order).map_err(|error| error.to_string())?;
    let sources = BTreeMap::from([(order.file, order.source)]);
    let drawn = drawn(&order.trace, &order.shown, sources, functions, &order.id)
        .map_err(|error| error.to_string())?;
    serde_json::to_string(&drawn).map_err(|error| error.to_string())
}

//! The figure of Deferreds: two rails each, result left and failure right, both always drawn, the
//! path taken thick.
mod draw;
mod layout;
mod links;
mod model;
mod words;

use crate::{Look, story::Story, svg::Canvas};
use draw::Draw;
use model::Chains;
pub(crate) use model::{at, place};
use trace::read::Trace;
use words::Words;

/// How many Deferreds one figure shows.
const MOST: usize = 8;

/// Returns the SVG, or what the author must choose.
pub(crate) fn chain(trace: &Trace, look: &Look) -> Result<String, String> {
    let chains = Chains::new(trace, look);
    let shown = shown(&chains, look)?;
    let story = Story::new(trace, look);
    let words = Words {
        trace,
        story: &story,
    };
    let layout = layout::layout(&chains, shown);
    let mut draw = Draw {
        chains: &chains,
        layout: &layout,
        words: &words,
        canvas: Canvas::default(),
    };
    draw.all();
    let mut about = String::from(
        "Each Deferred has two rails that run down: the result on the left, the failure on the right. A stage is a box on \
         the rail it acts on. The path taken is thick, the other one thin and dashed.",
    );
    for at in &layout.shown {
        about.push(' ');
        about.push_str(&words.told(&chains.all[*at]));
    }
    let title = match look.title.trim() {
        "" => "A recorded run",
        title => title,
    };
    let title = title.replace('`', "");
    Ok(draw
        .canvas
        .finish("rails", (layout.width(), layout.height), &title, &about))
}

/// Returns which Deferreds the figure shows: those that are asked for, or all.
fn shown(chains: &Chains<'_>, look: &Look) -> Result<Vec<usize>, String> {
    let there: Vec<&str> = chains.all.iter().map(|chain| chain.object).collect();
    if there.is_empty() {
        return Err(
            "the run has no Deferred to draw: choose another diagram, or `none`".to_owned(),
        );
    }
    if look.chains.is_empty() {
        if there.len() > MOST {
            return Err(format!(
                "the run has {} Deferreds, and one figure shows at most {MOST}: name those it shall show, in listings.toml, for \
                 instance chains = [\"{}\", \"{}\"] (diagrams/…/*.ndjson and the steps say which is which), or choose diagram = \
                 \"sequence\"",
                there.len(),
                there[0],
                there[1]
            ));
        }
        return Ok((0..there.len()).collect());
    }
    if look.chains.len() > MOST {
        return Err(format!(
            "one figure shows at most {MOST} Deferreds; `chains` names {}",
            look.chains.len()
        ));
    }
    let mut shown = Vec::new();
    for name in &look.chains {
        match chains.at(name) {
            Some(at) if !shown.contains(&at) => shown.push(at),
            Some(_) => return Err(format!("`chains` names {name} twice")),
            None => {
                return Err(format!(
                    "the run has no Deferred `{name}`; it has {}",
                    there.join(", ")
                ));
            }
        }
    }
    shown.sort_unstable();
    Ok(shown)
}

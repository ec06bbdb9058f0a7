//! `{{#step pocket/reactor 2}}`: what a step adds to a part, each piece in its place.
use super::{
    card::relative,
    directive::Directive,
    fragment::Line,
    lines::{Numbers, numbered},
    references::{Excerpt, PageInfo, References, Report, Stepping},
    source::dedent,
};
use crate::{
    finding::Finding,
    markup::{escape, inline, slug},
    problem::nearest,
    steps::{Part, place::place},
};
use std::{fmt::Write, ops::RangeInclusive};

/// Expands `{{#step pocket/reactor 2}}`, or with `2 3-5` its pieces 3 to 5.
pub(crate) fn show(
    refs: &References,
    info: &PageInfo,
    directive: &Directive,
    report: &mut Report,
) -> String {
    let expanded = wanted(refs, info, directive).map(|(part, step, pieces)| {
        let text = draw(refs, part, step, &pieces);
        report.excerpts.push(Excerpt {
            line: directive.line,
            shown: code(part, step, &pieces),
            beyond: None,
        });
        report.steppings.push(Stepping {
            line: directive.line,
            part: part.path(),
            step,
            pieces,
        });
        text
    });
    report.text(expanded)
}

fn wanted<'a>(
    refs: &'a References,
    info: &PageInfo,
    directive: &Directive,
) -> Result<(&'a Part, usize, RangeInclusive<usize>), Finding> {
    let problem = |what: String| Finding::new(&info.file, directive.line, what);
    let path = &directive.argument;
    let Some(part) = refs.parts.get(path) else {
        let hint = match nearest(path, refs.parts.keys().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => {
                "it is crate/file, for instance `pocket/reactor`, of a crate with a folder `steps`"
                    .to_owned()
            }
        };
        return Err(problem(format!("unknown part `{path}`; {hint}")));
    };
    let last = part.states.len();
    let step = directive
        .options
        .first()
        .and_then(|text| text.parse().ok())
        .filter(|step| (1..=last).contains(step));
    let Some(step) = step else {
        return Err(problem(format!(
            "`step` wants the number of a step, 1 to {last}: `{{{{#step {path} {last}}}}}`"
        )));
    };
    let count = part.states[step - 1].pieces.len();
    let Some(text) = directive.options.get(1) else {
        return Ok((part, step, 1..=count));
    };
    let (from, to) = text.split_once('-').unwrap_or((text, text));
    match (from.parse(), to.parse()) {
        (Ok(from), Ok(to))
            if 1 <= from && from <= to && to <= count && directive.options.len() == 2 =>
        {
            Ok((part, step, from..=to))
        }
        _ => {
            let list: Vec<String> = part.states[step - 1]
                .pieces
                .iter()
                .zip(1..)
                .map(|(piece, n)| format!("{n} {}", place(part, step, piece)))
                .collect();
            Err(problem(format!(
                "step {step} of `{path}` has pieces 1 to {count}, so write `{{{{#step {path} {step} 1-{count}}}}}`: {}",
                list.join("; ")
            )))
        }
    }
}

/// Returns the lines of some pieces of a step.
fn code(part: &Part, step: usize, pieces: &RangeInclusive<usize>) -> String {
    let state = &part.states[step - 1];
    let chosen = &state.pieces[*pieces.start() - 1..*pieces.end()];
    chosen
        .iter()
        .flat_map(|piece| piece.spans.iter().cloned().flatten())
        .flat_map(|at| [state.lines[at].as_str(), "\n"])
        .collect()
}

fn draw(refs: &References, part: &Part, step: usize, pieces: &RangeInclusive<usize>) -> String {
    let state = &part.states[step - 1];
    let first = *pieces.start();
    let id = match first {
        1 => format!("step-{}-{step}", slug(&part.path())),
        _ => format!("step-{}-{step}-{first}", slug(&part.path())),
    };
    let label = match part.states.len() {
        1 => "Whole file".to_owned(),
        _ => format!("Step {step}"),
    };
    let file = relative(refs, &part.states[part.states.len() - 1].file);
    let mut out = format!(
        "<figure class=\"listing source step\" id=\"{id}\">\n<figcaption><a class=\"listing-number\" href=\"#{id}\">{label}</a> <code>{}</code></figcaption>\n",
        escape(&super::slashed(&file))
    );
    let chosen = &state.pieces[first - 1..*pieces.end()];
    let mut at = 0;
    while at < chosen.len() {
        // Pieces that follow each other in the file are one block on the page.
        let mut end = at + 1;
        while end < chosen.len() && chosen[end].joined {
            end += 1;
        }
        let _ = write!(
            out,
            "<p class=\"listing-file step-place\">{}:</p>\n\n",
            inline(&place(part, step, &chosen[at]))
        );
        let lines: Vec<Line<'_>> = chosen[at..end]
            .iter()
            .flat_map(|piece| piece.spans.iter().cloned().flatten())
            .map(|at| Line {
                number: at + 1,
                text: &state.lines[at],
                visible: true,
            })
            .collect();
        let begin = lines
            .iter()
            .position(|line| !line.text.trim().is_empty())
            .unwrap_or(lines.len());
        let full = lines
            .iter()
            .rposition(|line| !line.text.trim().is_empty())
            .map_or(0, |at| at + 1);
        if begin < full {
            let lines = dedent(&lines[begin..full]);
            out.push_str(&numbered("rust", &lines, Numbers::Card(&id)));
        }
        at = end;
    }
    out.push_str("</figure>\n");
    out
}

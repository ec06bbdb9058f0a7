//! Shows what stands below a listing's code in its card: command, output, changes, diagram.
use super::{
    block::code,
    card::{Card, file, read, relative, unknown, whole_file},
    changes, fragment,
    references::Report,
};
use crate::{
    archive, extras,
    finding::Finding,
    manifest::{Class, Diagram, Listing},
    markup::{escape, inline},
    record::{
        draw::{self, Panel},
        run::world,
    },
};
use regex::{Captures, Regex};
use std::{fmt::Write, fs, sync::LazyLock};

/// Returns the command that runs it, and what it prints.
pub(crate) fn run(
    card: &Card<'_>,
    one: &Listing,
    pair: Option<&Listing>,
    report: &mut Report,
) -> String {
    let wants_output = card.wants("output");
    if !wants_output && !card.wants("command") {
        return String::new();
    }
    let recorded = fs::read_to_string(one.output()).ok();
    let (command, printed) = match &recorded {
        Some(text) => {
            let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
            match first.strip_prefix("$ ") {
                Some(command) => (Some(command.trim().to_owned()), Some(rest)),
                None => {
                    report.problems.push(Finding::new(
                        relative(card.refs, &one.output()),
                        1,
                        "an output begins with `$ ` and the command: run `cargo book record`",
                    ));
                    (None, None)
                }
            }
        }
        None => (one.entry.code.is_none().then(|| one.command()), None),
    };
    let mut out = String::from("<div class=\"run\">\n");
    if let Some(command) = command.filter(|_| card.wants("command")) {
        let _ = write!(
            out,
            "<p class=\"run-label\">Run it<a class=\"get-code\" href=\"{}{}\">get all the code</a></p>\n\n{}",
            card.info.to_root(),
            archive::name(),
            code("console,command", &format!("{command}\n"))
        );
    }
    if wants_output {
        match printed {
            Some(printed) if printed.trim().is_empty() => {
                out.push_str("<p class=\"run-label\">It prints nothing</p>\n");
            }
            Some(printed) => {
                let label = match one.entry.class {
                    Class::Measure => "Measured once",
                    Class::Fails if one.entry.panics => "It panics",
                    Class::Fails => "The compiler says",
                    _ => "It prints",
                };
                let end = if printed.ends_with('\n') { "" } else { "\n" };
                let _ = write!(
                    out,
                    "<p class=\"run-label\">{label}</p>\n\n{}",
                    code("text,output", &format!("{printed}{end}"))
                );
            }
            None if pair
                .is_some_and(|pair| pair.path() != one.path() && pair.output().is_file()) =>
            {
                out.push_str("<p class=\"run-label\">It prints the same</p>\n");
            }
            None => out.push_str(&missing(
                card,
                report,
                format!(
                    "the output of `{}` is not recorded yet: run `cargo book record {}`",
                    one.path(),
                    one.path()
                ),
            )),
        }
    }
    out.push_str("</div>\n");
    out
}

/// Returns what changed since the listing that this one grew from, if its manifest names one.
pub(crate) fn since(card: &Card<'_>, listing: &Listing) -> Result<String, Finding> {
    let Some(name) = &listing.entry.after else {
        return Ok(String::new());
    };
    if !card.wants("changes") {
        return Ok(String::new());
    }
    let path = format!("{}/{name}", listing.package);
    let Some(before) = card.refs.listings.get(&path) else {
        return Err(Finding::new(
            relative(card.refs, &listing.folder.join("listings.toml")),
            1,
            format!("[{}] after: {}", listing.name, unknown(card.refs, &path)),
        ));
    };
    let old = read(card, &before.source(), &file(card.refs, before))?;
    let new = read(card, &listing.source(), &file(card.refs, listing))?;
    let changes = changes::between(&fragment::unmarked(&old), &fragment::unmarked(&new));
    if changes.is_empty() {
        return Ok(String::new());
    }
    let label = match card.refs.numbers.get(&path) {
        Some(number) => number.label.clone(),
        None => format!("<code>{}</code>", escape(name)),
    };
    Ok(format!(
        "<details class=\"changes\">\n<summary>What changed since {label}</summary>\n\n{}</details>\n",
        code("diff", &changes)
    ))
}

/// Returns a visible note, and a note for the check.
fn missing(card: &Card<'_>, report: &mut Report, what: String) -> String {
    let note = format!("<p class=\"missing\">{}</p>\n", inline(&what));
    report.notes.push(card.problem(what));
    note
}

/// Returns the first panel of a picture; the others are folded below it, so that no picture is a
/// wall.
fn panels(drawn: &[Panel]) -> String {
    let Some((first, rest)) = drawn.split_first() else {
        return String::new();
    };
    let mut out = format!("<div class=\"flow-drawing\">\n{}\n</div>\n\n", first.svg);
    if !rest.is_empty() {
        let _ = writeln!(
            out,
            "<details class=\"panels\">\n<summary>The picture goes on: {}</summary>",
            escape(&turns(rest))
        );
        for panel in rest {
            let _ = writeln!(out, "<div class=\"flow-drawing\">\n{}\n</div>", panel.svg);
        }
        out.push_str("</details>\n\n");
    }
    out
}

/// Returns what panels show together: `turns 3 to 5`.
fn turns(panels: &[Panel]) -> String {
    let numbers = |panel: &Panel| -> Vec<u64> {
        let words = panel.label.split(|c: char| !c.is_ascii_digit());
        words.filter_map(|word| word.parse().ok()).collect()
    };
    let all: Vec<u64> = panels.iter().flat_map(numbers).collect();
    match (all.iter().min(), all.iter().max()) {
        (Some(first), Some(last)) if first == last => format!("turn {first}"),
        (Some(first), Some(last)) => format!("turns {first} to {last}"),
        _ => "the end".to_owned(),
    }
}

/// Returns the buttons that open the recorded run in the player, and run the program in another
/// world. Without JavaScript there are none.
pub(crate) fn stepper(card: &Card<'_>, listing: &Listing) -> String {
    // They stand where the run is shown. Where it is not, the page asks about it first, or shows it
    // later.
    if !card.wants("output") && !card.wants("diagram") {
        return String::new();
    }
    let mut buttons = String::new();
    if extras::trace(&card.refs.house, listing).is_some() {
        let _ = write!(
            buttons,
            "<button type=\"button\" data-run=\"{}\" aria-expanded=\"false\">Step through this run</button>",
            escape(&listing.path())
        );
    }
    if !listing.entry.change.is_empty() {
        let args = serde_json::json!(listing.entry.args).to_string();
        let _ = write!(
            buttons,
            "<button type=\"button\" class=\"change\" data-change=\"{}\" data-world=\"{}\" data-knobs=\"{}\" data-args=\"{}\" \
             data-command=\"{}\"{} aria-expanded=\"false\">Change the world</button>",
            escape(&listing.path()),
            escape(&world(listing)),
            escape(&listing.entry.change.join(" ")),
            escape(&args),
            escape(&listing.command()),
            goal(listing)
        );
    }
    if buttons.is_empty() {
        return String::new();
    }
    format!("<p class=\"step-through\">{buttons}<span role=\"status\"></span></p>\n")
}

/// Returns what a reader is to bring about, for the panel. The world that does it stays out of the
/// page.
fn goal(listing: &Listing) -> String {
    let Some(goal) = &listing.entry.goal else {
        return String::new();
    };
    let told = serde_json::json!({ "ask": goal.ask, "lines": goal.lines, "because": goal.because });
    format!(" data-goal=\"{}\"", escape(&told.to_string()))
}

/// Returns the flow of a recorded run, with its steps as a list.
pub(crate) fn diagram(card: &Card<'_>, listing: &Listing, report: &mut Report) -> String {
    let diagrams = listing.diagrams();
    if diagrams.is_empty() || !card.wants("diagram") {
        return String::new();
    }
    let folder = card
        .refs
        .house
        .root
        .join("diagrams")
        .join(listing.chapter());
    let read = |ending: &str| {
        fs::read_to_string(folder.join(format!("{}.{ending}", listing.name))).map_err(|_| {
            format!(
                "the diagram of `{}` is not recorded yet: run `cargo book record {}`",
                listing.path(),
                listing.path()
            )
        })
    };
    let mut drawings = String::new();
    let mut scripted = false;
    for diagram in &diagrams {
        match (read(diagram.ending()), diagram) {
            (Err(what), _) => return missing(card, report, what),
            (Ok(drawing), Diagram::Sequence) => {
                let file = folder.join(format!("{}.{}", listing.name, diagram.ending()));
                match draw::panels(&file, &drawing) {
                    Some(drawn) => drawings += &panels(&drawn),
                    None => {
                        scripted = true;
                        drawings += &code("mermaid", &format!("{}\n", drawing.trim()));
                    }
                }
            }
            (Ok(drawing), Diagram::Chain | Diagram::Tasks) => {
                // A page can show the run of a listing twice, once of them after a prediction.
                let ending = diagram.ending().replace('.', "-");
                let id = format!("{}-{}-{ending}", card.id(), card.directive.line);
                drawings += &pictures::fitted(drawing.trim(), &id);
            }
        }
    }
    let steps = match read("md") {
        Ok(steps) => steps,
        Err(what) => return missing(card, report, what),
    };
    let title = listing
        .entry
        .title
        .as_ref()
        .unwrap_or(&listing.entry.caption);
    // What a script draws may never be there; its steps fold away once it is.
    let open = if scripted { " open" } else { "" };
    format!(
        "<figure class=\"flow\">\n<figcaption>{}</figcaption>\n\n{drawings}\
         <details class=\"steps\"{open}>\n<summary>The same, step by step</summary>\n\n{}\n\n</details>\n</figure>\n",
        inline(title),
        linked(card, listing, steps.trim()),
    )
}

/// Returns the steps with each line of the program that they name as a link to it, in the whole
/// file.
fn linked(card: &Card<'_>, listing: &Listing, steps: &str) -> String {
    static LINE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\bline (\d+)\b|\b([a-z0-9_]+)\.rs:(\d+)\b").expect("a pattern")
    });
    let page = format!("{}{}", card.info.to_root(), whole_file(listing));
    LINE.replace_all(steps, |found: &Captures<'_>| {
        let number = found.get(1).or(found.get(3)).map_or("", |at| at.as_str());
        match found.get(2) {
            // A line of a library has no page.
            Some(file) if file.as_str() != listing.name => found[0].to_owned(),
            _ => format!("[{}]({page}#L{number})", &found[0]),
        }
    })
    .into_owned()
}

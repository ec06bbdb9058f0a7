//! `{{#listing …}}`: a program as a card.
use super::{
    card::{Card, file, read, relative, split, unknown, whole_file},
    directive::Directive,
    fragment,
    lines::{self, Numbers},
    parts,
    references::{Excerpt, PageInfo, References, Report, Showing},
};
use crate::{
    finding::Finding,
    manifest::{Class, Listing},
    markup::{escape, inline},
};
use std::{collections::BTreeSet, fmt::Write, fs};

const OPTIONS: [&str; 11] = [
    "notwin",
    "nocode",
    "nooutput",
    "nodiagram",
    "nocommand",
    "nochanges",
    "twin",
    "output",
    "diagram",
    "command",
    "changes",
];

/// Expands `{{#listing path:anchor options}}`.
pub(crate) fn show(
    refs: &References,
    info: &PageInfo,
    directive: &Directive,
    shown: &mut BTreeSet<String>,
    report: &mut Report,
) -> String {
    let (path, anchor) = split(&directive.argument);
    let first = shown.insert(path.to_owned());
    let card = Card {
        refs,
        info,
        directive,
        first,
    };
    let Some(listing) = refs.listings.get(path) else {
        report.problems.push(card.problem(unknown(refs, path)));
        return String::new();
    };
    for option in &directive.options {
        if !OPTIONS.contains(&option.as_str()) {
            report.problems.push(card.problem(format!(
                "unknown option `{option}`; known are {}",
                OPTIONS.join(", ")
            )));
        }
    }
    if listing.entry.caption.trim().is_empty() {
        report.problems.push(card.problem(format!(
            "listing `{path}` has no caption: give it one in {}",
            relative(refs, &listing.folder.join("listings.toml")).display()
        )));
    }
    report.showings.push(Showing {
        line: directive.line,
        listing: path.to_owned(),
        anchor: anchor.map(str::to_owned),
    });
    match draw(&card, listing, anchor, report) {
        Ok(text) => text,
        Err(problem) => {
            report.problems.push(problem);
            String::new()
        }
    }
}

fn draw(
    card: &Card<'_>,
    listing: &Listing,
    anchor: Option<&str>,
    report: &mut Report,
) -> Result<String, Finding> {
    let path = listing.path();
    let id = card.id();
    let label = card
        .refs
        .numbers
        .get(&path)
        .map_or("Listing", |number| number.label.as_str());
    let again = if card.first { "" } else { ", again" };
    let fails = if listing.entry.class == Class::Fails {
        " fails"
    } else {
        ""
    };
    let mut out = format!(
        "<figure class=\"listing{fails}\" id=\"{id}\" data-listing=\"{path}\">\n\
         <figcaption><a class=\"listing-number\" href=\"#{id}\">{label}{again}</a> {}</figcaption>\n",
        inline(&listing.entry.caption)
    );
    let twin = (card.wants("twin") && listing.entry.class != Class::Twin)
        .then(|| {
            let twin = format!("{}-lab/{}", listing.package, listing.name);
            card.refs.listings.get(&twin)
        })
        .flatten()
        .filter(|twin| twin.entry.class == Class::Twin);
    if let Some(twin) = twin {
        let _ = writeln!(out, "<div class=\"tabs\" data-group=\"world\">");
        for (tab, one) in [("ours", listing), ("twin", twin)] {
            let name = one.entry.tab.as_deref().unwrap_or(match tab {
                "ours" if one.entry.class == Class::Sim => "On our reactor",
                "ours" => "By hand",
                _ => "async/await on tokio",
            });
            let _ = write!(
                out,
                "<section class=\"tab\" data-tab=\"{tab}\">\n<p class=\"tab-name\">{}</p>\n",
                escape(name)
            );
            let anchor = anchor.filter(|anchor| {
                tab == "ours"
                    || fs::read_to_string(one.source())
                        .is_ok_and(|text| fragment::has(&text, anchor))
            });
            let id = if tab == "ours" {
                id.clone()
            } else {
                format!("{id}-twin")
            };
            if !card.directive.has("nocode") {
                out.push_str(&program(card, one, anchor, &id, report)?);
            }
            out.push_str(&parts::run(card, one, Some(listing), report));
            out.push_str("</section>\n");
        }
        out.push_str("</div>\n");
    } else {
        // For what it prints after a prediction: the code stands above already.
        if !card.directive.has("nocode") {
            out.push_str(&program(card, listing, anchor, &id, report)?);
        }
        out.push_str(&parts::run(card, listing, None, report));
    }
    out.push_str(&parts::since(card, listing)?);
    out.push_str(&parts::diagram(card, listing, report));
    out.push_str(&parts::stepper(card, listing));
    out.push_str("</figure>\n");
    Ok(out)
}

/// Returns the code, under the name of its file.
fn program(
    card: &Card<'_>,
    listing: &Listing,
    anchor: Option<&str>,
    id: &str,
    report: &mut Report,
) -> Result<String, Finding> {
    let file = file(card.refs, listing);
    let text = read(card, &listing.source(), &file)?;
    let lines = fragment::cut(&file, &text, anchor, card.here())?;
    report.excerpts.push(Excerpt {
        line: card.directive.line,
        shown: text.clone(), // what is folded away opens with a click
        beyond: None,
    });
    let attributes = if listing.entry.code.is_some() {
        "rust,compile_fail"
    } else {
        "rust"
    };
    Ok(format!(
        "<p class=\"listing-file\"><a href=\"{}{}\">{}</a></p>\n\n{}",
        card.info.to_root(),
        whole_file(listing),
        escape(&super::slashed(&file)).replace('/', "/<wbr>"),
        lines::numbered(attributes, &lines, Numbers::Card(id)),
    ))
}

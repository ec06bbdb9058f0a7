//! `{{#listing …}}`: a program as a card.
use super::{
    block::fence,
    directive::Directive,
    fragment,
    lines::{self, Numbers},
    markup::{escape, inline, slug},
    parts,
    shelf::{Leaf, Report, Shelf, Showing},
};
use crate::{
    finding::Finding,
    manifest::{Class, Listing},
    problem::nearest,
};
use std::{
    collections::BTreeSet,
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

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

/// `reactor/timers:fire` as path and anchor.
pub(crate) fn split(argument: &str) -> (&str, Option<&str>) {
    match argument.split_once(':') {
        Some((path, anchor)) => (path, Some(anchor)),
        None => (argument, None),
    }
}

/// The id of a listing's card, or of one of its fragments.
pub(crate) fn id(path: &str, anchor: Option<&str>) -> String {
    match anchor {
        Some(anchor) => format!("listing-{}-{}", slug(path), slug(anchor)),
        None => format!("listing-{}", slug(path)),
    }
}

/// What to say of a listing that does not exist.
pub(crate) fn unknown(shelf: &Shelf, path: &str) -> String {
    let names = shelf.listings.keys().map(String::as_str);
    let hint = match nearest(path, names) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "add it to the listings.toml of its package".to_owned(),
    };
    format!("unknown listing `{path}`; {hint}")
}

/// Where a whole file has its page, from the root of the site.
pub(crate) fn whole_file(listing: &Listing) -> String {
    format!("listings/{}/{}.html", listing.package, listing.name)
}

/// A listing's file, from the root of the repository.
pub(crate) fn file(shelf: &Shelf, listing: &Listing) -> PathBuf {
    relative(shelf, &listing.source())
}

pub(crate) fn relative(shelf: &Shelf, path: &Path) -> PathBuf {
    path.strip_prefix(&shelf.house.root)
        .unwrap_or(path)
        .to_owned()
}

/// One listing on one page.
pub(crate) struct Card<'a> {
    pub(crate) shelf: &'a Shelf,
    pub(crate) leaf: &'a Leaf,
    pub(crate) directive: &'a Directive,
    pub(crate) first: bool,
}

impl Card<'_> {
    pub(crate) fn wants(&self, part: &str) -> bool {
        !self.directive.has(&format!("no{part}")) && (self.first || self.directive.has(part))
    }

    /// The id of this card: one that its page has once.
    pub(crate) fn id(&self) -> String {
        let (path, anchor) = split(&self.directive.argument);
        if self.first {
            return id(path, None);
        }
        id(path, Some(anchor.unwrap_or("again")))
    }

    pub(crate) fn here(&self) -> (&Path, usize) {
        (&self.leaf.file, self.directive.line)
    }

    pub(crate) fn problem(&self, what: impl Into<String>) -> Finding {
        Finding::new(&self.leaf.file, self.directive.line, what)
    }
}

/// Expands `{{#listing path:anchor options}}`.
pub(crate) fn show(
    shelf: &Shelf,
    leaf: &Leaf,
    directive: &Directive,
    shown: &mut BTreeSet<String>,
    report: &mut Report,
) -> String {
    let (path, anchor) = split(&directive.argument);
    let first = shown.insert(path.to_owned());
    let card = Card {
        shelf,
        leaf,
        directive,
        first,
    };
    let Some(listing) = shelf.listings.get(path) else {
        report.problems.push(card.problem(unknown(shelf, path)));
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
            relative(shelf, &listing.folder.join("listings.toml")).display()
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
        .shelf
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
            card.shelf.listings.get(&twin)
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
                out.push_str(&program(card, one, anchor, &id)?);
            }
            out.push_str(&parts::run(card, one, Some(listing), report));
            out.push_str("</section>\n");
        }
        out.push_str("</div>\n");
    } else {
        // For what it prints after a prediction: the code stands above already.
        if !card.directive.has("nocode") {
            out.push_str(&program(card, listing, anchor, &id)?);
        }
        out.push_str(&parts::run(card, listing, None, report));
    }
    out.push_str(&parts::since(card, listing)?);
    out.push_str(&parts::diagram(card, listing, report));
    out.push_str(&parts::stepper(card, listing));
    out.push_str("</figure>\n");
    Ok(out)
}

/// The code, under the name of its file.
fn program(
    card: &Card<'_>,
    listing: &Listing,
    anchor: Option<&str>,
    id: &str,
) -> Result<String, Finding> {
    let file = file(card.shelf, listing);
    let text = read(card, &listing.source(), &file)?;
    let lines = fragment::cut(&file, &text, anchor, card.here())?;
    let attributes = if listing.entry.code.is_some() {
        "rust,compile_fail"
    } else {
        "rust"
    };
    Ok(format!(
        "<p class=\"listing-file\"><a href=\"{}{}\">{}</a></p>\n\n{}",
        card.leaf.to_root(),
        whole_file(listing),
        escape(&super::slashed(&file)).replace('/', "/<wbr>"),
        lines::numbered(attributes, &lines, Numbers::Card(id)),
    ))
}

pub(crate) fn code(info: &str, code: &str) -> String {
    let fence = fence(code);
    format!("{fence}{info}\n{code}{fence}\n\n")
}

pub(crate) fn read(card: &Card<'_>, path: &Path, file: &Path) -> Result<String, Finding> {
    fs::read_to_string(path).map_err(|error| {
        card.problem(format!(
            "{} cannot be read ({error}): write it, or take its entry out of listings.toml",
            file.display()
        ))
    })
}

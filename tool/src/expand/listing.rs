//! `{{#listing …}}` and `{{#source …}}`: a program as a card, and the page with its whole file.
use super::{
    block::fence,
    changes,
    directive::Directive,
    fragment::{self, Line},
    markup::{escape, inline, slug},
    pages::{Leaf, Report, Shelf, Showing},
};
use crate::{
    manifest::{Class, Diagram, Listing},
    problem::{Problem, nearest},
};
use anyhow::Result;
use mdbook_preprocessor::book::{Book, BookItem, Chapter};
use std::{
    collections::BTreeSet,
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

const OPTIONS: [&str; 10] = [
    "notwin",
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
fn whole_file(listing: &Listing) -> String {
    format!("listings/{}/{}.html", listing.package, listing.name)
}

/// A listing's file, from the root of the repository.
fn file(shelf: &Shelf, listing: &Listing) -> PathBuf {
    relative(shelf, &listing.source())
}

fn relative(shelf: &Shelf, path: &Path) -> PathBuf {
    path.strip_prefix(&shelf.house.root)
        .unwrap_or(path)
        .to_owned()
}

/// One listing on one page.
struct Card<'a> {
    shelf: &'a Shelf,
    leaf: &'a Leaf,
    directive: &'a Directive,
    first: bool,
}

impl Card<'_> {
    fn wants(&self, part: &str) -> bool {
        !self.directive.has(&format!("no{part}")) && (self.first || self.directive.has(part))
    }

    fn here(&self) -> (&Path, usize) {
        (&self.leaf.file, self.directive.line)
    }

    fn problem(&self, what: impl Into<String>) -> Problem {
        Problem::new(&self.leaf.file, self.directive.line, what)
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
) -> Result<String, Problem> {
    let path = listing.path();
    let id = if card.first {
        id(&path, None)
    } else {
        id(&path, Some(anchor.unwrap_or("again")))
    };
    let label = card
        .shelf
        .numbers
        .get(&path)
        .map_or("Listing", |number| number.label.as_str());
    let again = if card.first { "" } else { ", again" };
    let mut out = format!(
        "<figure class=\"listing\" id=\"{id}\">\n\
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
            out.push_str(&program(card, one, anchor, report)?);
            out.push_str(&run(card, one, Some(listing), report));
            out.push_str("</section>\n");
        }
        out.push_str("</div>\n");
    } else {
        out.push_str(&program(card, listing, anchor, report)?);
        out.push_str(&run(card, listing, None, report));
    }
    out.push_str(&since(card, listing)?);
    out.push_str(&diagram(card, listing, report));
    out.push_str("</figure>\n");
    Ok(out)
}

/// The code, under the name of its file.
fn program(
    card: &Card<'_>,
    listing: &Listing,
    anchor: Option<&str>,
    _report: &mut Report,
) -> Result<String, Problem> {
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
        code(attributes, &fragment::hide(&lines)),
    ))
}

fn code(info: &str, code: &str) -> String {
    let fence = fence(code);
    format!("{fence}{info}\n{code}{fence}\n\n")
}

fn read(card: &Card<'_>, path: &Path, file: &Path) -> Result<String, Problem> {
    fs::read_to_string(path).map_err(|error| {
        card.problem(format!(
            "{} cannot be read ({error}): write it, or take its entry out of listings.toml",
            file.display()
        ))
    })
}

/// The command that runs it, and what it prints.
fn run(card: &Card<'_>, one: &Listing, pair: Option<&Listing>, report: &mut Report) -> String {
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
                    report.problems.push(Problem::new(
                        relative(card.shelf, &one.output()),
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
            "<p class=\"run-label\">Run it</p>\n\n{}",
            self::code("console,command", &format!("{command}\n"))
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
                    self::code("text,output", &format!("{printed}{end}"))
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

/// What changed since the listing that this one grew from, if its manifest names one.
fn since(card: &Card<'_>, listing: &Listing) -> Result<String, Problem> {
    let Some(name) = &listing.entry.after else {
        return Ok(String::new());
    };
    if !card.wants("changes") {
        return Ok(String::new());
    }
    let path = format!("{}/{name}", listing.package);
    let Some(before) = card.shelf.listings.get(&path) else {
        return Err(Problem::new(
            relative(card.shelf, &listing.folder.join("listings.toml")),
            1,
            format!("[{}] after: {}", listing.name, unknown(card.shelf, &path)),
        ));
    };
    let old = read(card, &before.source(), &file(card.shelf, before))?;
    let new = read(card, &listing.source(), &file(card.shelf, listing))?;
    let changes = changes::between(&fragment::unmarked(&old), &fragment::unmarked(&new));
    if changes.is_empty() {
        return Ok(String::new());
    }
    let label = match card.shelf.numbers.get(&path) {
        Some(number) => number.label.clone(),
        None => format!("<code>{}</code>", escape(name)),
    };
    Ok(format!(
        "<details class=\"changes\">\n<summary>What changed since {label}</summary>\n\n{}</details>\n",
        code("diff", &changes)
    ))
}

/// A visible note, and a note for the check.
fn missing(card: &Card<'_>, report: &mut Report, what: String) -> String {
    let note = format!("<p class=\"missing\">{}</p>\n", inline(&what));
    report.notes.push(card.problem(what));
    note
}

/// The flow of a recorded run, with its steps as a list.
fn diagram(card: &Card<'_>, listing: &Listing, report: &mut Report) -> String {
    let drawn = match listing.entry.diagram {
        Some(Diagram::None) => false,
        Some(_) => true,
        None => listing.entry.class == Class::Sim,
    };
    if !drawn || !card.wants("diagram") {
        return String::new();
    }
    let folder = card
        .shelf
        .house
        .root
        .join("diagrams")
        .join(listing.chapter());
    let drawing = fs::read_to_string(folder.join(format!("{}.mmd", listing.name)));
    let steps = fs::read_to_string(folder.join(format!("{}.md", listing.name)));
    let (Ok(drawing), Ok(steps)) = (drawing, steps) else {
        return missing(
            card,
            report,
            format!(
                "the diagram of `{}` is not recorded yet: run `cargo book record {}`",
                listing.path(),
                listing.path()
            ),
        );
    };
    let title = listing
        .entry
        .title
        .as_ref()
        .unwrap_or(&listing.entry.caption);
    format!(
        "<figure class=\"flow\">\n<figcaption>{}</figcaption>\n\n{}\
         <details class=\"steps\" open>\n<summary>The same, step by step</summary>\n\n{}\n\n</details>\n</figure>\n",
        inline(title),
        code("mermaid", &format!("{}\n", drawing.trim())),
        steps.trim(),
    )
}

/// Expands `{{#source reactor/world.rs:anchor}}`: a region of a chapter's own crate.
pub(crate) fn source(
    shelf: &Shelf,
    leaf: &Leaf,
    directive: &Directive,
    report: &mut Report,
) -> String {
    let card = Card {
        shelf,
        leaf,
        directive,
        first: true,
    };
    let (path, anchor) = split(&directive.argument);
    let Some((package, inside)) = path.split_once('/') else {
        report.problems.push(card.problem(format!(
            "`{path}` is not package/file.rs, for instance `reactor/world.rs:anchor`"
        )));
        return String::new();
    };
    if let Some(option) = directive.options.first() {
        report
            .problems
            .push(card.problem(format!("unknown option `{option}`; `source` takes none")));
    }
    let absolute = shelf.house.package(package).join("src").join(inside);
    let file = relative(shelf, &absolute);
    let shown = fs::read_to_string(&absolute)
        .map_err(|error| {
            card.problem(format!(
                "{} cannot be read ({error}): `source` takes a path under listings/<package>/src/",
                file.display()
            ))
        })
        .and_then(|text| {
            let lines = fragment::cut(&file, &text, anchor, card.here())?;
            // Of a crate only the region is shown: its rest would fill screens.
            let visible: Vec<Line<'_>> = lines.into_iter().filter(|line| line.visible).collect();
            Ok(dedent(&visible))
        });
    match shown {
        Ok(text) => {
            let id = format!("source-{}", slug(&directive.argument));
            let file = escape(&super::slashed(&file));
            format!(
                "<figure class=\"listing source\" id=\"{id}\">\n\
                 <figcaption><code>{file}</code></figcaption>\n\n{}</figure>\n",
                code("rust", &text)
            )
        }
        Err(problem) => {
            report.problems.push(problem);
            String::new()
        }
    }
}

/// Takes away the indentation that all lines share.
fn dedent(lines: &[Line<'_>]) -> String {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let shared = lines
        .iter()
        .filter(|line| !line.text.trim().is_empty())
        .map(|line| indent(line.text))
        .min()
        .unwrap_or(0);
    let lines: Vec<_> = lines
        .iter()
        .map(|line| Line {
            text: line.text.get(shared..).unwrap_or(""),
            visible: true,
        })
        .collect();
    fragment::hide(&lines)
}

/// Adds a page for each listing's whole file: linked from its card and found by the search, but
/// not in the table of contents (the theme hides it there).
pub(crate) fn whole_files(shelf: &Shelf, book: &mut Book) -> Result<()> {
    for listing in shelf.listings.values() {
        let file = file(shelf, listing);
        let Ok(text) = fs::read_to_string(listing.source()) else {
            continue;
        };
        let mut content = format!(
            "# `{}`\n\n{}\n\n",
            super::slashed(&file),
            listing.entry.caption
        );
        if let Some(number) = shelf.numbers.get(&listing.path()) {
            let _ = write!(
                content,
                "[{} in the text](../../{}#{})\n\n",
                number.label,
                super::slashed(&number.page),
                id(&listing.path(), None)
            );
        }
        let whole = fragment::unmarked(&text);
        let lines: Vec<_> = whole
            .lines()
            .map(|text| Line {
                text,
                visible: true,
            })
            .collect();
        content.push_str(&code("rust", &fragment::hide(&lines)));
        if listing.entry.code.is_none() {
            content.push_str(&code(
                "console,command",
                &format!("{}\n", listing.command()),
            ));
        }
        let path = PathBuf::from(whole_file(listing)).with_extension("md");
        let mut chapter = Chapter::new(
            &listing.path(),
            content,
            path,
            vec!["Whole files".to_owned()],
        );
        chapter.source_path = None;
        book.items.push(BookItem::Chapter(chapter));
    }
    Ok(())
}

//! Takes every page of the book apart and puts it together again for one target.
use super::{
    Target, block, count,
    directive::{Directive, Piece, pieces},
    figure, files, front, href, listing, markup, minutes, place, predict,
    shelf::{Leaf, Number, Page, Report, Shelf},
    source, step, task,
};
use crate::{
    finding::{Finding, Findings},
    house::House,
    manifest::{self, Listing},
    steps,
};
use anyhow::Result;
use mdbook_preprocessor::book::{Book, BookItem, Chapter};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

/// The book with each page expanded, and the pages.
pub(crate) fn expand(
    house: &House,
    book: Book,
    target: Target,
    whole_files: bool,
) -> Result<(Book, Vec<Page>)> {
    let listings = manifest::all(house)?;
    let mut problems = Findings::default();
    let (mut book, pages, shelf) = each(house, book, listings, target, &mut problems)?;
    problems.or_fail()?;
    put(&mut book, &pages);
    if target == Target::Html && whole_files {
        source::whole_files(&shelf, &mut book)?;
    }
    Ok((book, pages))
}

/// The same, with every page of which something can be shown; it says itself what is wrong with it.
pub(crate) fn expand_in_part(
    house: &House,
    book: Book,
    target: Target,
    wrong: &mut Findings,
) -> Result<(Book, Vec<Page>)> {
    let (listings, broken) = manifest::readable(house)?;
    let mut problems = Findings::default();
    let (mut book, mut pages, shelf) = each(house, book, listings, target, &mut problems)?;
    for page in &mut pages {
        let own = problems
            .list
            .iter()
            .filter(|problem| Path::new(&problem.file) == page.file);
        let notes: String = own
            .map(|problem| {
                let what = format!("Not finished, line {}: {}", problem.line, problem.what);
                format!("<p class=\"missing\">{}</p>\n\n", markup::escape(&what))
            })
            .collect();
        page.text.insert_str(0, &notes);
    }
    for error in broken {
        let said = format!("{error:#}");
        let (file, what) = said.split_once(':').unwrap_or(("listings", &said));
        wrong.list.push(Finding::new(
            file,
            1,
            what.trim_start_matches(|c: char| c.is_ascii_digit() || c == ':')
                .trim_start(),
        ));
    }
    wrong.list.append(&mut problems.list);
    put(&mut book, &pages);
    if target == Target::Html {
        source::whole_files(&shelf, &mut book)?;
    }
    Ok((book, pages))
}

/// Each page of a book, expanded as far as it can be, and what they refer to.
fn each(
    house: &House,
    book: Book,
    listings: BTreeMap<String, Listing>,
    target: Target,
    problems: &mut Findings,
) -> Result<(Book, Vec<Page>, Shelf)> {
    let sources = gather(&book);
    let mut shelf = Shelf {
        house: house.clone(),
        listings,
        numbers: BTreeMap::new(),
        parts: steps::all(house),
        leaves: Vec::new(),
    };
    let mut taken = Vec::new();
    for (leaf, source) in &sources {
        let (leaf, skip) = read_front(leaf, source, &mut problems.list);
        taken.push(pieces(&leaf.file, source, skip, &mut problems.list));
        shelf.leaves.push(leaf);
    }
    number(&mut shelf, &taken);

    let mut pages = Vec::new();
    for (at, (leaf, (_, source))) in shelf.leaves.iter().zip(&sources).enumerate() {
        let mut report = Report::default();
        let text = assemble(&shelf, leaf, &taken[at], target, &mut report);
        let text = if target == Target::Skeptic {
            for_skeptic(text)
        } else {
            text
        };
        problems.list.append(&mut report.problems);
        pages.push(Page {
            path: leaf.path.clone(),
            file: leaf.file.clone(),
            name: leaf.name.clone(),
            number: leaf.number.clone(),
            front: leaf.front.clone(),
            source: source.clone(),
            blocks: block::blocks(&without_front(&taken[at])),
            text,
            showings: report.showings,
            steppings: report.steppings,
            notes: report.notes,
        });
    }
    Ok((book, pages, shelf))
}

/// Puts the pages in their places.
fn put(book: &mut Book, pages: &[Page]) {
    // By path, because `for_each_mut` visits the pages below a page before the page itself.
    let texts: BTreeMap<&Path, &str> = pages
        .iter()
        .map(|page| (page.path.as_path(), page.text.as_str()))
        .collect();
    book.for_each_mut(|item| {
        if let BookItem::Chapter(chapter) = item
            && let Some(path) = &chapter.path
            && let Some(text) = texts.get(path.as_path())
        {
            chapter.content = (*text).to_owned();
        }
    });
}

/// The pages of a book, in order, with what is written in them.
fn gather(book: &Book) -> Vec<(Leaf, String)> {
    book.iter()
        .filter_map(|item| match item {
            BookItem::Chapter(Chapter {
                path: Some(path),
                content,
                name,
                number,
                ..
            }) => Some((
                Leaf {
                    path: path.clone(),
                    file: Path::new("src").join(path),
                    name: name.clone(),
                    number: number.as_ref().map(|number| number.to_vec()),
                    front: None,
                },
                content.clone(),
            )),
            _ => None,
        })
        .collect()
}

/// Reads a page's front matter; a page in a chapter's folder must have it.
fn read_front(leaf: &Leaf, source: &str, problems: &mut Vec<Finding>) -> (Leaf, usize) {
    let mut leaf = leaf.clone();
    match front::parse(source) {
        Ok(Some((front, skip))) => {
            leaf.front = Some(front);
            return (leaf, skip);
        }
        Ok(None) if leaf.path.components().count() > 1 => problems.push(Finding::new(
            &leaf.file,
            1,
            "no front matter: begin the page with\n---\nminutes: 10\nlevel: core\ngoals:\n  - \
             what the reader can do afterwards\nneeds: []\n---",
        )),
        Ok(None) => {}
        Err((line, what)) => problems.push(Finding::new(&leaf.file, line, what)),
    }
    (leaf, 0)
}

/// Numbers listings by the chapter they belong to, in the order in which its pages show them; then those that only
/// other pages show. One of a crate that is no chapter belongs to the page that shows it first.
fn number(shelf: &mut Shelf, taken: &[Vec<Piece<'_>>]) {
    let chapters: BTreeMap<String, u32> = shelf
        .leaves
        .iter()
        .filter_map(|leaf| Some((leaf.chapter(), *leaf.number.as_ref()?.first()?)))
        .collect();
    let mut last: BTreeMap<u32, u32> = BTreeMap::new();
    for at_home in [true, false] {
        for (leaf, pieces) in shelf.leaves.iter().zip(taken) {
            let folder = leaf.chapter();
            for piece in pieces {
                let Piece::Block(directive) = piece else {
                    continue;
                };
                let (path, _) = listing::split(&directive.argument);
                let Some(listing) = shelf.listings.get(path) else {
                    continue;
                };
                if directive.name != "listing"
                    || shelf.numbers.contains_key(path)
                    || (at_home
                        && folder != listing.chapter()
                        && chapters.contains_key(listing.chapter()))
                {
                    continue;
                }
                let chapter = chapters
                    .get(listing.chapter())
                    .or_else(|| chapters.get(&folder))
                    .copied()
                    .unwrap_or(0);
                let number = last.entry(chapter).or_default();
                *number += 1;
                shelf.numbers.insert(
                    path.to_owned(),
                    Number {
                        label: format!("Listing {chapter}-{number}"),
                        page: leaf.path.clone(),
                    },
                );
            }
        }
    }
}

fn assemble(
    shelf: &Shelf,
    leaf: &Leaf,
    pieces: &[Piece<'_>],
    target: Target,
    report: &mut Report,
) -> String {
    let mut out = String::new();
    let mut shown = BTreeSet::new();
    let mut boxed = false;
    let mut heading = false;
    let mut titled = false;
    let whys = match target {
        Target::Html => predict::whys(pieces),
        Target::Doctest | Target::Skeptic => Vec::new(),
    };
    for (at, piece) in pieces.iter().enumerate() {
        if whys.iter().any(|why| why.end == at) {
            out.push_str("\n</details>\n\n");
        }
        if whys.iter().any(|why| why.start == at) {
            out.push_str(
                "<details class=\"cover why\">\n<summary>Why, and what follows</summary>\n\n",
            );
        }
        if target == Target::Html {
            let quoted = matches!(piece, Piece::Text(line) | Piece::Inline(line, _) if line.starts_with('>'));
            if boxed && !quoted {
                boxed = false;
                out.push_str("\n</details>\n");
            } else if let Piece::Text(line) | Piece::Inline(line, _) = piece
                && line.starts_with("> **In Twisted")
                && !boxed
            {
                boxed = true;
                out.push_str("<details class=\"in-twisted\">\n<summary>In Twisted</summary>\n\n");
                // The summary is the heading, so the words need no weight of their own.
                heading = true;
            }
        }
        match piece {
            Piece::Text(line) => {
                let mut line = if boxed { unquoted(line) } else { line }.to_owned();
                if std::mem::take(&mut heading) {
                    line = line.replacen("**In Twisted**", "In Twisted", 1);
                }
                out.push_str(&line);
                if target == Target::Html && !titled && line.starts_with("# ") {
                    titled = true;
                    out.push_str(&facts(leaf));
                }
            }
            Piece::Inline(line, inner) => {
                let mut text = (*line).to_owned();
                for (span, directive) in inner.iter().rev() {
                    let words = match directive.name.as_str() {
                        "count" => report.text(count::number(shelf, leaf, directive)),
                        "archive" => place::archive(leaf),
                        _ => reference(shelf, leaf, directive, report),
                    };
                    text.replace_range(span.clone(), &words);
                }
                if std::mem::take(&mut heading) {
                    text = text.replacen("**In Twisted**", "In Twisted", 1);
                }
                out.push_str(if boxed { unquoted(&text) } else { &text });
            }
            Piece::Block(directive) => {
                let text = block_directive(shelf, leaf, directive, &mut shown, report);
                if target == Target::Html {
                    out.push_str(&text);
                }
            }
        }
        out.push('\n');
    }
    if boxed || whys.iter().any(|why| why.end == pieces.len()) {
        out.push_str("\n</details>\n");
    }
    if target == Target::Html {
        finished(shelf, leaf, out)
    } else {
        out
    }
}

/// What stands around a page's own text.
fn finished(shelf: &Shelf, leaf: &Leaf, mut text: String) -> String {
    if leaf.path == Path::new("glossary.md") {
        text = place::glossary(&text);
    }
    if leaf.path.ends_with("wrong.md") {
        // The theme turns the rails under its title round.
        text.push_str("\n<div class=\"wrong\" hidden></div>\n");
    }
    text.insert_str(0, &place::title(shelf, leaf));
    text + &place::neighbours(shelf, leaf)
}

/// What stands under a section's title. A chapter's first page has its table of minutes instead.
fn facts(leaf: &Leaf) -> String {
    match &leaf.front {
        Some(front) if !leaf.path.ends_with("index.md") => {
            format!(
                "\n\n<p class=\"page-facts\">{} minutes · {}</p>\n",
                front.minutes, front.level
            )
        }
        _ => String::new(),
    }
}

fn unquoted(line: &str) -> &str {
    line.strip_prefix("> ")
        .or_else(|| line.strip_prefix('>'))
        .unwrap_or(line)
}

fn block_directive(
    shelf: &Shelf,
    leaf: &Leaf,
    directive: &Directive,
    shown: &mut BTreeSet<String>,
    report: &mut Report,
) -> String {
    match directive.name.as_str() {
        "listing" => listing::show(shelf, leaf, directive, shown, report),
        "source" => source::show(shelf, leaf, directive, report),
        "step" => step::show(shelf, leaf, directive, report),
        "exercise" => task::show(shelf, leaf, directive, report),
        "figure" => figure::show(shelf, leaf, directive, report),
        "predict" => predict::show(shelf, leaf, directive, report),
        "files" => report.text(files::table(shelf, leaf, directive)),
        "minutes" => minutes::sections(shelf, leaf, directive, report),
        "timetable" => minutes::timetable(shelf, leaf),
        _ => String::new(),
    }
}

/// `{{#ref reactor/simplest}}`: "Listing 3-1" as a link to where it first stands.
fn reference(shelf: &Shelf, leaf: &Leaf, directive: &Directive, report: &mut Report) -> String {
    let path = &directive.argument;
    match shelf.numbers.get(path) {
        Some(number) => format!(
            "[{}]({}{}#{})",
            number.label,
            leaf.to_root(),
            href(&number.page),
            listing::id(path, None),
        ),
        None => {
            let what = match shelf.listings.contains_key(path) {
                true => format!("no page shows listing `{path}`"),
                false => listing::unknown(shelf, path),
            };
            report
                .problems
                .push(Finding::new(&leaf.file, directive.line, what));
            String::new()
        }
    }
}

/// The page with its front matter and directives emptied, line for line.
fn without_front(pieces: &[Piece<'_>]) -> String {
    let mut out = String::new();
    for piece in pieces {
        if let Piece::Text(line) | Piece::Inline(line, _) = piece {
            out.push_str(line);
        }
        out.push('\n');
    }
    out
}

/// Skeptic passes `should_panic` on a compile error and ignores `compile_fail`: such blocks are
/// text to it.
fn for_skeptic(mut text: String) -> String {
    for block in block::blocks(&text).iter().rev() {
        let judged = block.language == "rust"
            && block
                .attributes
                .iter()
                .all(|attribute| attribute == "no_run");
        if !judged && block.language == "rust" {
            text.replace_range(block.info.clone(), "text");
        }
    }
    text
}

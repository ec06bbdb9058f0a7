//! Takes every page of the book apart and puts it together again for one target.
use super::{
    Target,
    assemble::assemble,
    block, card,
    directive::{Piece, pieces},
    front,
    references::{Number, Page, PageInfo, References, Report},
    source,
};
use crate::{
    finding::{Finding, Findings},
    house::House,
    manifest::{self, Listing},
    markup, parallel, steps,
};
use anyhow::Result;
use mdbook_preprocessor::book::{Book, BookItem, Chapter};
use std::{collections::BTreeMap, path::Path};

/// Returns the book with each page expanded, and the pages.
pub(crate) fn expand(
    house: &House,
    book: Book,
    target: Target,
    whole_files: bool,
) -> Result<(Book, Vec<Page>)> {
    let listings = manifest::all(house)?;
    let mut problems = Findings::default();
    let (mut book, pages, refs) = each(house, book, listings, target, &mut problems)?;
    problems.or_fail()?;
    put(&mut book, &pages);
    if target == Target::Html && whole_files {
        source::whole_files(&refs, &mut book)?;
    }
    Ok((book, pages))
}

/// Returns the same, with every page of which something can be shown; it says itself what is wrong
/// with it.
pub(crate) fn expand_in_part(
    house: &House,
    book: Book,
    target: Target,
    wrong: &mut Findings,
) -> Result<(Book, Vec<Page>)> {
    let (listings, broken) = manifest::readable(house)?;
    let mut problems = Findings::default();
    let (mut book, mut pages, refs) = each(house, book, listings, target, &mut problems)?;
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
        source::whole_files(&refs, &mut book)?;
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
) -> Result<(Book, Vec<Page>, References)> {
    let sources = gather(&book);
    let mut refs = References {
        house: house.clone(),
        listings,
        numbers: BTreeMap::new(),
        parts: steps::all(house),
        pages: Vec::new(),
    };
    let mut taken = Vec::new();
    for (info, source) in &sources {
        let (info, skip) = read_front(info, source, &mut problems.list);
        taken.push(pieces(&info.file, source, skip, &mut problems.list));
        refs.pages.push(info);
    }
    number(&mut refs, &taken);

    let at_once = std::thread::available_parallelism().map_or(1, usize::from);
    let work: Vec<_> = refs.pages.iter().zip(&sources).zip(&taken).collect();
    let expanded = parallel::map(&work, at_once, |((info, (_, source)), pieces)| {
        let mut report = Report::default();
        let text = assemble(&refs, info, pieces, target, &mut report);
        let text = if target == Target::Skeptic {
            for_skeptic(text)
        } else {
            text
        };
        let page = Page {
            path: info.path.clone(),
            file: info.file.clone(),
            name: info.name.clone(),
            number: info.number.clone(),
            front: info.front.clone(),
            source: source.clone(),
            blocks: block::blocks(&without_front(pieces)),
            text,
            showings: report.showings,
            steppings: report.steppings,
            excerpts: report.excerpts,
            notes: report.notes,
        };
        Ok((page, report.problems))
    })?;
    let mut pages = Vec::new();
    for (page, mut wrong) in expanded {
        problems.list.append(&mut wrong);
        pages.push(page);
    }
    Ok((book, pages, refs))
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

/// Returns the pages of a book, in order, with what is written in them.
fn gather(book: &Book) -> Vec<(PageInfo, String)> {
    book.iter()
        .filter_map(|item| match item {
            BookItem::Chapter(Chapter {
                path: Some(path),
                content,
                name,
                number,
                ..
            }) => Some((
                PageInfo {
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
fn read_front(info: &PageInfo, source: &str, problems: &mut Vec<Finding>) -> (PageInfo, usize) {
    let mut info = info.clone();
    match front::parse(source) {
        Ok(Some((front, skip))) => {
            info.front = Some(front);
            return (info, skip);
        }
        Ok(None) if info.path.components().count() > 1 => problems.push(Finding::new(
            &info.file,
            1,
            "no front matter: begin the page with\n---\nminutes: 10\nlevel: core\ngoals:\n  - \
             what the reader can do afterwards\nneeds: []\n---",
        )),
        Ok(None) => {}
        Err((line, what)) => problems.push(Finding::new(&info.file, line, what)),
    }
    (info, 0)
}

/// Numbers listings by the chapter they belong to, in the order in which its pages show them; then
/// those that only other pages show. One of a crate that is no chapter belongs to the page that
/// shows it first.
fn number(refs: &mut References, taken: &[Vec<Piece<'_>>]) {
    let chapters: BTreeMap<String, u32> = refs
        .pages
        .iter()
        .filter_map(|info| Some((info.chapter(), *info.number.as_ref()?.first()?)))
        .collect();
    let mut last: BTreeMap<u32, u32> = BTreeMap::new();
    for at_home in [true, false] {
        for (info, pieces) in refs.pages.iter().zip(taken) {
            let folder = info.chapter();
            for piece in pieces {
                let Piece::Block(directive) = piece else {
                    continue;
                };
                let (path, _) = card::split(&directive.argument);
                let Some(listing) = refs.listings.get(path) else {
                    continue;
                };
                if directive.name != "listing"
                    || refs.numbers.contains_key(path)
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
                refs.numbers.insert(
                    path.to_owned(),
                    Number {
                        label: format!("Listing {chapter}-{number}"),
                        page: info.path.clone(),
                    },
                );
            }
        }
    }
}

/// Returns the page with its front matter and directives emptied, line for line.
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

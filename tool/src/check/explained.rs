//! Finds names that a page explains right after a region of a crate, and that do not stand in that
//! region.
use crate::{
    expand::{Excerpt, Page, slashed},
    finding::Findings,
};
use regex::Regex;
use std::sync::LazyLock;

/// `name`, `Type::name`, `name()`, in backquotes and not a link: what a reader then looks for in
/// the code above.
static NAME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:^|[^\[`])`(?:\w+(?:::|\.))*([A-Za-z_]\w*)(?:\([^`]*\)|!)?`").expect("a pattern")
});

/// Looks at the paragraph after each `{{#source …}}`.
///
/// A name is found when the file defines it (a function, a type, a constant) beyond what is shown,
/// and neither that region nor any code above it on the page has the word. What is defined
/// elsewhere, or was seen already, is no riddle.
pub fn lint(pages: &[Page], found: &mut Findings) {
    for page in pages {
        for excerpt in &page.excerpts {
            let Some((file, rest)) = &excerpt.beyond else {
                continue;
            };
            for (line, name) in names(&page.source, excerpt.line) {
                if defines(rest, &name) && !seen(page, excerpt, &name) {
                    found.add(
                        slashed(&page.file),
                        line,
                        format!("`{name}` is explained here, and stands in a part of {file} that is not shown"),
                        "show it, too; or say it in a paragraph of its own, which does not speak of the code above",
                    );
                }
            }
        }
    }
}

/// The names in the paragraph after a line of a page, each with its line.
fn names(source: &str, line: usize) -> Vec<(usize, String)> {
    let lines = source.lines().enumerate().skip(line);
    let after = lines.skip_while(|(_, line)| line.trim().is_empty());
    let paragraph: Vec<(usize, &str)> = after
        .take_while(|(_, line)| !line.trim().is_empty())
        .collect();
    // A heading, a directive, a table, a quotation or a fence explains nothing.
    let explains = |text: &str| !text.starts_with(['#', '{', '|', '>']) && !text.starts_with("```");
    if !paragraph.first().is_some_and(|(_, first)| explains(first)) {
        return Vec::new();
    }
    let named = |(at, text): &(usize, &str)| {
        let names = NAME.captures_iter(text);
        names
            .map(|name| (at + 1, name[1].to_owned()))
            .collect::<Vec<_>>()
    };
    paragraph.iter().flat_map(named).collect()
}

/// Whether a text defines something of this name.
fn defines(text: &str, name: &str) -> bool {
    let kinds = "fn|struct|enum|union|trait|type|const|static|mod|macro_rules!";
    Regex::new(&format!(r"\b(?:{kinds})\s+{name}\b")).is_ok_and(|item| item.is_match(text))
}

/// Whether readers have seen the word in code: in this region, or above it on the page.
fn seen(page: &Page, excerpt: &Excerpt, name: &str) -> bool {
    let excerpts = page.excerpts.iter().filter(|one| one.line <= excerpt.line);
    let blocks = page.blocks.iter().filter(|block| block.line < excerpt.line);
    excerpts
        .map(|one| &one.shown)
        .chain(blocks.map(|block| &block.code))
        .any(|code| has_word(code, name))
}

fn has_word(code: &str, name: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(name)
        .any(|(at, _)| !code[..at].ends_with(part) && !code[at + name.len()..].starts_with(part))
}

//! Writes the blocks of the text where rustdoc and skeptic find them, each at the line it has in
//! its page.
use super::{
    fences::{How, how},
    front::chapter,
};
use crate::{
    cargo::write_if_new,
    exercise::layout::{entries, file_name},
    expand::{Page, slashed},
    finding::name,
    house::House,
    manifest::Listing,
};
use anyhow::Result;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

/// The module in which rustdoc sees the listings of a chapter.
const LISTINGS: &str = "the_listings";

/// A block that rustdoc and skeptic are given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// The chapter whose package compiles it.
    pub chapter: String,
    /// The module in that package.
    pub module: String,
    /// The line of its fence in the file that is given.
    pub line: usize,
    /// How it is tested.
    pub how: How,
    /// The file it comes from, from the root of the repository.
    pub file: String,
    /// The line in that file; 0 for a listing, which is the whole file.
    pub at: usize,
    /// The listing, if it is one.
    pub listing: Option<String>,
}

impl Given {
    /// The name that skeptic makes of it, without the line.
    pub fn stem(&self) -> String {
        let words: Vec<_> = format!("{}_{}", self.chapter, self.module)
            .to_ascii_lowercase()
            .split(|c: char| !c.is_ascii_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect();
        words.join("_")
    }
}

/// A file of blocks under way: line for line that of its page.
#[derive(Default)]
struct Sheet {
    lines: Vec<String>,
}

impl Sheet {
    /// Puts a block at a line, or as near behind it as is free. Returns its line.
    fn put(&mut self, line: usize, info: &str, code: &str) -> usize {
        while self.lines.len() + 1 < line {
            self.lines.push(String::new());
        }
        let at = self.lines.len() + 1;
        let fence = "`".repeat(
            code.lines()
                .map(|line| line.trim_start().chars().take_while(|c| *c == '`').count())
                .max()
                .unwrap_or(0)
                .max(2)
                + 1,
        );
        self.lines.push(format!("{fence}{info}"));
        self.lines.extend(code.lines().map(str::to_owned));
        self.lines.push(fence);
        at
    }

    fn text(&self) -> String {
        self.lines.join("\n") + "\n"
    }
}

/// Writes everything under `target/text`; `chapters` are those that have a package. Blocks that
/// must not compile are left out: rustdoc would not look at their codes.
///
/// # Errors
/// When a file cannot be written.
pub fn write(
    house: &House,
    pages: &[Page],
    listings: &[&Listing],
    chapters: &BTreeSet<String>,
) -> Result<Vec<Given>> {
    let mut given = Vec::new();
    let mut doctests: BTreeMap<(String, String), Sheet> = BTreeMap::new();
    let mut skeptic: BTreeMap<String, Sheet> = BTreeMap::new();
    let mut add = |mut block: Given, info: &str, code: &str, line: usize| {
        let key = (block.chapter.clone(), block.module.clone());
        block.line = doctests.entry(key).or_default().put(line, info, code);
        let sheet = skeptic.entry(block.stem()).or_default();
        if block.how == How::Panic {
            sheet.put(block.line, "text", code);
        } else {
            sheet.put(block.line, info, code);
        }
        given.push(block);
    };
    for page in pages {
        let chapter = chapter(page).unwrap_or_else(|| "book".to_owned());
        for block in &page.blocks {
            let info = match how(block) {
                Some(How::Run) => "rust",
                Some(How::Compile) => "rust,no_run",
                Some(How::Panic) => "rust,should_panic",
                Some(How::Refuse) | None => continue,
            };
            let new = Given {
                chapter: chapter.clone(),
                module: module(page),
                line: 0,
                how: how(block).unwrap_or(How::Run),
                file: slashed(&page.file),
                at: block.line,
                listing: None,
            };
            add(new, info, &block.code, block.line);
        }
    }
    for listing in listings {
        let source = listing.source();
        let code = std::fs::read_to_string(&source).unwrap_or_default();
        let new = Given {
            chapter: listing.package.trim_end_matches("-lab").to_owned(),
            module: LISTINGS.to_owned(),
            line: 0,
            how: How::Compile,
            file: name(house, &listing.source()),
            at: 0,
            listing: Some(listing.path()),
        };
        // `cargo book record` runs it.
        add(new, "rust,no_run", &as_block(&code, &source), 0);
    }
    store(house, &doctests, &skeptic, chapters)?;
    Ok(given)
}

/// The module of a page's blocks: `page_one_turn`, `page_appendix_costs`.
pub(super) fn module(page: &Page) -> String {
    let inside: PathBuf = page.path.iter().skip(1).collect();
    let inside = if inside == Path::new("") {
        &page.path
    } else {
        &inside
    };
    format!(
        "page_{}",
        slashed(&inside.with_extension("")).replace(|c: char| !c.is_ascii_alphanumeric(), "_")
    )
}

/// A program as a block: words about the file would stand inside a module, where they must not, and
/// a file that it takes in is named from the root, because the block stands elsewhere.
fn as_block(code: &str, source: &Path) -> String {
    let folder = source.parent().unwrap_or(Path::new(""));
    code.lines()
        .map(|line| match line.trim_start() {
            text if text.starts_with("//!") || text.starts_with("// ANCHOR") => "\n".to_owned(),
            text if text.starts_with("# ") || text.starts_with("##") => {
                format!("{}\n", line.replacen('#', "##", 1))
            }
            text => match text
                .strip_prefix("#[path = \"")
                .and_then(|t| t.split_once('"'))
            {
                Some((path, rest)) => format!("#[path = {:?}{rest}\n", folder.join(path)),
                None => format!("{line}\n"),
            },
        })
        .collect()
}

fn store(
    house: &House,
    doctests: &BTreeMap<(String, String), Sheet>,
    skeptic: &BTreeMap<String, Sheet>,
    chapters: &BTreeSet<String>,
) -> Result<()> {
    let root = house.root.join("target/text");
    for chapter in chapters {
        let mut modules =
            String::from("// Written by `cargo book check`: the blocks of each page.\n");
        for ((_, module), sheet) in doctests.iter().filter(|((of, _), _)| of == chapter) {
            write_if_new(
                &root.join(chapter).join(format!("{module}.md")),
                &sheet.text(),
            )?;
            // No other words: with them, rustdoc would count lines from here.
            modules += &format!("#[doc = include_str!(\"{module}.md\")]\npub mod {module} {{}}\n");
        }
        write_if_new(&root.join(chapter).join("pages.rs"), &modules)?;
    }
    let folder = root.join("skeptic");
    let mut kept = BTreeSet::from(["none.md".to_owned()]);
    write_if_new(&folder.join("none.md"), "So that there is always a file.\n")?;
    for (stem, sheet) in skeptic {
        write_if_new(&folder.join(format!("{stem}.md")), &sheet.text())?;
        kept.insert(format!("{stem}.md"));
    }
    for file in entries(&folder) {
        if !kept.contains(&file_name(&file)) {
            std::fs::remove_file(file)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_keep_their_lines() {
        let mut sheet = Sheet::default();
        assert_eq!(sheet.put(3, "rust", "fn main() {}\n"), 3);
        assert_eq!(sheet.put(7, "rust", "// ```\nfn main() {}\n"), 7);
        assert_eq!(
            sheet.text(),
            "\n\n```rust\nfn main() {}\n```\n\n```rust\n// ```\nfn main() {}\n```\n"
        );
        assert_eq!(sheet.put(0, "rust", "/*\n```\n*/\n"), 11);
        assert!(sheet.text().ends_with("````rust\n/*\n```\n*/\n````\n"));
    }

    #[test]
    fn a_program_becomes_a_block_of_as_many_lines() {
        let code = "//! Words.\n#![allow(unused)]\n// ANCHOR: a\n#[path = \"b.rs\"]\nmod b;\n# not hidden\n";
        assert_eq!(
            as_block(code, Path::new("/x/a.rs")),
            "\n#![allow(unused)]\n\n#[path = \"/x/b.rs\"]\nmod b;\n## not hidden\n"
        );
    }
}

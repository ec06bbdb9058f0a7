//! What directives refer to, and what they say of their page: pages, listings, numbers, parts.
use super::{Block, Front};
use crate::{finding::Finding, house::House, manifest::Listing, steps::Part};
use std::{collections::BTreeMap, ops::RangeInclusive, path::PathBuf};

/// A page of the book.
#[derive(Clone, Debug)]
pub struct Page {
    /// Relative to `src/`: `reactor/simplest.md`.
    pub path: PathBuf,
    /// Relative to the root: `src/reactor/simplest.md`.
    pub file: PathBuf,
    /// Its title in SUMMARY.md.
    pub name: String,
    /// Its number, `[3, 1]` for 3.1; none for prefaces and appendices.
    pub number: Option<Vec<u32>>,
    /// What it says of itself.
    pub front: Option<Front>,
    /// As it is written.
    pub source: String,
    /// Expanded for the target.
    pub text: String,
    /// The fenced blocks that are written in it; the listings it shows are not among them.
    pub blocks: Vec<Block>,
    /// The listings it shows, in order. Cargo compiles each once, as an example.
    pub showings: Vec<Showing>,
    /// The steps it shows, in order.
    pub steppings: Vec<Stepping>,
    /// The code that its directives show, in order.
    pub excerpts: Vec<Excerpt>,
    /// What it wants and does not find, such as an output that is not recorded.
    pub notes: Vec<Finding>,
}

/// One use of `{{#listing …}}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Showing {
    /// The line of the directive.
    pub line: usize,
    /// `reactor/simplest`.
    pub listing: String,
    /// The part that is visible.
    pub anchor: Option<String>,
}

/// One use of `{{#step …}}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stepping {
    /// The line of the directive.
    pub line: usize,
    /// `pocket/reactor`.
    pub part: String,
    /// Counted from 1.
    pub step: usize,
    /// Which of its pieces, counted from 1.
    pub pieces: RangeInclusive<usize>,
}

/// Code that a directive shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// The line of the directive.
    pub line: usize,
    /// The lines that readers see.
    pub shown: String,
    /// For a region of a crate: the file, and its lines that readers do not see.
    pub beyond: Option<(String, String)>,
}

/// What a listing is called in the text, and where it first stands.
#[derive(Clone, Debug)]
pub(crate) struct Number {
    pub(crate) label: String,
    pub(crate) page: PathBuf,
}

/// Everything that directives refer to.
pub(crate) struct References {
    pub(crate) house: House,
    pub(crate) listings: BTreeMap<String, Listing>,
    pub(crate) numbers: BTreeMap<String, Number>,
    pub(crate) parts: BTreeMap<String, Part>,
    pub(crate) pages: Vec<PageInfo>,
}

/// What is known of each page before any is expanded.
#[derive(Clone, Debug)]
pub(crate) struct PageInfo {
    pub(crate) path: PathBuf,
    pub(crate) file: PathBuf,
    pub(crate) name: String,
    pub(crate) number: Option<Vec<u32>>,
    pub(crate) front: Option<Front>,
}

impl PageInfo {
    /// Returns whether it stands in its chapter's `appendix/`: to be looked up, outside of the
    /// reading path and its minutes.
    pub(crate) fn in_appendix(&self) -> bool {
        self.path
            .iter()
            .nth(1)
            .is_some_and(|part| part == "appendix")
            && self.path.components().count() > 2
    }

    /// Returns the chapter it belongs to: the first folder; empty for a page in `src/` itself.
    pub(crate) fn chapter(&self) -> String {
        let folder = self.path.parent().and_then(|folder| folder.iter().next());
        folder.map_or_else(String::new, |name| name.to_string_lossy().into_owned())
    }

    /// `../` for each folder between the page and the root of the site.
    pub(crate) fn to_root(&self) -> String {
        "../".repeat(self.path.components().count().saturating_sub(1))
    }
}

/// What a directive may say about its page while it expands.
#[derive(Default)]
pub(crate) struct Report {
    pub(crate) problems: Vec<Finding>,
    pub(crate) notes: Vec<Finding>,
    pub(crate) showings: Vec<Showing>,
    pub(crate) steppings: Vec<Stepping>,
    pub(crate) excerpts: Vec<Excerpt>,
}

impl Report {
    /// Returns what a directive expands to; nothing and a problem, when it cannot.
    pub(crate) fn text(&mut self, expanded: Result<String, Finding>) -> String {
        expanded.unwrap_or_else(|problem| {
            self.problems.push(problem);
            String::new()
        })
    }
}

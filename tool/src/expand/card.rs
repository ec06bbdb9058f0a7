//! The card of a listing on a page: its id, its file, what of it is wanted.
use super::{
    directive::Directive,
    references::{PageInfo, References},
};
use crate::{finding::Finding, manifest::Listing, markup::slug, problem::nearest};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// `reactor/timers:fire` as path and anchor.
pub(crate) fn split(argument: &str) -> (&str, Option<&str>) {
    match argument.split_once(':') {
        Some((path, anchor)) => (path, Some(anchor)),
        None => (argument, None),
    }
}

/// Returns the id of a listing's card, or of one of its fragments.
pub(crate) fn id(path: &str, anchor: Option<&str>) -> String {
    match anchor {
        Some(anchor) => format!("listing-{}-{}", slug(path), slug(anchor)),
        None => format!("listing-{}", slug(path)),
    }
}

/// Returns what to say of a listing that does not exist.
pub(crate) fn unknown(refs: &References, path: &str) -> String {
    let names = refs.listings.keys().map(String::as_str);
    let hint = match nearest(path, names) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "add it to the listings.toml of its package".to_owned(),
    };
    format!("unknown listing `{path}`; {hint}")
}

/// Returns where a whole file has its page, from the root of the site.
pub(crate) fn whole_file(listing: &Listing) -> String {
    format!("listings/{}/{}.html", listing.package, listing.name)
}

/// Returns a listing's file, from the root of the repository.
pub(crate) fn file(refs: &References, listing: &Listing) -> PathBuf {
    relative(refs, &listing.source())
}

pub(crate) fn relative(refs: &References, path: &Path) -> PathBuf {
    path.strip_prefix(&refs.house.root)
        .unwrap_or(path)
        .to_owned()
}

/// One listing on one page.
pub(crate) struct Card<'a> {
    pub(crate) refs: &'a References,
    pub(crate) info: &'a PageInfo,
    pub(crate) directive: &'a Directive,
    pub(crate) first: bool,
}

impl Card<'_> {
    pub(crate) fn wants(&self, part: &str) -> bool {
        !self.directive.has(&format!("no{part}")) && (self.first || self.directive.has(part))
    }

    /// Returns the id of this card: one that its page has once.
    pub(crate) fn id(&self) -> String {
        let (path, anchor) = split(&self.directive.argument);
        if self.first {
            return id(path, None);
        }
        id(path, Some(anchor.unwrap_or("again")))
    }

    pub(crate) fn here(&self) -> (&Path, usize) {
        (&self.info.file, self.directive.line)
    }

    pub(crate) fn problem(&self, what: impl Into<String>) -> Finding {
        Finding::new(&self.info.file, self.directive.line, what)
    }
}

pub(crate) fn read(card: &Card<'_>, path: &Path, file: &Path) -> Result<String, Finding> {
    fs::read_to_string(path).map_err(|error| {
        card.problem(format!(
            "{} cannot be read ({error}): write it, or take its entry out of listings.toml",
            file.display()
        ))
    })
}

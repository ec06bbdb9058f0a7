//! Finds a chapter that is only half there: text without a crate's row, a crate without text,
//! folders without a chapter.
use super::front::chapter;
use crate::{
    exercise::layout::{file_name, folders},
    expand::{Page, slashed},
    finding::{Findings, name},
    house::House,
    packages::{self, Package},
    tidy,
};
use anyhow::Result;
use std::collections::{BTreeMap, BTreeSet};

/// The page that says which chapters are written.
const PROMISES: &str = "src/introduction/promises.md";
/// What must be installed to compile a package, and not only to run it.
const TO_COMPILE: &str = "qt";

/// Looks at what belongs to each chapter, in every folder.
///
/// # Errors
/// When a manifest of `listings/` cannot be understood.
pub fn lint(house: &House, pages: &[Page], found: &mut Findings) -> Result<()> {
    let packages = packages::all(house)?;
    let mut order: Vec<String> = Vec::new();
    for page in pages {
        if let Some(chapter) = chapter(page).filter(|chapter| !order.contains(chapter)) {
            order.push(chapter);
        }
    }
    first_pages(pages, &order, found);
    rows(house, pages, found);
    for package in packages
        .values()
        .filter(|package| package.chapter && !package.is_lab())
    {
        if !order.contains(&package.folder) {
            found.add(
                name(house, &package.manifest),
                0,
                format!("the chapter `{}` has a crate and no text", package.folder),
                format!(
                    "write src/{}/index.md and its entry in src/SUMMARY.md; or, if it is no chapter, say `chapter = false` in \
                     [package.metadata.book]",
                    package.folder
                ),
            );
        }
    }
    let known: BTreeSet<&str> = order
        .iter()
        .map(String::as_str)
        .chain(packages.values().map(|package| package.folder.as_str()))
        .collect();
    for place in ["diagrams", "exercises"] {
        for folder in folders(&house.root.join(place)) {
            let own = file_name(&folder);
            let is_one = !["target"].contains(&own.as_str()) && !own.starts_with('.');
            if is_one && !known.contains(own.as_str()) {
                found.add(
                    name(house, &folder),
                    0,
                    format!("there is no chapter `{own}`"),
                    "a chapter has the same name in every folder",
                );
            }
        }
    }
    order_of(house, &packages, &order, found);
    tidy::lint(house, found)
}

/// Each chapter begins with a page that says how long it is.
fn first_pages(pages: &[Page], order: &[String], found: &mut Findings) {
    for chapter in order {
        let first = format!("src/{chapter}/index.md");
        match pages.iter().find(|page| slashed(&page.file) == first) {
            None => found.add(
                first,
                0,
                format!("the chapter `{chapter}` has no first page"),
                "write it: what the chapter asks, what one can do afterwards, {{#minutes}}",
            ),
            Some(page)
                if pages
                    .iter()
                    .any(|other| other.path.starts_with(chapter) && other.path != page.path)
                    && !page
                        .source
                        .lines()
                        .any(|line| line.starts_with("{{#minutes}}")) =>
            {
                found.add(
                    first,
                    0,
                    "the chapter's first page does not show its sections",
                    "write {{#minutes}} in a paragraph of its own",
                );
            }
            Some(_) => {}
        }
    }
}

/// Each chapter has its row in the table of what is written.
fn rows(house: &House, pages: &[Page], found: &mut Findings) {
    let Ok(promises) = std::fs::read_to_string(house.root.join(PROMISES)) else {
        return;
    };
    let state = |title: &str| {
        let row = promises.lines().enumerate().find(|(_, line)| {
            let first = line
                .trim()
                .strip_prefix('|')
                .and_then(|line| line.split('|').next());
            first.is_some_and(|cell| cell.trim() == title)
        });
        row.map(|(at, line)| (at + 1, line.contains("planned")))
    };
    for page in pages
        .iter()
        .filter(|page| page.path.ends_with("index.md") && page.number.is_some())
    {
        match state(&page.name) {
            None => found.add(
                PROMISES,
                0,
                format!("the chapter “{}” has no row", page.name),
                format!(
                    "add `| {} | what it holds | begun |` to the table",
                    page.name
                ),
            ),
            Some((line, true)) => found.add(
                PROMISES,
                line,
                format!("the chapter “{}” is planned no longer", page.name),
                "write `begun` or `written`",
            ),
            Some(_) => {}
        }
    }
}

/// A chapter is built on earlier ones, and needs installed what these need to be compiled.
fn order_of(
    house: &House,
    packages: &BTreeMap<String, Package>,
    order: &[String],
    found: &mut Findings,
) {
    let place = |folder: &str| order.iter().position(|chapter| chapter == folder);
    for package in packages.values() {
        for other in package.depends.iter().filter_map(|name| packages.get(name)) {
            if place(&other.folder) > place(&package.folder) && place(&package.folder).is_some() {
                found.add(
                    name(house, &package.manifest),
                    0,
                    format!(
                        "it is built on `{}`, a crate of a later chapter",
                        other.name
                    ),
                    "a chapter's crate may depend on those of earlier chapters",
                );
            }
            let wants = |one: &Package| {
                let of_chapter = packages.get(&one.folder);
                let both = [Some(one), of_chapter];
                both.into_iter()
                    .flatten()
                    .any(|one| one.needs.iter().any(|need| need == TO_COMPILE))
            };
            if wants(other) && !wants(package) {
                found.add(
                    name(house, &package.manifest),
                    0,
                    format!(
                        "it does not compile without what `{}` needs, and does not say so",
                        other.name
                    ),
                    format!("add needs = [\"{TO_COMPILE}\"] to [package.metadata.book]"),
                );
            }
        }
    }
}

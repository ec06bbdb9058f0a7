//! Finds what no page shows: listings, programs, exercises and figures outside of every page.
use crate::{
    exercise::layout::{Exercise, entries, file_name, folders},
    expand::{Page, predict, slashed},
    finding::{Findings, name},
    house::House,
    manifest::{Class, Listing},
};
use std::collections::{BTreeMap, BTreeSet};

/// The arguments of one directive in a page, with their lines: `{{#figure reactor/loop}}`.
pub fn uses(page: &Page, directive: &str) -> Vec<(usize, String)> {
    let opening = format!("{{{{#{directive} ");
    page.source
        .lines()
        .enumerate()
        .filter_map(|(at, line)| {
            let rest = line.trim_start().strip_prefix(&opening)?;
            let inner = rest.split("}}").next()?;
            Some((at + 1, inner.split_whitespace().next()?.to_owned()))
        })
        .collect()
}

/// Every question about a run is asked by a page, which also proves it.
pub fn questions(
    house: &House,
    pages: &[Page],
    listings: &BTreeMap<String, Listing>,
    found: &mut Findings,
) {
    let asked: BTreeSet<String> = pages
        .iter()
        .flat_map(|page| uses(page, "predict"))
        .map(|(_, path)| path)
        .collect();
    for (path, listing) in listings {
        let file = predict::file(listing);
        if file.is_file() && !asked.contains(path) {
            let what = "no page asks this question";
            let mend = format!("write {{{{#predict {path}}}}} where it belongs, or remove it");
            found.add(name(house, &file), 0, what, mend);
        }
    }
}

/// Every listing is shown by a page, and every program of a package is a listing.
pub fn listings(
    house: &House,
    pages: &[Page],
    listings: &BTreeMap<String, Listing>,
    found: &mut Findings,
) {
    let shown: BTreeSet<&str> = pages
        .iter()
        .flat_map(|page| &page.showings)
        .map(|showing| showing.listing.as_str())
        .collect();
    for (path, listing) in listings {
        let pair = format!(
            "{}/{}",
            listing.package.trim_end_matches("-lab"),
            listing.name
        );
        let with_pair = listing.entry.class == Class::Twin && shown.contains(pair.as_str());
        if !shown.contains(path.as_str()) && !with_pair {
            found.add(
                name(house, &listing.folder.join("listings.toml")),
                0,
                format!("no page shows [{}]", listing.name),
                format!("write {{{{#listing {path}}}}} where it belongs, or remove it"),
            );
        }
    }
    for listing in listings.values() {
        let program = std::fs::read_to_string(listing.source());
        if program.is_ok_and(|text| !text.starts_with("//! ")) {
            found.add(
                name(house, &listing.source()),
                1,
                "it does not begin with what it shows",
                "write a first line `//! …` that says the one thing it shows",
            );
        }
    }
    let known: BTreeSet<_> = listings.values().map(Listing::source).collect();
    for chapter in folders(&house.root.join("listings")) {
        for package in [chapter.clone(), chapter.join("lab")] {
            if !package.join("listings.toml").is_file() {
                continue; // no chapter of the text: its examples are its own
            }
            for folder in ["examples", "fails"] {
                for file in entries(&package.join(folder)) {
                    if file.extension().is_some_and(|e| e == "rs") && !known.contains(&file) {
                        found.add(
                            name(house, &file),
                            0,
                            format!(
                                "{} has no entry for it",
                                name(house, &package.join("listings.toml"))
                            ),
                            format!(
                                "add [{}] with `caption` and `class`",
                                file_name(&file).trim_end_matches(".rs")
                            ),
                        );
                    }
                }
            }
        }
    }
}

/// Every exercise is shown by a page, and a page shows only exercises that are there.
pub fn exercises(house: &House, pages: &[Page], exercises: &[Exercise], found: &mut Findings) {
    let known: BTreeSet<String> = exercises.iter().map(Exercise::path).collect();
    let mut shown = BTreeSet::new();
    for page in pages {
        for (line, path) in uses(page, "exercise") {
            if !known.contains(&path) {
                found.add(
                    slashed(&page.file),
                    line,
                    format!("there is no exercise `{path}`"),
                    "`cargo book exercise list` names them all",
                );
            }
            shown.insert(path);
        }
    }
    for exercise in exercises {
        if !shown.contains(&exercise.path()) {
            found.add(
                name(house, &exercise.folder),
                0,
                "no page shows this exercise",
                format!(
                    "write {{{{#exercise {}}}}} where it belongs",
                    exercise.path()
                ),
            );
        }
    }
}

/// Every figure has its drawing, a title and a description, and is shown.
pub fn figures(house: &House, pages: &[Page], found: &mut Findings) {
    let file_of = |path: &str, ending: &str| {
        let (chapter, figure) = path.split_once('/').unwrap_or(("", path));
        house
            .root
            .join("diagrams")
            .join(chapter)
            .join("concept")
            .join(format!("{figure}.{ending}"))
    };
    let mut shown = BTreeSet::new();
    for page in pages {
        for (line, path) in uses(page, "figure") {
            if !file_of(&path, "svg").is_file() {
                found.add(
                    slashed(&page.file),
                    line,
                    format!("the figure `{path}` has no drawing"),
                    format!("draw {}", name(house, &file_of(&path, "svg"))),
                );
            }
            shown.insert(path);
        }
    }
    for chapter in folders(&house.root.join("diagrams")) {
        for drawing in entries(&chapter.join("concept")) {
            let Some(figure) = file_name(&drawing).strip_suffix(".svg").map(str::to_owned) else {
                continue;
            };
            let path = format!("{}/{figure}", file_name(&chapter));
            if !shown.contains(&path) {
                found.add(
                    name(house, &drawing),
                    0,
                    "no page shows this figure",
                    format!("write {{{{#figure {path}}}}} where it belongs, or remove it"),
                );
            }
            let words = drawing.with_extension("md");
            let text = std::fs::read_to_string(&words).unwrap_or_default();
            let mut lines = text.lines().filter(|line| !line.trim().is_empty());
            if !lines.next().is_some_and(|line| line.starts_with("# ")) || lines.next().is_none() {
                found.add(
                    name(house, &words),
                    1,
                    "the figure has no title and description",
                    "write `# Title`, then what the figure shows, step by step",
                );
            }
        }
    }
}

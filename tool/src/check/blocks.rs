//! Tests every block of Rust in the text, and counts: how many there are, compiled, run, compared.
use super::{
    coverage::uses,
    fences::{How, code, how},
    front::chapter,
    tested::{self, Passed},
    workspace,
    written::{self, Given},
};
use crate::{
    cargo::{Built, write_if_new},
    expand::{Page, slashed},
    finding::Findings,
    house::House,
    manifest::{Class, Listing},
    needs::Missing,
    progress::Progress,
    record::{
        Seen,
        refused::{self, Case},
    },
};
use anyhow::Result;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

pub use super::table::{Count, Row, Table};

/// What is known of the listings from their recording; nothing when they were not run.
pub type Record = Option<BTreeMap<String, Seen>>;

/// Tests the blocks of the given pages.
///
/// # Errors
/// When Cargo cannot be started; what is wrong with a block goes into `found`.
pub fn test(
    house: &House,
    pages: &[Page],
    listings: &BTreeMap<String, Listing>,
    record: &Record,
    missing: &Missing,
    limit: Duration,
    found: &mut Findings,
) -> Result<Table> {
    let own = |page: &Page| chapter(page).unwrap_or_else(|| "book".to_owned());
    let (left_out, looked_at): (Vec<Page>, Vec<Page>) = pages
        .iter()
        .cloned()
        .partition(|page| missing.concerns_chapter(&own(page)));
    let pages = looked_at.as_slice();
    let shown: BTreeSet<&str> = pages
        .iter()
        .flat_map(|page| &page.showings)
        .map(|showing| showing.listing.as_str())
        .collect();
    let programs: Vec<&Listing> = listings
        .iter()
        .filter(|(path, listing)| {
            let pair = format!(
                "{}/{}",
                listing.package.trim_end_matches("-lab"),
                listing.name
            );
            let twin = listing.entry.class == Class::Twin && shown.contains(pair.as_str());
            (shown.contains(path.as_str()) || twin)
                && !missing.concerns(&listing.package)
                && listing.entry.code.is_none()
                && listing.source().is_file()
        })
        .map(|(_, listing)| listing)
        .collect();
    let packages = workspace::chapters(house);
    workspace::write(house)?;
    let given = written::write(house, pages, &programs, &packages)?;
    let (passed, built) = run(house, pages, &given, &packages, limit, found)?;
    let refusals = refuse(house, pages, &packages, &built, found)?;
    let mut table = count(pages, listings, record, missing, &given, &passed, &refusals);
    for page in &left_out {
        let blocks = page.blocks.iter().filter(|block| how(block).is_some());
        let all = blocks.count() + page.showings.len() + uses(page, "source").len();
        table.0.entry(own(page)).or_default().left_out += all;
    }
    table.0.retain(|_, row| row.compiled.all + row.left_out > 0);
    Ok(table)
}

/// rustdoc, then skeptic; a block passes when both say so. Returns what they were built with, too.
fn run(
    house: &House,
    pages: &[Page],
    given: &[Given],
    packages: &BTreeSet<String>,
    limit: Duration,
    found: &mut Findings,
) -> Result<(Passed, Built)> {
    let mut wanted: BTreeSet<&str> = given.iter().map(|block| block.chapter.as_str()).collect();
    for block in given {
        if !packages.contains(&block.chapter) && wanted.remove(block.chapter.as_str()) {
            found.add(
                block.file.clone(),
                block.at,
                "no chapter has this block, so it is not tested",
                "move the block into a page of a chapter",
            );
        }
    }
    // A block that must not compile needs what it names, too.
    let refuses = |page: &&Page| page.blocks.iter().any(|b| how(b) == Some(How::Refuse));
    let refusing: Vec<String> = pages.iter().filter(refuses).filter_map(chapter).collect();
    wanted.extend(
        refusing
            .iter()
            .map(String::as_str)
            .filter(|one| packages.contains(*one)),
    );
    let passes: Vec<bool> = given
        .iter()
        .map(|block| wanted.contains(block.chapter.as_str()))
        .collect();
    let mut passed = Passed(passes);
    if wanted.is_empty() {
        return Ok((passed, Built::default()));
    }
    let progress = Progress::new("blocks", 3);
    progress.step("building what they use");
    let chapters: Vec<&str> = wanted.iter().copied().collect();
    let Some(ready) = tested::ready(house, &chapters, found)? else {
        return Ok((Passed(vec![false; given.len()]), Built::default()));
    };
    workspace::keep_lock(house, found)?;
    let mut and = |more: Passed| {
        for (one, other) in passed.0.iter_mut().zip(more.0) {
            *one &= other;
        }
    };
    let number = given
        .iter()
        .filter(|block| wanted.contains(block.chapter.as_str()))
        .count();
    progress.step(&format!("{number} by rustdoc"));
    and(tested::doctests(house, &chapters, given, limit, found)?);
    progress.step(&format!("all {} by skeptic, one by one", given.len()));
    // Each is a call of the compiler.
    let limit = limit + Duration::from_secs(2) * u32::try_from(given.len()).unwrap_or(u32::MAX);
    let program = ready.skeptic.as_deref();
    and(tested::skeptic(house, program, given, limit, found)?);
    Ok((passed, ready.built))
}

/// Compiles the blocks that must not compile, and compares their codes. Returns those that are
/// right, by file and line.
fn refuse(
    house: &House,
    pages: &[Page],
    packages: &BTreeSet<String>,
    built: &Built,
    found: &mut Findings,
) -> Result<BTreeSet<(String, usize)>> {
    let mut right = BTreeSet::new();
    let mut chapters: BTreeMap<String, Vec<(&Page, &crate::expand::Block)>> = BTreeMap::new();
    for page in pages {
        for block in &page.blocks {
            if how(block) == Some(How::Refuse) {
                let chapter = chapter(page).unwrap_or_else(|| "book".to_owned());
                chapters.entry(chapter).or_default().push((page, block));
            }
        }
    }
    for (chapter, blocks) in chapters {
        if !packages.contains(&chapter) {
            continue; // said already, or by the first block that compiles
        }
        let mut cases = Vec::new();
        for (page, block) in &blocks {
            let name = format!("{}_{}", written::module(page), block.line);
            let source = house
                .target
                .join("refused/blocks")
                .join(&chapter)
                .join(format!("{name}.rs"));
            write_if_new(&source, &unhidden(&block.code))?;
            cases.push(Case { name, source });
        }
        let manifest = workspace::of_chapter(house, &chapter);
        let answers = match refused::compile(house, &manifest, false, &cases, built) {
            Ok(answers) => answers,
            Err(error) => {
                found.add(format!("src/{chapter}"), 0, format!("{error:#}"), "mend it");
                continue;
            }
        };
        for ((page, block), answer) in blocks.iter().zip(answers) {
            let wanted = code(block).unwrap_or_default();
            let file = slashed(&page.file);
            if answer.codes.iter().any(|code| code == wanted) {
                right.insert((file, block.line));
            } else if answer.text.is_empty() {
                found.add(
                    file,
                    block.line,
                    "this block compiles",
                    "make it fail, or drop compile_fail",
                );
            } else {
                let what = format!(
                    "this block does not fail with {wanted}, but with:\n{}",
                    answer.text
                );
                found.add(file, block.line, what, "mend it, or its code");
            }
        }
    }
    Ok(right)
}

/// A block as the compiler sees it: hidden lines are lines.
fn unhidden(code: &str) -> String {
    code.lines()
        .map(|line| {
            let trimmed = line.trim_start();
            let text = match trimmed.strip_prefix("# ") {
                Some(rest) => rest,
                None if trimmed == "#" => "",
                None => line,
            };
            format!("{text}\n")
        })
        .collect()
}

fn count(
    pages: &[Page],
    listings: &BTreeMap<String, Listing>,
    record: &Record,
    missing: &Missing,
    given: &[Given],
    passed: &Passed,
    refusals: &BTreeSet<(String, usize)>,
) -> Table {
    let mut table = Table::default();
    let ok = |file: &str, at: usize, listing: Option<&str>| {
        given.iter().zip(&passed.0).any(|(block, passed)| {
            *passed && block.file == file && block.at == at && listing.is_none()
                || *passed && listing.is_some() && block.listing.as_deref() == listing
        })
    };
    for page in pages {
        let chapter = chapter(page).unwrap_or_else(|| "book".to_owned());
        let file = slashed(&page.file);
        let row = table.0.entry(chapter).or_default();
        for block in &page.blocks {
            let Some(how) = how(block) else { continue };
            if how == How::Refuse {
                let right = refusals.contains(&(file.clone(), block.line));
                row.compiled.add(right);
                row.compared.add(right);
                continue;
            }
            let ok = ok(&file, block.line, None);
            row.compiled.add(ok);
            if how != How::Compile {
                row.run.add(ok);
            }
        }
        for showing in &page.showings {
            let Some(listing) = listings.get(&showing.listing) else {
                continue;
            };
            if missing.concerns(&listing.package) {
                row.left_out += 1;
                continue;
            }
            let refused = listing.entry.code.is_some();
            let seen = record
                .as_ref()
                .map(|seen| seen.get(&showing.listing).copied().unwrap_or_default());
            if let Some(seen) = seen {
                let compiles = refused || ok("", 0, Some(&showing.listing));
                row.compiled.add(seen.compiled && compiles);
                if !refused {
                    row.run.add(seen.run);
                }
                row.compared.add(seen.compared);
            } else if !refused {
                row.compiled.add(ok("", 0, Some(&showing.listing)));
            }
        }
        let steps = page.steppings.len();
        for _ in 0..uses(page, "source").len() + steps {
            // A part of a chapter's crate; what the blocks use was built before them. A step is in
            // a listing.
            row.compiled.add(true);
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_lines_are_lines_for_the_compiler() {
        assert_eq!(
            unhidden("# use a;\n#\n#[test]\nx\n"),
            "use a;\n\n#[test]\nx\n"
        );
    }
}

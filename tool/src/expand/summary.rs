//! Compares SUMMARY.md with the files of `src/`, before mdBook reads either.
use crate::{
    finding::{Finding, Findings},
    house::House,
};
use anyhow::{Context, Result};
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

/// Checks that each entry has its file, each file its entry, and that the first page can double
/// as the site's index.
pub(crate) fn check(house: &House) -> Result<()> {
    problems(house)?.or_fail()
}

/// Returns the summary without the entries that lead nowhere, for a book of which a part is to be
/// shown.
pub(crate) fn in_part(house: &House) -> Result<mdbook_summary::Summary> {
    let src = house.root.join("src");
    let text = std::fs::read_to_string(src.join("SUMMARY.md"))?;
    let mut seen = BTreeSet::new();
    let dead: BTreeSet<usize> = entries(&text)
        .into_iter()
        .filter(|(_, written)| {
            let there = page(written)
                .ok()
                .filter(|target| src.join(target).is_file());
            !there.is_some_and(|target| seen.insert(target))
        })
        .map(|(line, _)| line)
        .collect();
    let lines = text.lines().enumerate();
    let kept: Vec<&str> = lines
        .filter(|(at, _)| !dead.contains(&(at + 1)))
        .map(|(_, line)| line)
        .collect();
    mdbook_summary::parse_summary(&kept.join("\n"))
}

/// Returns what is wrong with the summary.
pub(crate) fn problems(house: &House) -> Result<Findings> {
    let src = house.root.join("src");
    let summary = src.join("SUMMARY.md");
    let text = std::fs::read_to_string(&summary)
        .with_context(|| format!("{} cannot be read", summary.display()))?;
    let file = Path::new("src/SUMMARY.md");
    let mut problems = Findings::default();
    let mut listed = BTreeSet::new();
    for (line, written) in entries(&text) {
        let target = match page(&written) {
            Ok(target) => target,
            Err(what) => {
                problems.list.push(Finding::new(file, line, what));
                continue;
            }
        };
        if listed.is_empty() && target.components().count() > 1 {
            problems.list.push(Finding::new(
                file,
                line,
                format!(
                    "the first page must stand in src/ itself, not at {}: mdBook writes it as \
                     index.html too, where its relative links would be dead",
                    target.display()
                ),
            ));
        }
        if !src.join(&target).is_file() {
            problems.list.push(Finding::new(
                file,
                line,
                format!(
                    "src/{} does not exist: write it, or remove this entry",
                    target.display()
                ),
            ));
        }
        if !listed.insert(target.clone()) {
            problems.list.push(Finding::new(
                file,
                line,
                format!("{} has an entry already", target.display()),
            ));
        }
    }
    let mut pages = Vec::new();
    walk(&src, Path::new(""), &mut pages)?;
    for page in pages {
        if page != Path::new("SUMMARY.md") && !listed.contains(&page) {
            problems.list.push(Finding::new(
                Path::new("src").join(&page),
                1,
                format!(
                    "no entry in src/SUMMARY.md: add `[Title]({})` where it belongs",
                    super::href(&page)
                ),
            ));
        }
        if let Some(what) = bad_name(&page) {
            problems
                .list
                .push(Finding::new(Path::new("src").join(&page), 1, what));
        }
    }
    Ok(problems)
}

/// Returns the page that an entry leads to, by its path in `src/`.
fn page(written: &str) -> Result<PathBuf, String> {
    let target = match written.strip_prefix('<').and_then(|w| w.strip_suffix('>')) {
        Some(inside) => inside.to_owned(),
        None if written.contains(' ') => {
            return Err(format!(
                "a link with a space in it is no link: write `{}`",
                written.replace(' ', "%20")
            ));
        }
        None => written.replace("%20", " "),
    };
    let path = PathBuf::from(target.trim_start_matches("./"));
    if !target.ends_with(".md") {
        return Err(format!(
            "`{target}` is no page: a page is a file in src/ whose name ends in .md"
        ));
    }
    bad_name(&path).map_or(Ok(path), Err)
}

/// Returns what is wrong with the name of a page, which becomes an address and a part of links.
fn bad_name(path: &Path) -> Option<String> {
    let fine = |c: char| c.is_alphanumeric() || "-_. ".contains(c);
    let part = path
        .iter()
        .map(|part| part.to_string_lossy())
        .find(|part| part == ".." || !part.chars().all(fine))?;
    Some(format!(
        "`{part}` is no good name for a page or its folder: use letters, digits, `-`, `_`, `.` and spaces"
    ))
}

/// Returns the links of a summary as they are written, with their lines; chapters without a page
/// are left out.
fn entries(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, line) in text.lines().enumerate() {
        if let Some(open) = line.find("](")
            && let Some(close) = line[open..].find(')')
        {
            let target = line[open + 2..open + close].trim();
            if !target.is_empty() {
                found.push((at + 1, target.to_owned()));
            }
        }
    }
    found
}

fn walk(folder: &Path, inside: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    let entries = std::fs::read_dir(folder)
        .with_context(|| format!("{} cannot be read", folder.display()))?;
    for entry in entries {
        let entry = entry?;
        let path = inside.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            walk(&entry.path(), &path, found)?;
        } else if path.extension().is_some_and(|end| end == "md") {
            found.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    fn said(fixture: &Fixture) -> String {
        check(&fixture.house).unwrap_err().to_string()
    }

    #[test]
    fn a_file_without_entry_and_an_entry_without_file_are_named() {
        let fixture = Fixture::new();
        fixture.write("src/reactor/extra.md", "# Extra\n");
        assert_eq!(
            said(&fixture),
            "src/reactor/extra.md:1: no entry in src/SUMMARY.md: add `[Title](reactor/extra.md)` where it belongs"
        );
        fixture.write(
            "src/SUMMARY.md",
            "[Start](start.md)\n- [R](reactor/index.md)\n  - [X](reactor/extra.md)\n  - [Y](reactor/gone.md)\n",
        );
        let said = said(&fixture);
        assert!(
            said.starts_with("src/SUMMARY.md:4: src/reactor/gone.md does not exist"),
            "{said}"
        );
    }

    #[test]
    fn the_first_page_stands_at_the_top() {
        let fixture = Fixture::new();
        fixture.write("src/SUMMARY.md", "- [R](reactor/index.md)\n[S](start.md)\n");
        assert!(said(&fixture).starts_with("src/SUMMARY.md:1: the first page must stand in src/"));
    }

    #[test]
    fn an_entry_stands_once() {
        let fixture = Fixture::new();
        fixture.write(
            "src/SUMMARY.md",
            "[S](start.md)\n- [R](reactor/index.md)\n- [R](reactor/index.md)\n",
        );
        assert!(said(&fixture).contains("src/SUMMARY.md:3: reactor/index.md has an entry already"));
    }

    #[test]
    fn a_page_may_have_spaces_in_its_name_and_its_link_may_not() {
        let fixture = Fixture::new();
        fixture.write("src/reactor/one turn.md", "# One turn\n");
        let with = |link: &str| {
            let text = format!("[S](start.md)\n- [R](reactor/index.md)\n  - [T]({link})\n");
            fixture.write("src/SUMMARY.md", &text);
        };
        for right in ["reactor/one%20turn.md", "<reactor/one turn.md>"] {
            with(right);
            assert!(check(&fixture.house).is_ok(), "{right}");
        }
        with("reactor/one turn.md");
        let said = said(&fixture);
        assert!(
            said.contains("src/SUMMARY.md:3: a link with a space in it is no link: write `reactor/one%20turn.md`"),
            "{said}"
        );
    }

    #[test]
    fn what_is_no_page_and_what_is_no_good_name_are_told_with_their_line() {
        let fixture = Fixture::new();
        for (link, what) in [
            ("reactor/turn", "`reactor/turn` is no page"),
            ("../turn.md", "`..` is no good name"),
            ("reactor/a#b.md", "`a#b.md` is no good name"),
        ] {
            let text = format!("[S](start.md)\n- [R](reactor/index.md)\n  - [T]({link})\n");
            fixture.write("src/SUMMARY.md", &text);
            let said = said(&fixture);
            assert!(
                said.contains(&format!("src/SUMMARY.md:3: {what}")),
                "{said}"
            );
        }
        fixture.write("src/SUMMARY.md", "[S](start.md)\n- [R](reactor/index.md)\n");
        fixture.write("src/reactor/a#b.md", "# No\n");
        assert!(said(&fixture).contains("src/reactor/a#b.md:1: `a#b.md` is no good name"));
    }
}

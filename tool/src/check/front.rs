//! Lints what pages say of themselves: goals, needs, terms; and the glossary they point to.
use crate::{
    expand::{Front, Page, slashed},
    finding::Findings,
    house::House,
    problem::nearest,
};
use std::collections::{BTreeMap, BTreeSet};

/// The chapter of a page: its folder; nothing for a page in `src/` itself.
pub fn chapter(page: &Page) -> Option<String> {
    let mut parts = page.path.components();
    let first = parts.next()?.as_os_str().to_string_lossy().into_owned();
    parts.next().map(|_| first)
}

/// Looks at the front matter of each page. That it is there, and its form, the expansion says.
pub fn lint(house: &House, pages: &[Page], found: &mut Findings) {
    let order: Vec<String> = {
        let mut seen = BTreeSet::new();
        let chapters = pages.iter().filter_map(chapter);
        chapters.filter(|name| seen.insert(name.clone())).collect()
    };
    let glossary = std::fs::read_to_string(house.root.join("src/glossary.md")).unwrap_or_default();
    let defined = terms(&glossary, found);
    let mut introduced: BTreeMap<&str, String> = BTreeMap::new();
    for page in pages {
        let (Some(front), Some(own)) = (&page.front, chapter(page)) else {
            continue;
        };
        if front.goals.is_empty() {
            found.add(
                slashed(&page.file),
                line_of(page, "goals"),
                "the page has no goals",
                "say in its front matter what the reader can do afterwards",
            );
        }
        needs(page, front, &own, &order, found);
        introduces(page, front, &defined, &mut introduced, found);
    }
}

/// The terms that the glossary defines; one that it defines twice is a fault.
fn terms<'a>(glossary: &'a str, found: &mut Findings) -> BTreeMap<&'a str, usize> {
    let mut terms = BTreeMap::new();
    for (at, line) in glossary.lines().enumerate() {
        if let Some(term) = line.strip_prefix("### ").map(str::trim)
            && let Some(first) = terms.insert(term, at + 1)
        {
            found.add(
                "src/glossary.md",
                at + 1,
                format!("`{term}` is defined twice"),
                format!("make one definition of this and of the one in line {first}"),
            );
        }
    }
    terms
}

/// The line of a key in a page's front matter.
fn line_of(page: &Page, key: &str) -> usize {
    let key = format!("{key}:");
    let at = page.source.lines().position(|line| line.starts_with(&key));
    at.map_or(1, |at| at + 1)
}

/// What a page needs are earlier chapters.
fn needs(page: &Page, front: &Front, own: &str, order: &[String], found: &mut Findings) {
    let place = |chapter: &str| order.iter().position(|known| known == chapter);
    let mut wrong = |what: String, mend: String| {
        found.add(slashed(&page.file), line_of(page, "needs"), what, mend);
    };
    for need in &front.needs {
        match place(need) {
            None => {
                let offer = nearest(need, order.iter().map(String::as_str))
                    .map(|near| format!("did you mean `{near}`? "))
                    .unwrap_or_default();
                wrong(
                    format!("it needs `{need}`, which is no chapter"),
                    format!("{offer}Known are: {}", order.join(", ")),
                );
            }
            Some(at) if Some(at) > place(own) => wrong(
                format!("it needs `{need}`, a later chapter"),
                "need only what comes before".to_owned(),
            ),
            Some(_) => {}
        }
    }
}

/// What a page introduces is in the glossary, and no other page introduces it.
fn introduces<'a>(
    page: &Page,
    front: &'a Front,
    defined: &BTreeMap<&str, usize>,
    introduced: &mut BTreeMap<&'a str, String>,
    found: &mut Findings,
) {
    let file = slashed(&page.file);
    for term in &front.terms {
        if !defined.contains_key(term.as_str()) {
            let offer = nearest(term, defined.keys().copied())
                .map(|near| format!("; did you mean `{near}`?"))
                .unwrap_or_default();
            found.add(
                file.clone(),
                line_of(page, "terms"),
                format!("the glossary does not define `{term}`{offer}"),
                format!("add `### {term}` to src/glossary.md"),
            );
        }
        if let Some(other) = introduced.insert(term, file.clone())
            && other != file
        {
            found.note(format!(
                "`{term}` is introduced in {other} and again in {file}"
            ));
        }
    }
}

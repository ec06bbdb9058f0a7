//! Lints what pages say of themselves: goals, needs, terms; and the glossary they point to.
use crate::{
    expand::{Page, slashed},
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
    let mut terms: BTreeMap<&str, usize> = BTreeMap::new();
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
    let mut introduced: BTreeMap<&str, String> = BTreeMap::new();
    for page in pages {
        let (Some(front), Some(own)) = (&page.front, chapter(page)) else {
            continue;
        };
        let file = slashed(&page.file);
        let line_of = |key: &str| {
            let key = format!("{key}:");
            let at = page.source.lines().position(|line| line.starts_with(&key));
            at.map_or(1, |at| at + 1)
        };
        if front.goals.is_empty() {
            found.add(
                file.clone(),
                line_of("goals"),
                "the page has no goals",
                "say in its front matter what the reader can do afterwards",
            );
        }
        let place = |chapter: &String| order.iter().position(|known| known == chapter);
        for need in &front.needs {
            match place(need) {
                None => {
                    let offer = nearest(need, order.iter().map(String::as_str))
                        .map(|near| format!("did you mean `{near}`? "))
                        .unwrap_or_default();
                    found.add(
                        file.clone(),
                        line_of("needs"),
                        format!("it needs `{need}`, which is no chapter"),
                        format!("{offer}Known are: {}", order.join(", ")),
                    );
                }
                Some(at) if Some(at) > place(&own) => found.add(
                    file.clone(),
                    line_of("needs"),
                    format!("it needs `{need}`, a later chapter"),
                    "need only what comes before",
                ),
                Some(_) => {}
            }
        }
        for term in &front.terms {
            if !terms.contains_key(term.as_str()) {
                let offer = nearest(term, terms.keys().copied())
                    .map(|near| format!("; did you mean `{near}`?"))
                    .unwrap_or_default();
                found.add(
                    file.clone(),
                    line_of("terms"),
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
}

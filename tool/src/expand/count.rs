//! `{{#count pages}}`: numbers in prose, counted when the book is built.
use super::{
    directive::Directive,
    shelf::{Leaf, Shelf},
    task::Task,
};
use crate::{finding::Finding, problem::nearest};
use std::path::Path;

/// What can be counted.
const THINGS: [&str; 5] = ["chapters", "pages", "listings", "exercises", "hours"];
/// Small numbers may be spelled out.
const WORDS: [&str; 13] = [
    "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve",
];
/// The option that asks for it.
const SPELLED: &str = "word";

/// Expands `{{#count listings}}`, `{{#count listings reactor}}`, `{{#count chapters word}}`.
pub(crate) fn number(shelf: &Shelf, leaf: &Leaf, directive: &Directive) -> Result<String, Finding> {
    let problem = |what: String| Finding::new(&leaf.file, directive.line, what);
    let thing = directive.argument.as_str();
    if !THINGS.contains(&thing) {
        let hint = nearest(thing, THINGS).map_or_else(
            || format!("known are {}", THINGS.join(", ")),
            |near| format!("did you mean `{near}`?"),
        );
        return Err(problem(format!("`{thing}` cannot be counted; {hint}")));
    }
    let known = chapters(shelf);
    let mut chapter = None;
    for option in directive.options.iter().filter(|one| *one != SPELLED) {
        if !known.contains(option) || thing == "chapters" {
            let hint = nearest(option, known.iter().map(String::as_str))
                .map(|near| format!("; did you mean `{near}`?"))
                .unwrap_or_default();
            return Err(problem(format!(
                "`count` takes the name of a chapter and `{SPELLED}`, not `{option}`{hint}"
            )));
        }
        chapter = Some(option.as_str());
    }
    let count = match thing {
        "chapters" => known.len(),
        "pages" => of_pages(shelf, chapter).count(),
        "listings" => {
            let all = shelf.listings.values();
            all.filter(|listing| chapter.is_none_or(|chapter| listing.chapter() == chapter))
                .count()
        }
        "exercises" => tasks(shelf, chapter).count(),
        // Reading and the exercises together, to the nearest hour.
        _ => {
            let pages =
                of_pages(shelf, chapter).filter_map(|leaf| Some(leaf.front.as_ref()?.minutes));
            let minutes: u32 = pages
                .chain(tasks(shelf, chapter).map(|task| task.minutes))
                .sum();
            (minutes as usize + 30) / 60
        }
    };
    Ok(match WORDS.get(count) {
        Some(word) if directive.has(SPELLED) => (*word).to_owned(),
        _ => grouped(count),
    })
}

/// The numbered folders of pages, in order.
fn chapters(shelf: &Shelf) -> Vec<String> {
    let first = |leaf: &&Leaf| leaf.number.is_some() && leaf.path.ends_with("index.md");
    let folder = |leaf: &Leaf| Some(leaf.path.parent()?.to_str()?.to_owned());
    let all = shelf.leaves.iter().filter(first).filter_map(folder);
    all.filter(|folder| !folder.is_empty() && !folder.contains('/'))
        .collect()
}

fn of_pages<'a>(shelf: &'a Shelf, chapter: Option<&'a str>) -> impl Iterator<Item = &'a Leaf> {
    let inside = |leaf: &Leaf, chapter: &str| leaf.path.starts_with(Path::new(chapter));
    shelf
        .leaves
        .iter()
        .filter(move |leaf| chapter.is_none_or(|chapter| inside(leaf, chapter)))
}

fn tasks(shelf: &Shelf, chapter: Option<&str>) -> impl Iterator<Item = Task> {
    let mut wanted = chapters(shelf);
    wanted.retain(|known| chapter.is_none_or(|chapter| chapter == known));
    wanted
        .into_iter()
        .flat_map(|chapter| Task::of_chapter(&shelf.house, &chapter))
}

/// `1,234`.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        expand::{Target, chapters, tests::with},
        fixture::Fixture,
    };

    fn said(text: &str) -> String {
        let fixture: Fixture = with(text);
        fixture.write(
            "exercises/reactor/a/exercise.toml",
            "title = \"A\"\nminutes = 25\nlevel = \"core\"\n",
        );
        match chapters(&fixture.house, Target::Html) {
            Ok(pages) => pages[1].text.trim().lines().next().unwrap_or("").to_owned(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn numbers_are_counted_when_the_book_is_built() {
        assert_eq!(
            said(
                "{{#count chapters word}} chapter, {{#count pages}} pages, {{#count exercises}} exercise."
            ),
            "one chapter, 2 pages, 1 exercise."
        );
        assert_eq!(
            said("{{#count listings}}, {{#count pages reactor word}}, {{#count hours}} h"),
            "2, one, 1 h"
        );
    }

    #[test]
    fn what_cannot_be_counted_is_named() {
        assert!(
            said("{{#count page}}").contains(":6: `page` cannot be counted; did you mean `pages`?")
        );
        assert!(said("{{#count pages reacto}}").contains("did you mean `reactor`?"));
        assert!(said("{{#count chapters reactor}}").contains("not `reactor`"));
        assert!(said("{{#count}}").contains("`` cannot be counted; known are chapters"));
    }

    #[test]
    fn thousands_are_parted() {
        assert_eq!(
            [0, 999, 1000, 1_234_567].map(grouped),
            ["0", "999", "1,000", "1,234,567"]
        );
    }
}

//! `{{#count pages}}`: numbers in prose, counted when the book is built.
use super::{
    directive::Directive,
    references::{PageInfo, References},
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
pub(crate) fn number(
    refs: &References,
    info: &PageInfo,
    directive: &Directive,
) -> Result<String, Finding> {
    let problem = |what: String| Finding::new(&info.file, directive.line, what);
    let thing = directive.argument.as_str();
    if !THINGS.contains(&thing) {
        let hint = nearest(thing, THINGS).map_or_else(
            || format!("known are {}", THINGS.join(", ")),
            |near| format!("did you mean `{near}`?"),
        );
        return Err(problem(format!("`{thing}` cannot be counted; {hint}")));
    }
    let known = chapters(refs);
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
        "pages" => of_pages(refs, chapter).count(),
        "listings" => {
            let all = refs.listings.values();
            all.filter(|listing| chapter.is_none_or(|chapter| listing.chapter() == chapter))
                .count()
        }
        "exercises" => tasks(refs, chapter).count(),
        // Reading and the exercises together, to the nearest hour.
        _ => {
            let pages =
                of_pages(refs, chapter).filter_map(|info| Some(info.front.as_ref()?.minutes));
            let minutes: u32 = pages
                .chain(tasks(refs, chapter).map(|task| task.minutes))
                .sum();
            (minutes as usize + 30) / 60
        }
    };
    Ok(match WORDS.get(count) {
        Some(word) if directive.has(SPELLED) => (*word).to_owned(),
        _ => grouped(count),
    })
}

/// Returns the numbered folders of pages, in order.
fn chapters(refs: &References) -> Vec<String> {
    let first = |info: &&PageInfo| info.number.is_some() && info.path.ends_with("index.md");
    let folder = |info: &PageInfo| Some(info.path.parent()?.to_str()?.to_owned());
    let all = refs.pages.iter().filter(first).filter_map(folder);
    all.filter(|folder| !folder.is_empty() && !folder.contains('/'))
        .collect()
}

fn of_pages<'a>(
    refs: &'a References,
    chapter: Option<&'a str>,
) -> impl Iterator<Item = &'a PageInfo> {
    let inside = |info: &PageInfo, chapter: &str| info.path.starts_with(Path::new(chapter));
    refs.pages
        .iter()
        .filter(move |info| chapter.is_none_or(|chapter| inside(info, chapter)))
}

fn tasks(refs: &References, chapter: Option<&str>) -> impl Iterator<Item = Task> {
    let mut wanted = chapters(refs);
    wanted.retain(|known| chapter.is_none_or(|chapter| chapter == known));
    wanted
        .into_iter()
        .flat_map(|chapter| Task::of_chapter(&refs.house, &chapter))
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

//! Counts words and minutes of each page and chapter, and holds them to the book's limits.
use super::front::chapter;
use crate::{
    expand::{Page, slashed},
    finding::Findings,
    house::House,
    problem,
};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use serde::Deserialize;
use std::{collections::BTreeMap, fmt, fs};

/// Words of prose that a page may have.
pub const PAGE: usize = 1_200;
/// Words of prose that a chapter's reading path may have: its pages without those in its `appendix/`.
pub const CHAPTER: usize = 10_000;
/// Words that are read in a minute. A page's minutes are at least its words at this speed.
const SPEED: usize = 200;
/// Names what was longer before there were limits.
const EXCEPTIONS: &str = "ci/lengths.toml";

/// How long something is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Length {
    /// Pages of the reading path.
    pub pages: usize,
    /// Words of prose: no code, no tables, nothing that a directive brings.
    pub words: usize,
    /// What the pages' front matter says.
    pub minutes: u32,
}

/// The length of each chapter and of each of its pages.
#[derive(Clone, Debug, Default)]
pub struct Lengths {
    /// By chapter, in the order of the book.
    pub chapters: Vec<(String, Length)>,
    /// By file, in the order of the book; those of appendices, too.
    pub pages: Vec<(String, Length)>,
}

impl fmt::Display for Lengths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = |f: &mut fmt::Formatter<'_>, name: &str, length: &Length| {
            let Length {
                pages,
                words,
                minutes,
            } = length;
            writeln!(f, "{name:16} {pages:>8} {words:>10} {minutes:>10}")
        };
        writeln!(
            f,
            "{:16} {:>8} {:>10} {:>10}",
            "reading path", "pages", "words", "minutes"
        )?;
        let mut all = Length::default();
        for (chapter, length) in &self.chapters {
            line(f, chapter, length)?;
            all.pages += length.pages;
            all.words += length.words;
            all.minutes += length.minutes;
        }
        line(f, "all", &all)
    }
}

/// Pages and chapters that may be longer than the limits.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Exceptions {
    #[serde(default)]
    pages: Vec<String>,
    #[serde(default)]
    chapters: Vec<String>,
}

/// Counts, and finds what is too long, or said to take less time than its words do.
pub fn lint(house: &House, pages: &[Page], found: &mut Findings) -> Lengths {
    let lengths = count(pages);
    let text = fs::read_to_string(house.root.join(EXCEPTIONS)).unwrap_or_default();
    let exceptions: Exceptions = toml::from_str(&text).unwrap_or_else(|error| {
        let (line, what) = problem::in_toml(&text, &error);
        found.add(
            EXCEPTIONS,
            line,
            what,
            "it has two lists: `pages`, of files, and `chapters`",
        );
        Exceptions::default()
    });
    let appendix = |file: &str| file.contains("/appendix/");
    for (file, length) in &lengths.pages {
        let Length { words, minutes, .. } = *length;
        if words > PAGE && !appendix(file) && !exceptions.pages.contains(file) {
            found.add(
                file.clone(),
                0,
                format!("the page has {words} words of prose; {PAGE} are the most"),
                "say it shorter, make two pages, or move what is for looking up to the chapter's appendix/",
            );
        }
        let least = words / SPEED;
        if (minutes as usize) < least {
            found.add(
                file.clone(),
                0,
                format!("it says {minutes} minutes, and its {words} words alone take {least}"),
                "correct `minutes` in its front matter",
            );
        }
    }
    for (chapter, Length { words, .. }) in &lengths.chapters {
        if *words > CHAPTER && !exceptions.chapters.contains(chapter) {
            found.add(
                format!("src/{chapter}"),
                0,
                format!("the chapter has {words} words of prose; {CHAPTER} are the most"),
                format!("say it shorter, or move pages to src/{chapter}/appendix/"),
            );
        }
    }
    // An exception is for what is too long today, and goes when it is no longer.
    let mut needed = |name: &str, length: Option<&Length>, most: usize| {
        let line = text
            .lines()
            .position(|line| line.contains(&format!("\"{name}\"")));
        let what = match length {
            Some(length) if length.words > most => return,
            Some(length) => format!("`{name}` has {} words and needs no exception", length.words),
            None => format!("`{name}` is not there, and needs no exception"),
        };
        let line = line.map_or(0, |at| at + 1);
        found.add(EXCEPTIONS, line, what, "remove it from the list");
    };
    let of = |list: &[(String, Length)], name: &String| {
        list.iter()
            .find(|(known, _)| known == name)
            .map(|(_, length)| *length)
    };
    for name in &exceptions.pages {
        needed(name, of(&lengths.pages, name).as_ref(), PAGE);
    }
    for name in &exceptions.chapters {
        needed(name, of(&lengths.chapters, name).as_ref(), CHAPTER);
    }
    lengths
}

fn count(pages: &[Page]) -> Lengths {
    let mut lengths = Lengths::default();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for page in pages {
        let Some(chapter) = chapter(page) else {
            continue; // a preface, the glossary: no reading path
        };
        let length = Length {
            pages: 1,
            words: words(&page.text),
            minutes: page.front.as_ref().map_or(0, |front| front.minutes),
        };
        lengths.pages.push((slashed(&page.file), length));
        if page.path.starts_with(format!("{chapter}/appendix")) {
            continue;
        }
        let at = *places.entry(chapter.clone()).or_insert_with(|| {
            lengths.chapters.push((chapter, Length::default()));
            lengths.chapters.len() - 1
        });
        let sum = &mut lengths.chapters[at].1;
        sum.pages += 1;
        sum.words += length.words;
        sum.minutes += length.minutes;
    }
    lengths
}

/// How many words of prose a Markdown text has, its headings and the code inside its sentences included; without fenced
/// code, tables and HTML.
///
/// ```
/// assert_eq!(book::check::lengths::words("# A page\n\nIt calls `drop(x)`, twice.\n\n```rust\nfn main() {}\n```\n"), 6);
/// ```
pub fn words(markdown: &str) -> usize {
    let mut text = String::new();
    let mut outside = 0;
    for event in Parser::new_ext(markdown, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::CodeBlock(_) | Tag::Table(_)) => outside += 1,
            Event::End(TagEnd::CodeBlock | TagEnd::Table) => outside -= 1,
            Event::Text(more) | Event::Code(more) if outside == 0 => text.push_str(&more),
            Event::SoftBreak | Event::HardBreak => text.push(' '),
            Event::End(
                TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::Item | TagEnd::BlockQuote(_),
            ) => text.push('\n'),
            _ => {}
        }
    }
    text.split_whitespace()
        .filter(|word| word.contains(char::is_alphanumeric))
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_is_counted_and_nothing_else() {
        for (text, number) in [
            ("", 0),
            ("# Two words\n\nand *three* more.\n", 5),
            ("- one\n- two\n\n> three\n> four\n", 4),
            ("| a | b |\n|---|---|\n| c | d |\n\nafter\n", 1),
            (
                "```text\nnot this\n```\n\n<details>\n<summary>nor this</summary>\n\nbut this\n\n</details>\n",
                2,
            ),
            ("a dash — is no word, `a.b(c)` is one", 8),
            ("[a link](to/nowhere.md) counts its words", 5),
        ] {
            assert_eq!(words(text), number, "{text}");
        }
    }
}

//! Counts words and minutes of each page and chapter, and holds them to the book's limits.
use super::front::chapter;
use crate::{
    expand::{Page, slashed},
    finding::Findings,
};
use std::{collections::BTreeMap, fmt};

/// Words that a page may have.
pub const PAGE: usize = 1_200;
/// Words that a chapter's reading path may have: its pages without those in its `appendix/`.
pub const CHAPTER: usize = 10_000;
/// Words that are read in a minute. A page's minutes are at least its words at this speed.
const SPEED: usize = 200;
/// For looking up, as an appendix is: no limit holds for it.
const LOOKED_UP: &str = "src/glossary.md";

/// How long something is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Length {
    /// Pages of the reading path; of a page itself 1, or 0 if it belongs to no chapter.
    pub pages: usize,
    /// [`words`] of the file as it is written, front matter and all.
    pub words: usize,
    /// What the pages' front matter says.
    pub minutes: u32,
}

/// The length of each chapter and of each of its pages.
#[derive(Clone, Debug, Default)]
pub struct Lengths {
    /// By chapter, in the order of the book.
    pub chapters: Vec<(String, Length)>,
    /// By file, in the order of the book; those of appendices, too, and those that belong to no
    /// chapter.
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

/// Counts, and finds what is too long, or said to take less time than its words do. There are no
/// exceptions.
pub fn lint(pages: &[Page], found: &mut Findings) -> Lengths {
    let lengths = count(pages);
    for (file, length) in &lengths.pages {
        let Length { words, minutes, .. } = *length;
        if words > PAGE && !file.contains("/appendix/") && file != LOOKED_UP {
            found.add(
                file.clone(),
                0,
                format!("the page has {words} words; {PAGE} are the most"),
                "say it shorter, make two pages, or move what is for looking up to the chapter's appendix/",
            );
        }
        let least = words / SPEED;
        if length.pages > 0 && (minutes as usize) < least {
            found.add(
                file.clone(),
                0,
                format!("it says {minutes} minutes, and its {words} words alone take {least}"),
                "correct `minutes` in its front matter",
            );
        }
    }
    for (chapter, Length { words, .. }) in &lengths.chapters {
        if *words > CHAPTER {
            found.add(
                format!("src/{chapter}"),
                0,
                format!("the chapter has {words} words; {CHAPTER} are the most"),
                format!("say it shorter, or move pages to src/{chapter}/appendix/"),
            );
        }
    }
    lengths
}

fn count(pages: &[Page]) -> Lengths {
    let mut lengths = Lengths::default();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for page in pages {
        let chapter = chapter(page);
        let length = Length {
            pages: usize::from(chapter.is_some()),
            words: words(&page.source),
            minutes: page.front.as_ref().map_or(0, |front| front.minutes),
        };
        lengths.pages.push((slashed(&page.file), length));
        let Some(chapter) = chapter else {
            continue; // a preface, the glossary: no reading path
        };
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

/// How many words a page has as it is written, as `wc -w` counts them: all but fenced code, rows of
/// tables and directives. Front matter, headings, tags and every lone sign between two spaces are
/// words.
///
/// ```
/// let page = "# A page\n\nIt calls `drop(x)`, twice.\n\n```rust\nfn main() {}\n```\n";
/// assert_eq!(book::check::lengths::words(page), 7);
/// ```
pub fn words(markdown: &str) -> usize {
    let mut fence: Option<(char, usize)> = None;
    let mut count = 0;
    for line in markdown.lines() {
        let start = line.trim_start().trim_start_matches("> ");
        let sign = start.chars().next().unwrap_or(' ');
        let length = start.chars().take_while(|c| *c == sign).count();
        if matches!(sign, '`' | '~') && length >= 3 {
            match fence {
                None => fence = Some((sign, length)),
                Some((open, least)) if open == sign && length >= least => fence = None,
                Some(_) => {}
            }
            continue;
        }
        if fence.is_none() && sign != '|' {
            count += without_directives(line).split_whitespace().count();
        }
    }
    count
}

fn without_directives(line: &str) -> String {
    let mut rest = line;
    let mut kept = String::new();
    while let Some((before, after)) = rest.split_once("{{")
        && let Some((_, behind)) = after.split_once("}}")
    {
        kept.push_str(before);
        rest = behind;
    }
    kept + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_wc_outside_of_code_tables_and_directives() {
        for (text, number) in [
            ("", 0),
            ("# Two words\n\nand *three* more.\n", 6),
            ("- one\n- two\n\n> three\n> four\n", 8),
            ("| a | b |\n|---|---|\n| c | d |\n\nafter\n", 1),
            (
                "```text\nnot this\n```\n\n<details>\n<summary>but this</summary>\n\nand this\n\n</details>\n",
                6,
            ),
            ("a dash — is a word, `a.b(c)` is one", 9),
            ("[a link](to/nowhere.md) counts its words", 5),
            ("---\nminutes: 5\ngoals:\n  - read it\n---\n\ntext\n", 9),
            (
                "{{#listing a/b nooutput}}\n\nsee {{#ref a/b}}, {{#count word pages}} of them\n",
                4,
            ),
            ("````text\n```\nstill code\n```\n````\nno more\n", 2),
            ("~~~\n```\n~~~\n- item\n\n  ```rust\n  let x;\n  ```\n", 2),
            ("{{ an open brace", 4),
        ] {
            assert_eq!(words(text), number, "{text}");
        }
    }
}

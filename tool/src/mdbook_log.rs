//! Hears what mdBook says while it builds: what it only warns of is wrong with the book.
use crate::{
    finding::{Finding, Findings},
    house::House,
};
use regex::Regex;
use std::{
    fmt::Write,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};
use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

/// What is no fault of a page. We take mdBook without its search: ours is `theme/search.js`.
const NO_FAULT: [&str; 3] = [
    "is marked as optional",
    "compiled without search support",
    "please reinstall with",
];

/// Does something, and returns what mdBook warned of meanwhile, on this thread.
pub(crate) fn during<T>(something: impl FnOnce() -> T) -> (T, Vec<String>) {
    let said = Said::default();
    let result = tracing::subscriber::with_default(said.clone(), something);
    let said = std::mem::take(&mut *said.0.lock().unwrap_or_else(PoisonError::into_inner));
    (result, said)
}

/// Listens to warnings and errors of mdBook, and to nothing else.
#[derive(Clone, Default)]
struct Said(Arc<Mutex<Vec<String>>>);

impl Subscriber for Said {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event()
            && *metadata.level() <= Level::WARN
            && metadata.target().starts_with("mdbook")
    }

    fn event(&self, event: &Event<'_>) {
        let mut text = Text::default();
        event.record(&mut text);
        if !NO_FAULT.iter().any(|words| text.0.contains(words)) {
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            // "Caused By: …" belongs to what was said before.
            match (text.0.strip_prefix("Caused By: "), all.last_mut()) {
                (Some(cause), Some(last)) => {
                    let _ = write!(last, ": {cause}");
                }
                _ => all.push(text.0),
            }
        }
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

#[derive(Default)]
struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "message" {
            let _ = write!(self.0, "{value:?}");
        }
    }
}

/// Returns what was said as problems, each at the page and line that it is about, with what to do.
pub(crate) fn problems(house: &House, said: &[String]) -> Findings {
    Findings::of(said.iter().flat_map(|said| problem(house, said)))
}

fn problem(house: &House, said: &str) -> Vec<Finding> {
    if let Some((directive, why)) = said
        .strip_prefix("Error updating \"")
        .and_then(|rest| rest.split_once("\", "))
    {
        let what = format!(
            "`{directive}` fails: {}. Mend the path (it is relative to the page), or write `\\` before it if it is no directive",
            plain(house, why)
        );
        return everywhere(house, directive, &what);
    }
    let page = page_of(said);
    let text = page
        .as_ref()
        .and_then(|page| fs::read_to_string(house.root.join(page)).ok())
        .unwrap_or_default();
    let tag = between(said, "unclosed HTML tag `<", ">`").map(|tag| (tag, true));
    let tag =
        tag.or_else(|| between(said, "unexpected HTML end tag `</", ">`").map(|tag| (tag, false)));
    let (line, what) = if let Some((tag, open)) = tag {
        let line = unbalanced(&text, tag, open);
        let what = match open {
            true => format!(
                "`<{tag}>` is not closed: write `</{tag}>` before the paragraph, the list or the page ends; if it is no tag, write `\\<` or put it between backticks"
            ),
            false => format!(
                "`</{tag}>` closes nothing: remove it, or write `<{tag}>` in the same paragraph before it"
            ),
        };
        (line, what)
    } else if let Some(name) = between(said, "footnote `", "`") {
        let mark = format!("[^{name}]:");
        let places: Vec<usize> = lines_with(&text, &mark).collect();
        match said.contains("multiple times") {
            true => (
                places.get(1).copied(),
                format!("the footnote `{name}` stands here a second time: give it another name"),
            ),
            false => (
                places.first().copied(),
                format!(
                    "nothing refers to this footnote: write `[^{name}]` where it belongs, or remove it"
                ),
            ),
        }
    } else {
        let html = said
            .split_once("Html text was:")
            .map(|(_, html)| html.trim());
        let first = html.and_then(|html| html.lines().next());
        let line = first.and_then(|first| lines_with(&text, first).next());
        (line, format!("mdBook says: {}", plain(house, said)))
    };
    let file = page.unwrap_or_else(|| PathBuf::from("book.toml"));
    vec![Finding::new(file, line.unwrap_or(1), what)]
}

/// Returns the page that a message names, from the root of the repository.
fn page_of(said: &str) -> Option<PathBuf> {
    let name = Regex::new(r"([^\s`]+\.md)").ok()?;
    let quoted = Regex::new(r"`([^`]+\.md)`").ok()?;
    let caught = quoted.captures(said).or_else(|| name.captures(said))?;
    Some(Path::new("src").join(&caught[1]))
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    rest.split_once(after).map(|(found, _)| found)
}

/// Returns a message without the folder that the book stands in.
fn plain(house: &House, said: &str) -> String {
    let root = format!("{}/", house.root.display());
    said.replace(&root, "").replace('\n', " ")
}

fn lines_with<'a>(text: &'a str, words: &'a str) -> impl Iterator<Item = usize> + 'a {
    text.lines()
        .enumerate()
        .filter(move |(_, line)| line.contains(words))
        .map(|(at, _)| at + 1)
}

/// Returns where a directive stands, in whichever pages it does.
fn everywhere(house: &House, directive: &str, what: &str) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut left = vec![house.root.join("src")];
    while let Some(folder) = left.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                left.push(path);
                continue;
            }
            let file = path.strip_prefix(&house.root).unwrap_or(&path);
            let text = fs::read_to_string(&path).unwrap_or_default();
            found.extend(lines_with(&text, directive).map(|line| Finding::new(file, line, what)));
        }
    }
    if found.is_empty() {
        found.push(Finding::new("src", 1, what));
    }
    found
}

/// Returns the line of the first tag of this name that has no partner; blocks of code are left out.
fn unbalanced(text: &str, tag: &str, open: bool) -> Option<usize> {
    let tags = Regex::new(&format!(r"(?i)<(/?){}\b", regex::escape(tag))).ok()?;
    let mut fence: Option<&str> = None;
    let mut waiting = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let begin = line.trim_start();
        match fence {
            Some(mark) if begin.starts_with(mark) => fence = None,
            Some(_) => continue,
            None if begin.starts_with("```") => fence = Some("```"),
            None if begin.starts_with("~~~") => fence = Some("~~~"),
            None => {}
        }
        if fence.is_some() {
            continue;
        }
        let outside = without_code(line);
        for found in tags.captures_iter(&outside) {
            if found[1].is_empty() {
                waiting.push(at + 1);
            } else if waiting.pop().is_none() && !open {
                return Some(at + 1);
            }
        }
    }
    // Each is closed somewhere, but too late, in another paragraph.
    waiting
        .first()
        .copied()
        .or_else(|| lines_with(text, &format!("<{tag}")).next())
        .or_else(|| lines_with(text, &format!("</{tag}")).next())
}

/// Returns a line without what stands between backticks.
fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect::<Vec<_>>().join("` `")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        build,
        fixture::{Fixture, PAGE},
    };

    /// Returns what a build says of the page of the chapter with these words at its end.
    fn said(words: &str) -> String {
        let fixture = Fixture::new();
        fixture.write("src/reactor/index.md", &format!("{PAGE}\n{words}\n"));
        match build::site(&fixture.house, &fixture.house.target.join("site")) {
            Ok(()) => String::new(),
            Err(error) => format!("{error:#}"),
        }
    }

    #[test]
    fn what_mdbook_only_warns_of_fails_with_its_line_and_what_to_do() {
        // The words begin in line 13.
        for (words, says) in [
            (
                "See.\n\n{{#include gone.rs}}",
                "src/reactor/index.md:15: `{{#include gone.rs}}` fails: Could not read file",
            ),
            (
                "See.\n\n{{#include ../gone.rs:3:4}}",
                "src/reactor/index.md:15: `{{#include ../gone.rs:3:4}}` fails",
            ),
            (
                "Some <b>bold words.\n\nMore.",
                "src/reactor/index.md:13: `<b>` is not closed: write `</b>`",
            ),
            (
                "`<b>` is a tag.\n\nA Vec<u8> of bytes.",
                "src/reactor/index.md:15: `<u8>` is not closed",
            ),
            (
                "<div>\n\nSome words.",
                "src/reactor/index.md:13: `<div>` is not closed",
            ),
            (
                "Some bold</b> words.",
                "src/reactor/index.md:13: `</b>` closes nothing",
            ),
            (
                "Once.[^a]\n\n[^a]: One.\n\n[^a]: Two.",
                "src/reactor/index.md:17: the footnote `a` stands here a second time",
            ),
            (
                "[^b]: One.",
                "src/reactor/index.md:13: nothing refers to this footnote",
            ),
        ] {
            let told = said(words);
            assert!(told.starts_with(says), "{words:?}: {told:?}");
        }
        assert_eq!(
            said("Some <b>bold</b> words, `<b>` and `Vec<u8>`.\n\n```text\n<b>\n```"),
            ""
        );
    }

    #[test]
    fn a_message_that_is_not_known_is_told_as_it_is() {
        let fixture = Fixture::new();
        let told = |said: &str| problems(&fixture.house, &[said.to_owned()]).to_string();
        assert_eq!(
            told("something is odd in `reactor/index.md`\nvery odd"),
            "src/reactor/index.md:1: mdBook says: something is odd in `reactor/index.md` very odd"
        );
        assert_eq!(
            told("something is odd"),
            "book.toml:1: mdBook says: something is odd"
        );
    }
}

//! Reads the pages of a built site: what a reader would read of each, section by section.
use anyhow::{Context, Result};
use html5ever::{
    TokenizerResult,
    tendril::StrTendril,
    tokenizer::{
        BufferQueue, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
    },
};
use regex::Regex;
use std::{
    cell::RefCell,
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};

/// A heading and what stands below it, up to the next one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Section {
    /// Its place in the page; empty for what stands before the first heading.
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) text: String,
}

/// What is written on a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Text {
    /// What the browser's tab says.
    pub(crate) title: String,
    pub(crate) sections: Vec<Section>,
    /// The first paragraph that says something.
    pub(crate) first: String,
}

/// Elements without an end.
const VOID: [&str; 10] = [
    "area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr",
];

/// Programs, what they print, and pictures are not what a reader searches for; nor is what one
/// presses.
const SKIPPED: [&str; 7] = ["svg", "pre", "script", "style", "nav", "button", "noscript"];

/// Parts of a page that say again what the picture shows, or stand in every card.
const SKIPPED_CLASSES: [&str; 11] = [
    "lines",
    "steps",
    "tab-name",
    "run-label",
    "listing-file",
    "step-through",
    "page-facts",
    "letter",
    "missing",
    "start",
    "listing-number",
];

/// Elements that stand for themselves: words before and after do not touch.
const BLOCKS: [&str; 16] = [
    "p",
    "div",
    "li",
    "ul",
    "ol",
    "td",
    "th",
    "tr",
    "table",
    "figure",
    "figcaption",
    "details",
    "summary",
    "dt",
    "dd",
    "br",
];

/// A paragraph that is shorter than this introduces a list or a listing, and says little of the
/// page.
const SAYS_LITTLE: usize = 60;

/// Returns every page below `site` but those that stand for other pages, relative to it and in
/// order.
///
/// # Errors
/// When a folder cannot be read.
pub(crate) fn pages(site: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut left = vec![PathBuf::new()];
    while let Some(folder) = left.pop() {
        let folder_there = site.join(&folder);
        for entry in fs::read_dir(&folder_there)
            .with_context(|| format!("{} cannot be read", folder_there.display()))?
        {
            let entry = entry?;
            let path = folder.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                left.push(path);
            } else if path.extension().is_some_and(|end| end == "html") {
                found.push(path);
            }
        }
    }
    found.retain(|path| {
        !["toc.html", "404.html", "print.html"]
            .iter()
            .any(|name| path == Path::new(name))
    });
    found.sort();
    Ok(found)
}

/// Returns what a reader reads on a page, programs and pictures apart.
pub(crate) fn read(html: &str) -> Text {
    // Most of a page is neither read nor looked at.
    static UNREAD: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"(?s)<svg.*?</svg>|<pre>.*?</pre>|<div class="lines".*?</div>"#)
            .expect("a pattern")
    });
    let html = UNREAD.replace_all(html, " ");
    let sink = Reader::default();
    let queue = BufferQueue::default();
    queue.push_back(StrTendril::from_slice(&html));
    let tokenizer = Tokenizer::new(sink, TokenizerOpts::default());
    let done = tokenizer.feed(&queue);
    debug_assert!(matches!(done, TokenizerResult::Done));
    tokenizer.end();
    tokenizer.sink.state.into_inner().finished()
}

#[derive(Default)]
struct Reader {
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    text: Text,
    /// The open elements of `<main>`, and whether all in each is left out.
    open: Vec<(String, bool)>,
    in_title: bool,
    in_main: bool,
    heading: bool,
    /// The paragraph that is being read, if it may be the first.
    paragraph: Option<String>,
}

impl State {
    fn finished(mut self) -> Text {
        for section in &mut self.text.sections {
            section.text = joined(&section.text);
            section.title = joined(&section.title);
        }
        self.text.title = joined(&self.text.title);
        self.text
    }

    fn start(&mut self, name: &str, attribute: impl Fn(&str) -> Option<String>, closed: bool) {
        if name == "title" {
            self.in_title = self.open.is_empty() && self.text.title.is_empty();
        }
        if name == "main" {
            self.in_main = true;
            self.text.sections.push(Section::default());
        }
        if !self.in_main {
            return;
        }
        let class = attribute("class").unwrap_or_default();
        let mut classes = class.split(' ');
        let skipped = self.open.last().is_some_and(|(_, skipped)| *skipped)
            || SKIPPED.contains(&name)
            || classes.any(|class| SKIPPED_CLASSES.contains(&class));
        if !skipped && matches!(name, "h1" | "h2" | "h3") {
            self.heading = true;
            self.text.sections.push(Section {
                id: attribute("id").unwrap_or_default(),
                ..Section::default()
            });
        }
        if !skipped && name == "p" && class.is_empty() && self.text.first.is_empty() {
            self.paragraph = Some(String::new());
        }
        if BLOCKS.contains(&name) && !skipped {
            self.put(" ");
        }
        if !closed && !VOID.contains(&name) {
            self.open.push((name.to_owned(), skipped));
        }
    }

    fn end(&mut self, name: &str) {
        if name == "title" {
            self.in_title = false;
        }
        if !self.in_main {
            return;
        }
        if matches!(name, "h1" | "h2" | "h3") {
            self.heading = false;
        }
        if name == "p"
            && let Some(paragraph) = self.paragraph.take()
        {
            let paragraph = joined(&paragraph);
            if paragraph.chars().count() >= SAYS_LITTLE {
                self.text.first = paragraph;
            }
        }
        if let Some(at) = self.open.iter().rposition(|(open, _)| open == name) {
            self.open.truncate(at);
        }
        if BLOCKS.contains(&name) && !self.open.last().is_some_and(|(_, skipped)| *skipped) {
            self.put(" ");
        }
        if name == "main" {
            self.in_main = false;
        }
    }

    fn put(&mut self, text: &str) {
        if self.in_title {
            self.text.title.push_str(text);
        }
        let skipped = self.open.last().is_some_and(|(_, skipped)| *skipped);
        let Some(section) = self
            .text
            .sections
            .last_mut()
            .filter(|_| self.in_main && !skipped)
        else {
            return;
        };
        match self.heading {
            true => section.title.push_str(text),
            false => section.text.push_str(text),
        }
        if let Some(paragraph) = &mut self.paragraph {
            paragraph.push_str(text);
        }
    }
}

impl TokenSink for Reader {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut state = self.state.borrow_mut();
        match token {
            Token::TagToken(tag) => {
                let name = tag.name.to_string();
                match tag.kind {
                    TagKind::StartTag => {
                        let attribute = |wanted: &str| {
                            let found = tag.attrs.iter().find(|one| &*one.name.local == wanted);
                            found.map(|one| one.value.to_string())
                        };
                        state.start(&name, attribute, tag.self_closing);
                        if name == "script" || name == "style" {
                            return TokenSinkResult::RawData(
                                html5ever::tokenizer::states::RawKind::Rawtext,
                            );
                        }
                    }
                    TagKind::EndTag => state.end(&name),
                }
            }
            Token::CharacterTokens(text) => state.put(&text),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

/// Words with one blank between them.
fn joined(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<html><head><title>Timers · Reactor</title><script>if (a < b) { }</script></head><body><nav>menu</nav><main>\
        <h1 id=\"timers\"><a class=\"header\" href=\"#timers\">Timers</a></h1><p class=\"page-facts\">12 minutes</p><p>Short.</p>\
        <p>A timer is a call that is made later, and <code>call_later</code> is how you ask for&nbsp;one.</p>\
        <figure><figcaption>A run</figcaption><svg><title>picture</title><text>hidden</text></svg><details class=\"steps\"><p>step</p></details></figure>\
        <pre><code>fn secret() {}</code></pre><h2 id=\"heap\">The &lt;heap&gt;</h2><ul><li>one</li><li>two</li></ul></main><p>foot</p></body></html>";

    #[test]
    fn a_page_is_its_prose_by_sections() {
        let text = read(PAGE);
        assert_eq!(text.title, "Timers · Reactor");
        let told: Vec<_> = text
            .sections
            .iter()
            .map(|s| (s.id.as_str(), s.title.as_str(), s.text.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                ("", "", ""),
                (
                    "timers",
                    "Timers",
                    "Short. A timer is a call that is made later, and call_later is how you ask for one. A run"
                ),
                ("heap", "The <heap>", "one two"),
            ]
        );
        assert_eq!(
            text.first,
            "A timer is a call that is made later, and call_later is how you ask for one."
        );
    }
}

//! Colours the code of a page when the book is built, so that no page needs a script for it.
//!
//! A fenced block becomes the element that mdBook would make of it, with its hidden lines marked as mdBook marks them, and
//! its words in `<span>`s of seven classes, which `theme/colour.css` paints.
use super::markup::escape;
use crate::parallel;
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag};
use sha2::{Digest, Sha256};
use std::{
    collections::{BTreeMap, HashMap},
    fmt::Write,
    fs, io,
    ops::Range,
    path::{Path, PathBuf},
    str::FromStr,
    sync::{LazyLock, Mutex, PoisonError},
};
use syntect::parsing::{ParseState, Scope, ScopeStack, SyntaxReference, SyntaxSet};

/// The languages that are coloured, and what syntect calls them. All others have one colour, as what a program prints has.
const LANGUAGES: [(&str, &str); 10] = [
    ("rust", "Rust"),
    ("python", "Python"),
    ("toml", "TOML"),
    ("diff", "Diff"),
    ("sql", "SQL"),
    ("html", "HTML"),
    ("javascript", "JavaScript"),
    ("js", "JavaScript"),
    ("c", "C"),
    ("cpp", "C++"),
];

/// What a scope is painted as; the first that fits the innermost scope decides. An empty class is no colour.
const CLASSES: [(&str, &str); 30] = [
    ("comment", "c"),
    ("string", "s"),
    ("constant.character", "s"),
    ("constant.numeric", "n"),
    ("constant.language", "n"),
    ("variable.annotation", "n"),
    ("meta.annotation", "n"),
    ("entity.name.tag", "t"),
    ("entity.name.impl", "t"),
    ("entity.name", "f"),
    ("entity.other.attribute-name", "t"),
    ("variable.other.key", "t"),
    ("support.macro", "t"),
    ("support.function", "t"),
    ("support.type", "t"),
    ("support.class", "t"),
    ("meta.mapping.key", "t"),
    ("keyword.operator.logical.python", "k"),
    ("keyword.operator.word", "k"),
    ("keyword.operator", ""),
    ("keyword", "k"),
    ("storage.modifier.lifetime", "s"),
    ("storage.modifier", "k"),
    ("storage.type", "k"),
    ("variable.language", "k"),
    ("variable.parameter", ""),
    ("markup.inserted", "a"),
    ("markup.deleted", "d"),
    ("meta.diff", "c"),
    ("meta.separator", "c"),
];

/// In syntect's grammar `u32` and `let` have the same scope.
const TYPES: [&str; 18] = [
    "bool", "char", "str", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64",
    "i128", "isize", "f32", "f64", "Self",
];

/// How many blocks are remembered.
const MOST: usize = 5_000;

static SYNTAXES: LazyLock<SyntaxSet> = LazyLock::new(SyntaxSet::load_defaults_newlines);

static SCOPES: LazyLock<Vec<(Scope, &str)>> = LazyLock::new(|| {
    let scope = |name: &str| Scope::from_str(name).expect("a scope");
    CLASSES
        .iter()
        .map(|(name, class)| (scope(name), *class))
        .collect()
});

/// What a block is coloured for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Medium {
    Screen,
    /// All is black there, and nobody can unfold a hidden line.
    Paper,
}

/// A text with every block of a known language coloured.
pub(crate) fn page(text: &str, medium: Medium, known: &mut Known) -> String {
    if medium == Medium::Paper {
        return blocks(text, medium, known);
    }
    if let Some(done) = known.pages.get(text) {
        return done.clone();
    }
    let out = blocks(text, medium, known);
    if known.pages.len() >= MOST {
        known.pages.clear();
    }
    known.pages.insert(text.to_owned(), out.clone());
    out
}

fn blocks(text: &str, medium: Medium, known: &mut Known) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut done = 0;
    for (span, info, code) in fences(text) {
        let mut words = info.split([' ', '\t', ',']).filter(|word| !word.is_empty());
        let Some((language, syntax)) = words.next().and_then(syntax) else {
            continue;
        };
        let classes: String = words.flat_map(|word| [" ", word]).collect();
        let html = format!(
            "<pre><code class=\"language-{language}{}\">{}</code></pre>",
            escape(&classes),
            coloured(language, syntax, &code, medium, known)
        );
        // In a list or a quotation each line begins as the fence's does.
        let line = text[..span.start].rfind('\n').map_or(0, |at| at + 1);
        let before: String = text[line..span.start]
            .chars()
            .map(|c| if c == '>' { '>' } else { ' ' })
            .collect();
        out.push_str(&text[done..span.start]);
        out.push_str(&html.replace('\n', &format!("\n{before}")));
        done = span.end;
        if !text[done..].starts_with('\n') {
            out.push('\n');
        }
    }
    out.push_str(&text[done..]);
    out
}

/// Every fenced block: where it stands, its first line after the fence, and its code.
fn fences(text: &str) -> Vec<(Range<usize>, String, String)> {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_GFM
        | Options::ENABLE_DEFINITION_LIST;
    let mut found: Vec<(Range<usize>, String, String)> = Vec::new();
    let mut inside = false;
    for (event, span) in Parser::new_ext(text, options).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                found.push((span, info.to_string(), String::new()));
                inside = true;
            }
            Event::Text(code) if inside => {
                if let Some(block) = found.last_mut() {
                    block.2.push_str(&code);
                }
            }
            _ => inside = false,
        }
    }
    found
}

fn syntax(language: &str) -> Option<(&'static str, &'static SyntaxReference)> {
    let (ours, theirs) = LANGUAGES.iter().find(|(ours, _)| *ours == language)?;
    Some((ours, SYNTAXES.find_syntax_by_name(theirs)?))
}

/// What the last build of this process knew.
static LAST: Mutex<Option<Known>> = Mutex::new(None);

/// What was coloured before: a second build has few new programs, and syntect needs a minute for all of the book.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// The lines of a block as HTML, by a digest of its language and code.
    blocks: BTreeMap<String, String>,
    file: Option<PathBuf>,
    changed: bool,
    /// Whole pages as they were and as they became: of a book that is saved again and again, one is new.
    pages: HashMap<String, String>,
}

impl Known {
    /// What is kept in a folder that may be removed at any time. What cannot be read is made again.
    pub(crate) fn open(folder: &Path) -> Known {
        let file = folder.join("colours.json");
        // While one serves, a build follows the other, and the file holds what is known here already.
        let last = LAST.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(known) = last.filter(|known| known.file.as_ref() == Some(&file)) {
            return known;
        }
        let blocks = fs::read(&file)
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default();
        Known {
            blocks,
            file: Some(file),
            changed: false,
            pages: HashMap::new(),
        }
    }

    /// Keeps it for the next build; where nobody may write, that one colours again.
    pub(crate) fn keep(mut self) {
        self.write();
        self.changed = false;
        *LAST.lock().unwrap_or_else(PoisonError::into_inner) = Some(self);
    }

    fn write(&self) {
        let Some(file) = self.file.as_ref().filter(|_| self.changed) else {
            return;
        };
        // Two builds at a time do not write into one file.
        let fresh = file.with_extension(std::process::id().to_string());
        let written = serde_json::to_vec(&self.blocks)
            .map_err(io::Error::other)
            .and_then(|bytes| fs::write(&fresh, bytes))
            .and_then(|()| fs::rename(&fresh, file));
        if written.is_err() {
            let _ = fs::remove_file(fresh);
        }
    }

    /// Colours, on all processors, what these texts have and nobody has coloured yet.
    pub(crate) fn prepare(&mut self, texts: &[&str]) -> anyhow::Result<()> {
        let mut open = BTreeMap::new();
        for (_, info, code) in texts.iter().flat_map(|text| fences(text)) {
            let word = info.split([' ', '\t', ',']).find(|word| !word.is_empty());
            if let Some((language, syntax)) = word.and_then(syntax) {
                let code = whole(&read(language, &code));
                let key = key(language, &code);
                if !self.blocks.contains_key(&key) {
                    open.insert(key, (syntax, code));
                }
            }
        }
        let open: Vec<_> = open.into_iter().collect();
        let at_once = std::thread::available_parallelism().map_or(1, usize::from);
        let done = parallel::map(&open, at_once, |(_, (syntax, code))| Ok(html(syntax, code)))?;
        for ((key, _), html) in open.into_iter().zip(done) {
            self.add(key, html);
        }
        Ok(())
    }

    fn add(&mut self, key: String, html: String) {
        if self.blocks.len() >= MOST {
            self.blocks.clear();
        }
        self.blocks.insert(key, html);
        self.changed = true;
    }

    fn lines(&mut self, language: &str, syntax: &SyntaxReference, code: &str) -> String {
        let key = key(language, code);
        if let Some(html) = self.blocks.get(&key) {
            return html.clone();
        }
        let html = html(syntax, code);
        self.add(key, html.clone());
        html
    }
}

/// The digest of a block. Another version of this file colours otherwise.
fn key(language: &str, code: &str) -> String {
    static VERSION: LazyLock<Sha256> =
        LazyLock::new(|| Sha256::new_with_prefix(include_str!("colour.rs")));
    let mut digest = VERSION.clone();
    for part in [language, code] {
        digest.update([0]);
        digest.update(part);
    }
    digest
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The lines of a block as HTML.
fn html(syntax: &SyntaxReference, code: &str) -> String {
    let mut parser = ParseState::new(syntax);
    let mut stack = ScopeStack::new();
    let mut classes = Classes::new();
    code.split_inclusive('\n')
        .map(|line| one(&mut parser, &mut stack, &mut classes, line))
        .collect()
}

/// The lines of a block as they are read, and which are hidden.
fn read(language: &str, code: &str) -> Vec<(String, bool)> {
    code.lines()
        .map(|line| match language {
            "rust" => hidden(line),
            _ => (line.to_owned(), false),
        })
        .collect()
}

/// A fragment and its whole file have the same lines, so they are coloured once.
fn whole(lines: &[(String, bool)]) -> String {
    lines.iter().flat_map(|(line, _)| [line, "\n"]).collect()
}

/// A line as it is read, and whether it is hidden.
fn hidden(line: &str) -> (String, bool) {
    let code = line.trim_start();
    let indent = &line[..line.len() - code.len()];
    match code.strip_prefix('#') {
        Some(rest) if rest.starts_with('#') => (format!("{indent}{rest}"), false),
        Some("") => (indent.to_owned(), true),
        Some(rest) if rest.starts_with(' ') => (format!("{indent}{}", &rest[1..]), true),
        _ => (line.to_owned(), false),
    }
}

fn coloured(
    language: &str,
    syntax: &SyntaxReference,
    code: &str,
    medium: Medium,
    known: &mut Known,
) -> String {
    let lines = read(language, code);
    if medium == Medium::Paper {
        let shown = lines.iter().filter(|(_, boring)| !boring);
        let shown: Vec<&str> = shown.map(|(line, _)| line.as_str()).collect();
        return guarded(language, escape(&shown.join("\n")));
    }
    let html = known.lines(language, syntax, &whole(&lines));
    let mut out = String::new();
    for (html, (_, boring)) in html.lines().zip(&lines) {
        match boring {
            true => {
                let _ = write!(out, "<span class=\"boring\">{html}\n</span>");
            }
            false => {
                out.push_str(html);
                out.push('\n');
            }
        }
    }
    // mdBook gives a program no last end of line.
    if out.ends_with('\n') {
        out.pop();
    }
    guarded(language, out)
}

/// mdBook would look for hidden lines itself if the first thing in a program were text.
fn guarded(language: &str, mut html: String) -> String {
    if language == "rust" && !html.starts_with('<') {
        let end = html.find(['<', '\n']).unwrap_or(html.len());
        html.insert_str(end, "</span>");
        html.insert_str(0, "<span>");
    }
    html
}

/// One line; where the grammar gives up it is text.
fn one(
    parser: &mut ParseState,
    stack: &mut ScopeStack,
    classes: &mut Classes,
    line: &str,
) -> String {
    let Ok(changes) = parser.parse_line(line, &SYNTAXES) else {
        return escape(line);
    };
    let mut out = String::new();
    // Neighbours of one class are one.
    let mut open: (&str, String) = ("", String::new());
    let mut put = |class: &'static str, text: &str| {
        if text.is_empty() {
            return;
        }
        if open.0 != class {
            close(&mut out, &open);
            open = (class, String::new());
        }
        open.1.push_str(text);
        if text.ends_with('\n') {
            close(&mut out, &open);
            open = ("", String::new());
        }
    };
    let mut at = 0;
    for (place, change) in changes {
        let text = &line[at..place];
        put(class(stack, classes, text), text);
        at = place;
        if stack.apply(&change).is_err() {
            break;
        }
    }
    put(class(stack, classes, &line[at..]), &line[at..]);
    out
}

fn close(out: &mut String, (class, text): &(&str, String)) {
    let words = text.trim_end();
    if class.is_empty() || words.is_empty() {
        out.push_str(&escape(text));
        return;
    }
    // Blanks have no colour; so an end of line stands outside.
    let _ = write!(
        out,
        "<span class=\"{class}\">{}</span>{}",
        escape(words),
        &text[words.len()..]
    );
}

/// The class of each scope that was asked for: a grammar has few.
type Classes = HashMap<Scope, Option<&'static str>>;

fn class(stack: &ScopeStack, classes: &mut Classes, text: &str) -> &'static str {
    let word = text.trim();
    if TYPES.contains(&word) {
        return "t";
    }
    for scope in stack.scopes.iter().rev() {
        let class = classes.entry(*scope).or_insert_with(|| {
            let fits = |known: &&(Scope, &'static str)| known.0.is_prefix_of(*scope);
            SCOPES.iter().find(fits).map(|(_, class)| *class)
        });
        if let Some(class) = class {
            return class;
        }
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(text: &str) -> String {
        super::page(text, Medium::Screen, &mut Known::default())
    }

    fn plain(html: &str) -> String {
        let tags = regex::Regex::new("<[^>]*>").unwrap();
        let text = tags.replace_all(html, "");
        text.replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&#39;", "'")
            .replace("&amp;", "&")
    }

    #[test]
    fn a_program_keeps_every_character_and_hides_what_is_hidden() {
        let text = "# T\n\n```rust,no_run\n# use x;\n#\nfn main() {\n    let a: &'static str = \"<b>\"; // why\n\n## not hidden\n#[derive(Debug)]\n# }\n```\n\nEnd.\n";
        let out = page(text);
        assert!(
            out.starts_with(
                "# T\n\n<pre><code class=\"language-rust no_run\"><span class=\"boring\">"
            ),
            "{out}"
        );
        assert!(out.ends_with("</code></pre>\n\nEnd.\n"), "{out}");
        assert_eq!(out.matches("class=\"boring\"").count(), 3, "{out}");
        let code = &out[out.find("<pre>").unwrap()..out.find("</pre>").unwrap()];
        assert_eq!(
            plain(code),
            "use x;\n\nfn main() {\n    let a: &'static str = \"<b>\"; // why\n\n# not hidden\n#[derive(Debug)]\n}\n"
        );
        for piece in [
            "<span class=\"k\">fn</span> <span class=\"f\">main</span>",
            "<span class=\"s\">&quot;&lt;b&gt;&quot;</span>",
            "<span class=\"c\">// why</span>\n",
        ] {
            assert!(out.contains(piece), "{piece} is not in {out}");
        }
        assert_eq!(out.matches("<span").count(), out.matches("</span>").count());
    }

    #[test]
    fn paper_has_no_colours_and_no_hidden_lines() {
        let text = "```rust\n# use x;\nfn main() {\n    f(\"<\");\n# }\n```\n";
        let out = super::page(text, Medium::Paper, &mut Known::default());
        assert_eq!(
            out,
            "<pre><code class=\"language-rust\"><span>fn main() {</span>\n    f(&quot;&lt;&quot;);</code></pre>\n"
        );
    }

    #[test]
    fn what_was_coloured_is_kept_for_the_next_build_and_a_spoilt_file_is_no_error() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("colours.json");
        fs::write(&file, "spoilt").unwrap();
        let text = "```rust\nfn main() {}\n```\n";
        let mut known = Known::open(folder.path());
        let first = super::page(text, Medium::Screen, &mut known);
        assert!(known.changed);
        known.keep();
        // As in another process: only the file knows.
        LAST.lock().unwrap_or_else(PoisonError::into_inner).take();
        let mut known = Known::open(folder.path());
        assert_eq!(super::page(text, Medium::Screen, &mut known), first);
        assert!(!known.changed, "it was coloured again");
        // Where the folder is gone, nothing is kept, and nothing fails.
        let mut known = Known::open(&folder.path().join("gone"));
        super::page(text, Medium::Screen, &mut known);
        known.keep();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_block_in_a_list_or_a_quotation_stays_in_it() {
        let out = page(
            "1. one\n\n   ```rust\n   let a = 1;\n\n   f();\n   ```\n\n2. two\n\n> ```rust\n> g();\n> h();\n> ```\n",
        );
        assert!(out.contains("\n   <pre><code"), "{out}");
        assert!(out.contains("\n   \n   "), "{out}");
        assert!(out.contains("\n> <pre><code"), "{out}");
        let html = |text: &str| {
            let mut html = String::new();
            pulldown_cmark::html::push_html(&mut html, Parser::new(text));
            html
        };
        let html = html(&out);
        assert!(html.contains("<ol>\n<li>\n<p>one</p>\n<pre>"), "{html}");
        assert_eq!(html.matches("<ol>").count(), 1, "{html}");
        assert!(html.contains("<blockquote>\n<pre>"), "{html}");
        assert!(!html.contains("&gt; "), "{html}");
    }

    #[test]
    fn what_is_no_program_is_left_alone_and_a_bare_word_is_no_text_that_mdbook_would_search() {
        let text =
            "```text\nfn main\n```\n\n```console\n$ ls\n```\n\n```\nx\n```\n\n```mermaid\na\n```\n";
        assert_eq!(page(text), text);
        let bare = page("```rust\n    word\n# hid\n```\n");
        assert!(
            bare.contains("language-rust\"><span>    word</span>\n<span class=\"boring\">hid"),
            "{bare}"
        );
    }
}

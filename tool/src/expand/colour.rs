//! Colours the code of a page when the book is built, so that no page needs a script for it.
//!
//! A fenced block becomes the element that mdBook would make of it, with its hidden lines marked as
//! mdBook marks them, and its words in `<span>`s of seven classes, which `theme/colour.css` paints.
mod fenced;
mod known;
mod paint;

use crate::markup::escape;
use fenced::{fences, read, whole};
pub(crate) use known::Known;
use paint::syntax;
use std::fmt::Write;
use syntect::parsing::SyntaxReference;

/// What a block is coloured for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Medium {
    Screen,
    /// All is black there, and a hidden line cannot be unfolded.
    Paper,
}

/// Returns a text with every block of a known language coloured.
pub(crate) fn page(text: &str, medium: Medium, known: &mut Known) -> String {
    if medium == Medium::Paper {
        return blocks(text, medium, known);
    }
    known.page(text, |known| blocks(text, medium, known))
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
    // mdBook leaves out a program's last end of line.
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

#[cfg(test)]
mod tests {
    use super::{known::LAST, *};
    use pulldown_cmark::Parser;
    use std::{fs, sync::PoisonError};

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

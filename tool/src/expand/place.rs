//! Where a page stands: its neighbours at the foot, its title, the letters of the glossary.
use super::{
    href,
    references::{PageInfo, References},
};
use crate::{archive, markup::escape};
use std::{collections::BTreeSet, fmt::Write, path::Path};

/// Returns the page before and the page after, by name. The whole files have no neighbours.
pub(crate) fn neighbours(refs: &References, info: &PageInfo) -> String {
    let Some(at) = refs.pages.iter().position(|one| one.path == info.path) else {
        return String::new();
    };
    let before = at.checked_sub(1).and_then(|at| refs.pages.get(at));
    let mut out =
        String::from("\n\n<nav class=\"neighbours\" aria-label=\"Previous and next page\">");
    for (rel, word, other) in [
        ("prev", "Previous", before),
        ("next", "Next", refs.pages.get(at + 1)),
    ] {
        if let Some(other) = other {
            let _ = write!(
                out,
                "<a rel=\"{rel}\" href=\"{}{}\"><span>{word}</span>{}</a>",
                info.to_root(),
                href(&other.path),
                escape(&named(other)),
            );
        }
    }
    out.push_str("</nav>\n");
    out
}

/// `{{#archive}}`: the archive of the whole repository, as a link.
pub(crate) fn archive(info: &PageInfo) -> String {
    let name = archive::name();
    format!("[{name}]({}{name})", info.to_root())
}

/// `4.3 Two ends`.
fn named(info: &PageInfo) -> String {
    let numbers = info.number.as_deref().unwrap_or_default();
    let number: Vec<String> = numbers.iter().map(u32::to_string).collect();
    format!("{} {}", number.join("."), info.name)
        .trim_start()
        .to_owned()
}

/// Returns the title of a section in the browser's tab and in lists of results, where pages of
/// several chapters stand side by side: `What goes wrong · Deferreds · Untwisted`.
pub(crate) fn title(refs: &References, info: &PageInfo) -> String {
    let chapter = info.path.parent().unwrap_or(Path::new("")).join("index.md");
    match refs.pages.iter().find(|one| one.path == chapter) {
        Some(chapter) if chapter.path != info.path && info.path.components().count() > 1 => {
            format!(
                "{{{{#title {} · {} · Untwisted}}}}\n",
                escape(&info.name),
                escape(&chapter.name)
            )
        }
        _ => String::new(),
    }
}

/// Returns a page of terms, each a heading of the third level, as a table of its letters and a
/// block for each term.
pub(crate) fn glossary(text: &str) -> String {
    let terms = || text.lines().filter_map(|line| line.strip_prefix("### "));
    let letter = |term: &str| {
        let first = term.chars().find(char::is_ascii_alphabetic);
        first.map_or('A', |c| c.to_ascii_uppercase())
    };
    let used: BTreeSet<char> = terms().map(letter).collect();
    let mut letters = String::from("<nav class=\"az\" aria-label=\"Letters\">");
    for c in 'A'..='Z' {
        let _ = match used.contains(&c) {
            true => write!(letters, "<a href=\"#letter-{c}\">{c}</a>"),
            false => write!(letters, "<span>{c}</span>"),
        };
    }
    letters.push_str("</nav>\n\n<div class=\"glossary\">\n");
    let mut out = String::new();
    let mut now = None;
    for line in text.lines() {
        if line.trim() == "## Terms" {
            continue;
        }
        if let Some(term) = line.strip_prefix("### ") {
            match now {
                None => out.push_str(&letters),
                Some(_) => out.push_str("\n</div></div>\n\n"),
            }
            let letter = letter(term);
            if now != Some(letter) {
                let _ = writeln!(
                    out,
                    "<h2 class=\"letter\" id=\"letter-{letter}\">{letter}</h2>\n"
                );
            }
            now = Some(letter);
            let _ = writeln!(out, "<div class=\"term\">\n\n{line}\n\n<div>\n");
            continue;
        }
        out.push_str(line);
        out.push('\n');
    }
    if now.is_some() {
        out.push_str("\n</div></div>\n\n</div>\n");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glossary_has_its_letters_once_and_a_block_for_each_term() {
        let out = glossary(
            "# Glossary\n\n## Terms\n\n### `await`\n\nOne.\n\n### actor\n\nTwo.\n\n### loop\n\nThree.\n",
        );
        assert_eq!(out.matches("id=\"letter-A\"").count(), 1, "{out}");
        assert_eq!(out.matches("<div class=\"term\">").count(), 3, "{out}");
        assert_eq!(out.matches("<div").count(), out.matches("</div>").count());
        assert!(
            out.contains("<a href=\"#letter-L\">L</a><span>M</span>"),
            "{out}"
        );
        assert_eq!(glossary("# Glossary\n"), "# Glossary\n");
    }
}

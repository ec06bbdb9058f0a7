//! The index of the search: the prose of every page by sections, as a script that a page loads when
//! its reader searches.
//!
//! It holds no table of words: a browser looks through all of it in less time than it needs to draw
//! the answers. Of a long section it has the beginning, which is what a reader is shown, and of the
//! rest each word once.
use crate::site_text::{self, Text};
use anyhow::Result;
use serde::Serialize;
use std::{collections::HashSet, fs, path::Path};

/// What the file is called in the site.
pub(crate) const NAME: &str = "searchindex.js";

/// A page: its address from the root, its title.
#[derive(Serialize)]
struct Page(String, String);

/// A section: its page, its id, its title, how it begins, the words of the rest.
#[derive(Serialize)]
struct Section(usize, String, String, String, String);

/// How many characters of a section are kept as they are.
const BEGINNING: usize = 320;

#[derive(Default, Serialize)]
struct Index {
    pages: Vec<Page>,
    sections: Vec<Section>,
}

/// Writes the index of the site at `dest`. The pages of whole files are found by their listings.
///
/// # Errors
/// When a page cannot be read, or the site not be written.
pub(crate) fn write(dest: &Path, texts: &[(String, Text)]) -> Result<()> {
    let mut index = Index::default();
    for (path, text) in texts {
        // index.html is the first page once more.
        if path == "index.html" || path.starts_with("listings/") {
            continue;
        }
        let page = index.pages.len();
        index.pages.push(Page(path.clone(), named(text).to_owned()));
        for section in &text.sections {
            if !section.title.is_empty() {
                let (beginning, rest) = shortened(&section.text);
                index.sections.push(Section(
                    page,
                    section.id.clone(),
                    section.title.clone(),
                    beginning,
                    rest,
                ));
            }
        }
    }
    let script = format!(
        "(globalThis.untwisted??={{}}).search={};\n",
        serde_json::to_string(&index)?
    );
    fs::write(dest.join(NAME), script)?;
    Ok(())
}

/// Returns what the tab says without the book's title, which would stand in every answer.
fn named(text: &Text) -> &str {
    let title = text.title.split(" · Untwisted").next().unwrap_or_default();
    let heads = text.sections.iter().map(|section| section.title.as_str());
    let mut plain = heads.filter(|head| !head.is_empty());
    match plain.next() {
        Some(head) if title.starts_with(&format!("{head} - ")) => head,
        _ => title,
    }
}

/// Returns how a text begins, and each further word that is not in there, once.
fn shortened(text: &str) -> (String, String) {
    let Some((end, _)) = text.char_indices().nth(BEGINNING) else {
        return (text.to_owned(), String::new());
    };
    let end = text[..end].rfind(' ').unwrap_or(end);
    let words = |text: &str| -> Vec<String> {
        text.split(|c: char| !(c.is_alphanumeric() || c == '_'))
            .filter(|word| word.chars().count() > 1)
            .map(str::to_lowercase)
            .collect()
    };
    let mut seen: HashSet<String> = words(&text[..end]).into_iter().collect();
    let mut rest = words(&text[end..]);
    rest.retain(|word| seen.insert(word.clone()));
    (text[..end].to_owned(), rest.join(" "))
}

/// Returns all pages of a site as text.
///
/// # Errors
/// When one cannot be read.
pub(crate) fn texts(dest: &Path) -> Result<Vec<(String, Text)>> {
    let mut found = Vec::new();
    for path in site_text::pages(dest)? {
        let html = fs::read_to_string(dest.join(&path))?;
        // A page that has moved only says where to.
        if !html.contains("<main>") {
            continue;
        }
        found.push((crate::expand::slashed(&path), site_text::read(&html)));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_section_keeps_its_beginning_and_every_word_of_the_rest() {
        assert_eq!(
            shortened("One two."),
            ("One two.".to_owned(), String::new())
        );
        let long = format!("{}Zebra word, zebra call_later: a Z.", "word ".repeat(70));
        let (beginning, rest) = shortened(&long);
        assert!(
            beginning.ends_with("word") && beginning.len() <= BEGINNING,
            "{beginning}"
        );
        assert_eq!(rest, "zebra call_later");
    }
}

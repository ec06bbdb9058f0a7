//! Checks every link inside the built book: its page, its file, its anchor.
use crate::{
    expand::{Page, slashed},
    finding::Findings,
};
use anyhow::{Context, Result};
use regex::Regex;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Component, Path, PathBuf},
};

/// Looks through the pages of a built site. What the site links to is compared with what is there,
/// so links that directives write are checked, too.
///
/// # Errors
/// When a file of the site cannot be read.
pub fn lint(site: &Path, pages: &[Page], found: &mut Findings) -> Result<()> {
    let (link, id) = (
        Regex::new(r#"(?:href|src)="([^"]*)""#)?,
        Regex::new(r#"\b(?:id|name)="([^"]*)""#)?,
    );
    let mut ids: BTreeMap<PathBuf, BTreeSet<String>> = BTreeMap::new();
    for page in pages {
        let html = page.path.with_extension("html");
        let file = site.join(&html);
        let text = std::fs::read_to_string(&file)
            .with_context(|| format!("{} cannot be read", file.display()))?;
        let mut seen = BTreeSet::new();
        for link in link.captures_iter(main_part(&text)) {
            let link = unescaped(&link[1]);
            if seen.insert(link.clone())
                && let Some(what) = dead(site, &html, &link, &id, &mut ids)
            {
                let (line, written) = written(page, &link);
                found.add(
                    slashed(&page.file),
                    line,
                    what.replace(&format!("`{link}`"), &format!("`{written}`")),
                    "mend the link, or what it names",
                );
            }
        }
    }
    Ok(())
}

/// What stands between the frame's parts: the frame is the same on every page.
fn main_part(text: &str) -> &str {
    let start = text.find("<main").unwrap_or(0);
    let end = text[start..]
        .find("</main>")
        .map_or(text.len(), |at| start + at);
    &text[start..end]
}

fn unescaped(link: &str) -> String {
    link.replace("&amp;", "&")
        .replace("&#x2F;", "/")
        .replace("&quot;", "\"")
}

/// Why a link leads nowhere; nothing when it is fine or leaves the book.
fn dead(
    site: &Path,
    from: &Path,
    link: &str,
    id: &Regex,
    ids: &mut BTreeMap<PathBuf, BTreeSet<String>>,
) -> Option<String> {
    let outside = link.contains("://") || link.starts_with("mailto:") || link.starts_with("data:");
    if outside || link.is_empty() {
        return link.is_empty().then(|| "a link names nothing".to_owned());
    }
    let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
    let path = path.split('?').next().unwrap_or_default();
    let mut target = if path.is_empty() {
        from.to_owned()
    } else {
        joined(from.parent().unwrap_or(Path::new("")), path)
    };
    if path.ends_with('/') {
        target.push("index.html");
    }
    let file = site.join(&target);
    if !file.is_file() {
        return Some(format!("a dead link: `{link}` leads to no page or file"));
    }
    if anchor.is_empty() || target.extension().is_none_or(|ending| ending != "html") {
        return None;
    }
    let ids = ids.entry(target).or_insert_with(|| {
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        id.captures_iter(&text)
            .map(|id| unescaped(&id[1]))
            .collect()
    });
    let anchor = decoded(anchor);
    if ids.contains(&anchor) {
        return None;
    }
    let near = crate::problem::nearest(&anchor, ids.iter().map(String::as_str))
        .map(|near| format!("; did you mean `#{near}`?"))
        .unwrap_or_default();
    Some(format!(
        "a dead link: `{link}` leads to a page that has no `#{anchor}`{near}"
    ))
}

/// `%C3%A9` as the letters it stands for.
fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let code = text
            .get(at + 1..at + 3)
            .filter(|_| bytes[at] == b'%')
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        out.push(code.unwrap_or(bytes[at]));
        at += if code.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn joined(folder: &Path, path: &str) -> PathBuf {
    let mut target = folder.to_owned();
    for part in Path::new(&decoded(path)).components() {
        match part {
            Component::ParentDir if target.pop() => {}
            Component::ParentDir => target.push(".."),
            Component::Normal(part) => target.push(part),
            _ => {}
        }
    }
    target
}

/// The line of a page in which a link stands, and how the page writes it; 0 when a directive made
/// it.
fn written(page: &Page, link: &str) -> (usize, String) {
    let in_source = link.replace(".html", ".md");
    for (at, line) in page.source.lines().enumerate() {
        for spelling in [in_source.as_str(), link] {
            if line.contains(spelling) {
                return (at + 1, spelling.to_owned());
            }
        }
    }
    (0, link.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_files_and_anchors_are_looked_up() {
        let folder = tempfile::tempdir().expect("a folder");
        let site = folder.path();
        std::fs::create_dir_all(site.join("a")).expect("made");
        std::fs::write(site.join("g.html"), "<h2 id=\"turn\">").expect("written");
        std::fs::write(site.join("a/index.html"), "<h1 id=\"Ü\">").expect("written");
        let id = Regex::new(r#"\b(?:id|name)="([^"]*)""#).expect("fine");
        let mut ids = BTreeMap::new();
        let mut dead = |link: &str| dead(site, Path::new("a/index.html"), link, &id, &mut ids);
        for fine in [
            "../g.html",
            "../g.html#turn",
            "#%C3%9C",
            "https://a.example",
            "../a/",
        ] {
            assert_eq!(dead(fine), None);
        }
        assert!(dead("h.html").expect("dead").contains("no page or file"));
        assert!(
            dead("../../g.html")
                .expect("dead")
                .contains("no page or file")
        );
        assert!(
            dead("../g.html#turns")
                .expect("dead")
                .contains("did you mean `#turn`?")
        );
        assert!(dead("").is_some());
    }
}

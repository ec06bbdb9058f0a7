//! The link "Skip to the text" as the first thing of every page.
//!
//! mdBook has a place for it behind the side bar only (`theme/header.hbs`): by keyboard and without
//! scripts you would come to it after every chapter. The line is moved, and no other one changes;
//! in a site of stock mdBook `theme/frame.js` does that.
use anyhow::{Context, Result};
use std::{fs, path::Path};

/// How the line begins that `theme/header.hbs` writes on each page.
const LINK: &str = "<a class=\"skip\"";

/// How the line ends behind which it stands.
const BODY: &str = "<body>\n";

/// Moves it in every page below `folder`.
///
/// # Errors
/// When a page has the link and no body, or cannot be read or written.
pub(crate) fn write(folder: &Path) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            write(&path)?;
        } else if path.extension().is_some_and(|end| end == "html") {
            page(&path)?;
        }
    }
    Ok(())
}

/// Moves it in one page.
///
/// # Errors
/// When the page has the link and no body, or cannot be read or written.
pub(crate) fn page(path: &Path) -> Result<()> {
    let html = fs::read_to_string(path)?;
    let moved = first(&html).with_context(|| path.display().to_string())?;
    if let Some(moved) = moved {
        // A part of the site before may be linked in here: it keeps its own.
        fs::remove_file(path)?;
        fs::write(path, moved)?;
    }
    Ok(())
}

/// Returns the page with the link first; none when there is no link, or it is there already.
fn first(html: &str) -> Result<Option<String>> {
    let Some(link) = html.find(LINK) else {
        return Ok(None);
    };
    let body = html.find(BODY).context("mdBook wrote no <body>")? + BODY.len();
    let start = html[..link].rfind('\n').map_or(0, |at| at + 1);
    let end = link
        + html[link..]
            .find('\n')
            .map_or(html.len() - link, |at| at + 1);
    if start <= body {
        return Ok(None);
    }
    let line = &html[start..end];
    Ok(Some(
        [&html[..body], line, &html[body..start], &html[end..]].concat(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    const PAGE: &str = "<head>\n</head>\n<body>\n<nav>\n</nav>\n  <a class=\"skip\" href=\"#mdbook-content\">Skip</a>\n<main>\n";

    #[test]
    fn the_link_stands_first_and_every_other_line_stays() {
        let moved = first(PAGE).unwrap().unwrap();
        assert_eq!(
            moved,
            "<head>\n</head>\n<body>\n  <a class=\"skip\" href=\"#mdbook-content\">Skip</a>\n<nav>\n</nav>\n<main>\n"
        );
        assert_eq!(first(&moved).unwrap(), None, "moved once");
        assert_eq!(first("<body>\nno link").unwrap(), None);
        assert!(first("<a class=\"skip\">").is_err());
    }

    #[test]
    fn every_page_of_a_site_begins_with_it() {
        let fixture = Fixture::new();
        let dest = fixture.house.root.join("target/out");
        fixture.write(
            "theme/header.hbs",
            "<a class=\"skip\" href=\"#mdbook-content\">Skip</a>\n",
        );
        crate::build::site(&fixture.house, &dest).unwrap();
        for page in ["index.html", "reactor/index.html", "print.html"] {
            let html = fixture.read(&format!("target/out/{page}"));
            let after = html.split_once(BODY).unwrap().1;
            assert!(after.trim_start().starts_with(LINK), "{page}: {after}");
            assert_eq!(html.matches(LINK).count(), 1, "{page}");
        }
    }
}

//! Old addresses of a chapter go on working: each leads to where its page is now.
use crate::new::rename::paths::{flat, relative};
use std::path::Path;

const TABLE: &str = "[output.html.redirect]";

/// `book.toml` with a redirect for each page of the chapter, and with those that led there before
/// led on.
pub(super) fn kept(text: &str, old: &str, new: &str, pages: &[String]) -> String {
    let text = match text.contains(TABLE) {
        true => text.to_owned(),
        false => format!("{}\n\n{TABLE}\n", text.trim_end()),
    };
    let Some((before, after)) = text.split_once(TABLE) else {
        return text;
    };
    let html = |folder: &str, page: &str| {
        format!(
            "/{folder}/{}",
            Path::new(page).with_extension("html").display()
        )
    };
    let taken: Vec<String> = pages.iter().map(|page| html(new, page)).collect();
    let (mut rows, mut rest, mut inside) = (Vec::new(), String::new(), true);
    for line in after.lines().skip(1) {
        inside &= !line.trim().is_empty() && !line.starts_with('[');
        match row(line).filter(|_| inside) {
            // A page has this address again.
            Some((from, _)) if taken.iter().any(|page| page == from) => {}
            Some((from, to)) => rows.push((from.to_owned(), led_on(from, to, old, new))),
            None => rest += &format!("{line}\n"),
        }
    }
    for page in pages {
        let from = html(old, page);
        let to = link(&from, &html(new, page));
        rows.push((from, to));
    }
    let rows = rows
        .iter()
        .map(|(from, to)| format!("\"{from}\" = \"{to}\"\n"));
    format!("{before}{TABLE}\n{}{rest}", rows.collect::<String>())
}

fn row(line: &str) -> Option<(&str, &str)> {
    let (from, to) = line.split_once(" = ")?;
    Some((from.trim().trim_matches('"'), to.trim().trim_matches('"')))
}

/// Returns where a redirect leads when the chapter has moved.
fn led_on(from: &str, to: &str, old: &str, new: &str) -> String {
    let (page, anchor) = to.split_once('#').unwrap_or((to, ""));
    if page.contains("://") {
        return to.to_owned();
    }
    let folder = Path::new(from).parent().unwrap_or(Path::new("/"));
    let whole = flat(&folder.join(page));
    let Ok(inside) = whole.strip_prefix(Path::new("/").join(old)) else {
        return to.to_owned();
    };
    let there = link(from, &format!("/{new}/{}", inside.display()));
    match anchor {
        "" => there,
        anchor => format!("{there}#{anchor}"),
    }
}

/// Returns the link that leads from one address to another.
fn link(from: &str, to: &str) -> String {
    relative(
        Path::new(from).parent().unwrap_or(Path::new("/")),
        Path::new(to),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_addresses_lead_to_the_new_ones_and_back() {
        let pages = ["index.md", "appendix/names.md"].map(str::to_owned);
        let text = "[output.html.redirect]\n\"/web/map.html\" = \"index.html#all\"\n\"/qt/w.html\" = \"../web/index.html\"\n\
                    \"/qt/a.html\" = \"b.html\"\n\n# More.\n[output.html.search]\n";
        let now = kept(text, "web", "sites", &pages);
        assert_eq!(
            now,
            "[output.html.redirect]\n\"/web/map.html\" = \"../sites/index.html#all\"\n\"/qt/w.html\" = \"../sites/index.html\"\n\
             \"/qt/a.html\" = \"b.html\"\n\"/web/index.html\" = \"../sites/index.html\"\n\
             \"/web/appendix/names.html\" = \"../../sites/appendix/names.html\"\n\n# More.\n[output.html.search]\n"
        );
        let back = kept(&now, "sites", "web", &pages);
        assert!(!back.contains("\"/web/index.html\" ="), "{back}");
        assert!(
            back.contains("\"/sites/index.html\" = \"../web/index.html\""),
            "{back}"
        );
        assert!(
            back.contains("\"/web/map.html\" = \"index.html#all\""),
            "{back}"
        );
        assert_eq!(
            kept("[book]\ntitle = \"x\"\n", "web", "sites", &pages[..1]),
            "[book]\ntitle = \"x\"\n\n[output.html.redirect]\n\"/web/index.html\" = \"../sites/index.html\"\n"
        );
    }
}

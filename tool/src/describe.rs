//! What a page says of itself to those who link to it: its description, its address, its picture;
//! and the map of the site.
//!
//! mdBook writes the description of the book on every page. What is written here is written over
//! that one line, so that all other lines are those of stock mdBook.
use crate::{house::House, site_text::Text};
use anyhow::{Context, Result, bail};
use mdbook_driver::config::Config;
use std::{collections::BTreeMap, fmt::Write, fs, path::Path};

/// How many characters a list of results shows.
const SHOWN: usize = 160;

/// The picture that is shown with a link to the book, from the root of the site.
const PICTURE: &str = "preview.png";

/// Returns where the site will stand, with a slash at its end, if `book.toml` says so:
///
/// ```toml
/// [preprocessor.untwisted]
/// address = "https://example.org/untwisted/"
/// ```
///
/// # Errors
/// When it is no address.
pub(crate) fn address(house: &House) -> Result<Option<String>> {
    let config = Config::from_disk(house.root.join("book.toml"))?;
    let Some(mut address) = config.get::<String>("preprocessor.untwisted.address")? else {
        return Ok(None);
    };
    if !(address.starts_with("https://") || address.starts_with("http://"))
        || address.contains(['"', '<', ' ', '?', '#'])
    {
        bail!(
            "book.toml: `address = \"{address}\"` is not where a site stands: write it as https://example.org/folder/"
        );
    }
    if !address.ends_with('/') {
        address.push('/');
    }
    Ok(Some(address))
}

/// Writes on every page its own description, and writes the map of the site when its address is
/// known.
///
/// # Errors
/// When a page has no line to write over, or the site cannot be written.
pub(crate) fn write(dest: &Path, address: Option<&str>, texts: &[(String, Text)]) -> Result<()> {
    let said = all(texts);
    for ((path, _), said) in texts.iter().zip(said) {
        let file = dest.join(path);
        let html = fs::read_to_string(&file)?;
        fs::write(
            &file,
            described(&html, path, &said, address).with_context(|| path.clone())?,
        )?;
    }
    if let Some(address) = address {
        fs::write(dest.join("sitemap.xml"), sitemap(address, texts))?;
    }
    Ok(())
}

/// Returns what each page says of itself; where two begin alike, each with its title.
fn all(texts: &[(String, Text)]) -> Vec<String> {
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for (path, text) in texts {
        // index.html is the first page once more.
        if path != "index.html" {
            *times.entry(short(text)).or_default() += 1;
        }
    }
    let one = |(_, text): &(String, Text)| {
        let said = short(text);
        match times.get(&said) {
            Some(2..) => format!("{}: {said}", text.title),
            _ => said,
        }
    };
    texts.iter().map(one).collect()
}

/// Returns the page with its line of description.
fn described(html: &str, path: &str, said: &str, address: Option<&str>) -> Result<String> {
    const LINE: &str = "<meta name=\"description\" content=\"";
    let start = html.find(LINE).context("mdBook wrote no description")?;
    let end = start
        + html[start..]
            .find('\n')
            .context("the page ends in its head")?;
    let said = crate::markup::escape(said);
    let mut line = format!("{LINE}{said}\"><meta property=\"og:description\" content=\"{said}\">");
    if let Some(address) = address {
        let page = format!("{address}{}", canonical(path));
        let _ = write!(
            line,
            "<link rel=\"canonical\" href=\"{page}\"><meta property=\"og:url\" content=\"{page}\">\
             <meta property=\"og:image\" content=\"{address}{PICTURE}\"><meta name=\"twitter:card\" content=\"summary_large_image\">"
        );
    }
    Ok([&html[..start], &line, &html[end..]].concat())
}

/// A folder's first page is the folder.
fn canonical(path: &str) -> &str {
    path.strip_suffix("index.html").unwrap_or(path)
}

/// Returns the first paragraph, or as many of its sentences as a list of results shows; words,
/// where the first sentence is longer.
fn short(text: &Text) -> String {
    let whole = if text.first.is_empty() {
        &text.title
    } else {
        &text.first
    };
    if whole.chars().count() <= SHOWN {
        return whole.clone();
    }
    let cut: String = whole.chars().take(SHOWN).collect();
    if let Some(end) = cut.rfind(". ").filter(|end| *end >= SHOWN / 3) {
        return cut[..=end].to_owned();
    }
    let end = cut.rfind(' ').unwrap_or(cut.len());
    format!("{} …", cut[..end].trim_end_matches([',', ':', ';']))
}

/// Returns the pages that are written by hand; a whole file is found by its listing, and index.html
/// is the root.
fn sitemap(address: &str, texts: &[(String, Text)]) -> String {
    let mut out = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n",
    );
    for (path, _) in texts
        .iter()
        .filter(|(path, _)| !path.starts_with("listings/"))
    {
        let _ = writeln!(out, "<url><loc>{address}{}</loc></url>", canonical(path));
    }
    out.push_str("</urlset>\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    fn text(first: &str) -> Text {
        Text {
            title: "Timers".into(),
            first: first.into(),
            ..Text::default()
        }
    }

    #[test]
    fn a_description_is_whole_sentences_or_says_that_it_is_cut() {
        assert_eq!(short(&text("One. Two.")), "One. Two.");
        assert_eq!(short(&text("")), "Timers");
        let first = "A timer is a call that is made later, by whoever runs the loop.";
        let long = format!("{first} {}", "And so on, for many words. ".repeat(9));
        let said = short(&text(&long));
        assert!(
            said.starts_with(first) && said.ends_with("words.") && said.len() <= SHOWN,
            "{said}"
        );
        let said = short(&text(&"word, ".repeat(60)));
        assert!(said.ends_with("word …"), "{said}");
    }

    #[test]
    fn pages_that_begin_alike_are_told_apart_by_their_titles() {
        let page = |path: &str, title: &str, first: &str| {
            let text = Text {
                title: title.into(),
                ..text(first)
            };
            (path.to_owned(), text)
        };
        let pages = [
            page("index.html", "Start", "It starts."),
            page("start.html", "Start", "It starts."),
            page("a/map.html", "Map · A", "Names."),
            page("b/map.html", "Map · B", "Names."),
        ];
        assert_eq!(
            all(&pages),
            [
                "It starts.",
                "It starts.",
                "Map · A: Names.",
                "Map · B: Names."
            ]
        );
    }

    #[test]
    fn one_line_is_written_over_and_names_the_page_where_the_site_has_an_address() {
        let html =
            "<head>\n  <meta name=\"description\" content=\"The book\">\n  <meta charset>\n</head>";
        let out = described(html, "reactor/index.html", "So \"it\" is.", None).unwrap();
        assert_eq!(
            out,
            "<head>\n  <meta name=\"description\" content=\"So &quot;it&quot; is.\"><meta property=\"og:description\" content=\"So &quot;it&quot; is.\">\n  <meta charset>\n</head>"
        );
        let out = described(html, "reactor/index.html", "So.", Some("https://a.b/c/")).unwrap();
        assert!(
            out.contains("rel=\"canonical\" href=\"https://a.b/c/reactor/\""),
            "{out}"
        );
        assert_eq!(out.lines().count(), html.lines().count());
        assert!(described("<head></head>", "a.html", "So.", None).is_err());
    }

    #[test]
    fn the_map_is_written_when_the_address_is_known_and_a_wrong_one_is_refused() {
        let fixture = Fixture::new();
        let dest = fixture.house.root.join("target/out");
        crate::build::site(&fixture.house, &dest).unwrap();
        assert!(!dest.join("sitemap.xml").exists());
        let toml = fixture.read("book.toml");
        let with = |address: &str| {
            let new = format!("before = [\"links\"]\naddress = \"{address}\"");
            fixture.write("book.toml", &toml.replace("before = [\"links\"]", &new));
        };
        with("https://example.org/book");
        crate::build::site(&fixture.house, &dest).unwrap();
        let map = fixture.read("target/out/sitemap.xml");
        assert!(
            map.contains("<loc>https://example.org/book/</loc>"),
            "{map}"
        );
        assert!(
            map.contains("<loc>https://example.org/book/reactor/</loc>"),
            "{map}"
        );
        assert!(!map.contains("listings/"), "{map}");
        with("example.org");
        let error = crate::build::site(&fixture.house, &dest)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("write it as https://example.org/folder/"),
            "{error}"
        );
    }
}

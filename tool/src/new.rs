//! Begins a chapter, page, listing or exercise: the files that it is made of, and its entries
//! elsewhere.
mod chapter;
mod entries;
pub mod exercise;
pub mod listing;
pub mod rename;

use crate::{house::House, problem::nearest};
use anyhow::{Context, Result, bail};
use entries::with_page;
use std::{fs, path::Path};

/// What the command takes.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Each writes files that are complete and say little; then it says what to do next. `cargo book check --lint` finds what you forget.\n\n\
Examples:\n  cargo book new chapter databases\n  cargo book new page databases/pools --title \"Pools\"\n  \
cargo book new listing databases/one_query\n  cargo book new listing databases-lab/one_query\n  \
cargo book new exercise databases/first_row")]
pub struct Options {
    /// What to begin
    #[arg(value_enum)]
    what: What,
    /// A chapter's name, or chapter/name
    name: String,
    /// Its title; made from the name unless given
    #[arg(long)]
    title: Option<String>,
}

/// What can be begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum What {
    /// A crate with its lab, a first page, and the rows where chapters are named
    Chapter,
    /// A page with front matter, and its entry in SUMMARY.md
    Page,
    /// A program and its entry in listings.toml
    Listing,
    /// A task with starter, solution, tests and two wrong answers
    Exercise,
}

/// Runs the command.
///
/// # Errors
/// When the name will not do, or is taken.
pub fn run(house: &House, options: Options) -> Result<()> {
    let title = options.title.as_deref();
    let next = match options.what {
        What::Chapter => chapter::begin(house, &options.name, title)?,
        What::Page => page(house, &options.name, title)?,
        What::Listing => listing::begin(house, &options.name, title)?,
        What::Exercise => exercise::begin(house, &options.name, title)?,
    };
    println!("{next}");
    Ok(())
}

/// Writes a file that must not be there yet, and says so.
fn write(house: &House, path: &str, text: &str) -> Result<()> {
    let file = house.root.join(path);
    if file.exists() {
        bail!("{path} is there already");
    }
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)
            .with_context(|| format!("{} cannot be made", folder.display()))?;
    }
    fs::write(&file, text).with_context(|| format!("{path} cannot be written"))?;
    println!("wrote {path}");
    Ok(())
}

/// Changes a file; says so when it did.
fn change(house: &House, path: &str, change: impl FnOnce(&str) -> Result<String>) -> Result<()> {
    let file = house.root.join(path);
    let old = fs::read_to_string(&file).with_context(|| format!("{path} cannot be read"))?;
    let new = change(&old)?;
    if new != old {
        fs::write(&file, new).with_context(|| format!("{path} cannot be written"))?;
        println!("changed {path}");
    }
    Ok(())
}

/// Returns a name that a folder, a crate or a file may have: words of small letters and digits,
/// parted by `between`.
fn named(name: &str, between: char) -> Result<&str> {
    let word = |word: &str| {
        !word.is_empty()
            && word
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    let begins = name.chars().next().is_some_and(|c| c.is_ascii_lowercase());
    if begins && name.split(between).all(word) {
        return Ok(name);
    }
    bail!("`{name}` will not do as a name: small letters and digits, words parted by `{between}`")
}

/// `one_query` as `One query`.
fn titled(name: &str) -> String {
    let mut title = name.replace(['_', '-'], " ");
    if let Some(first) = title.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    title
}

/// Splits `chapter/name`; the chapter must have a folder of pages.
fn of_chapter<'a>(house: &House, name: &'a str) -> Result<(&'a str, &'a str)> {
    let Some((chapter, name)) = name.split_once('/') else {
        bail!("`{name}` is not chapter/name");
    };
    if !house
        .root
        .join("src")
        .join(chapter)
        .join("index.md")
        .is_file()
    {
        let known: Vec<String> = crate::exercise::layout::folders(&house.root.join("src"))
            .iter()
            .map(|folder| crate::exercise::layout::file_name(folder))
            .collect();
        let offer = nearest(chapter, known.iter().map(String::as_str))
            .map(|near| format!("; did you mean `{near}`?"))
            .unwrap_or_default();
        bail!("there is no chapter `{chapter}`{offer}");
    }
    Ok((chapter, name))
}

fn page(house: &House, name: &str, title: Option<&str>) -> Result<String> {
    let (chapter, name) = of_chapter(house, name)?;
    let plain = name.strip_prefix("appendix/").unwrap_or(name);
    named(plain, '-')?;
    let title = title.map_or_else(|| titled(plain), str::to_owned);
    let front = "---\nminutes: 10\nlevel: core\ngoals:\n  - say what the page is about\nneeds: []\nterms: []\n---\n";
    let path = format!("src/{chapter}/{name}.md");
    write(
        house,
        &path,
        &format!("{front}\n# {title}\n\nA problem you can feel.\n"),
    )?;
    change(house, "src/SUMMARY.md", |text| {
        with_page(text, chapter, name, &title)
    })?;
    Ok(format!(
        "\nNext:\n  1. Write it; `cargo book` shows it at each save. At most 1,200 words; minutes, goals and needs stand in its first lines.\n  \
         2. Move its line in src/SUMMARY.md to its place.\n  3. cargo book check --page {path}"
    ))
}

/// Returns whether a name is used as a whole: not inside a longer one.
fn stands_alone(text: &str, at: usize, length: usize) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    !text[..at].ends_with(part) && !text[at + length..].starts_with(part)
}

/// `text` with each `old` that stands alone replaced.
fn replaced(text: &str, old: &str, new: &str) -> String {
    let mut out = String::new();
    let mut from = 0;
    for (at, _) in text.match_indices(old) {
        if at >= from && stands_alone(text, at, old.len()) {
            out.push_str(&text[from..at]);
            out.push_str(new);
            from = at + old.len();
        }
    }
    out + &text[from..]
}

/// Returns every text file of the book that may name something: pages, programs, manifests, tasks.
fn texts(house: &House) -> Vec<String> {
    let mut found = Vec::new();
    let mut open: Vec<std::path::PathBuf> = [
        "src",
        "listings",
        "exercises",
        "diagrams",
        "README.md",
        "CONTRIBUTING.md",
    ]
    .map(|place| house.root.join(place))
    .to_vec();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            let skipped = path
                .file_name()
                .is_some_and(|name| name == "target" || name == "backup");
            if !skipped {
                open.extend(crate::exercise::layout::entries(&path));
            }
        } else if is_text(&path) && path.is_file() {
            found.push(crate::finding::name(house, &path));
        }
    }
    found.sort();
    found
}

fn is_text(path: &Path) -> bool {
    path.extension().is_some_and(|ending| {
        ["md", "rs", "toml", "txt", "ndjson"]
            .iter()
            .any(|known| ending == *known)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_their_form_and_are_replaced_whole() {
        assert!(named("one_query", '_').is_ok() && named("one-query", '-').is_ok());
        for bad in ["", "One", "a__b", "a b", "../a", "1a", "a-b", "é"] {
            assert!(named(bad, '_').is_err(), "{bad}");
        }
        assert_eq!(titled("one_query"), "One query");
        assert_eq!(
            replaced("a/old a/old_er a/old:x (a/old)", "a/old", "b/new"),
            "b/new a/old_er b/new:x (b/new)"
        );
    }
}

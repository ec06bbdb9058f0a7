//! Renames a page, a listing or an exercise wherever it is named.
use super::{What, change, named, of_chapter, replaced, stands_alone, texts};
use crate::{finding::name as named_file, house::House, manifest};
use anyhow::{Context, Result, bail};
use std::{fs, path::Path};

/// What the command takes.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Files move, and what names them is changed: directives, links, entries, commands. Nothing is recorded or committed.\n\n\
Examples:\n  cargo book rename page reactor/seam reactor/two-worlds\n  cargo book rename listing reactor/timers reactor/heap\n  \
cargo book rename exercise reactor/meter reactor/gauge")]
pub struct Options {
    /// What to rename: page, listing or exercise
    #[arg(value_enum)]
    what: What,
    /// Its name now: chapter/name
    old: String,
    /// Its new name, in the same chapter: chapter/name
    new: String,
}

/// Runs the command.
///
/// # Errors
/// When there is no such thing, or the new name is taken or will not do.
pub fn run(house: &House, options: &Options) -> Result<()> {
    if options.what == What::Chapter {
        let (old, new) = (&options.old, &options.new);
        bail!(
            "a chapter is not renamed by a command: its name is that of a crate, which programs, exercises and other \
             chapters use, and often a word of the text, so each place wants to be looked at\n\
             By hand: `git mv` its folders in listings, src, diagrams and exercises; change what `git grep -nw {old}` finds \
             and means the chapter; then `cargo book tidy`, `cargo book record {new}`, `cargo book check --lint`"
        );
    }
    let (chapter, old) = options
        .old
        .split_once('/')
        .context("the old name is not chapter/name")?;
    let (to, new) = options
        .new
        .split_once('/')
        .context("the new name is not chapter/name")?;
    if chapter != to {
        bail!("it stays in its chapter: write {chapter}/{new}");
    }
    match options.what {
        What::Page => page(house, chapter, old, new)?,
        What::Listing => listing(house, chapter, old, new)?,
        What::Exercise => exercise(house, chapter, old, new)?,
        What::Chapter => {}
    }
    println!("\nNext: cargo book check --lint, and look at `git diff`.");
    Ok(())
}

/// Moves a file or folder; nothing when there is none.
fn moved(house: &House, from: &str, to: &str) -> Result<bool> {
    let (old, new) = (house.root.join(from), house.root.join(to));
    if !old.exists() {
        return Ok(false);
    }
    if new.exists() {
        bail!("{to} is there already");
    }
    if let Some(folder) = new.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::rename(&old, &new).with_context(|| format!("{from} cannot be moved"))?;
    println!("moved {from} to {to}");
    Ok(true)
}

fn page(house: &House, chapter: &str, old: &str, new: &str) -> Result<()> {
    of_chapter(house, &format!("{chapter}/{old}"))?;
    named(new.strip_prefix("appendix/").unwrap_or(new), '-')?;
    let (from, to) = (
        format!("src/{chapter}/{old}.md"),
        format!("src/{chapter}/{new}.md"),
    );
    if !moved(house, &from, &to)? {
        bail!("there is no page {from}");
    }
    let (old_file, new_file) = (house.root.join(&from), house.root.join(&to));
    for path in texts(house) {
        let folder = house
            .root
            .join(&path)
            .parent()
            .map(Path::to_owned)
            .unwrap_or_default();
        change(house, &path, |text| {
            // By its whole path, from the root or from src/.
            let text = replaced(text, &from, &to);
            Ok(relinked(&text, &folder, &old_file, &new_file))
        })?;
    }
    if Path::new(old).parent() != Path::new(new).parent() {
        println!("it stands in another folder now: correct the links inside {to}");
    }
    Ok(())
}

/// A text of a folder with each link to `old` leading to `new`.
fn relinked(text: &str, folder: &Path, old: &Path, new: &Path) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("](") {
        let (before, link) = rest.split_at(at + 2);
        out.push_str(before);
        let end = link.find([')', '#', ' ']).unwrap_or(link.len());
        let (target, after) = link.split_at(end);
        if target.ends_with(".md") && flat(&folder.join(target)) == flat(old) {
            out.push_str(&relative(folder, new));
        } else {
            out.push_str(target);
        }
        rest = after;
    }
    out + rest
}

/// A path without `.` and `..`.
fn flat(path: &Path) -> std::path::PathBuf {
    let mut out = std::path::PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::ParentDir => drop(out.pop()),
            std::path::Component::CurDir => {}
            part => out.push(part),
        }
    }
    out
}

fn relative(folder: &Path, to: &Path) -> String {
    let common = folder
        .components()
        .zip(to.components())
        .take_while(|(a, b)| a == b)
        .count();
    let up = folder.components().count() - common;
    let down: Vec<_> = to
        .components()
        .skip(common)
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .collect();
    "../".repeat(up) + &down.join("/")
}

fn listing(house: &House, package: &str, old: &str, new: &str) -> Result<()> {
    named(new, '_')?;
    let all = manifest::all(house)?;
    let (path, to) = (format!("{package}/{old}"), format!("{package}/{new}"));
    let Some(known) = all.get(&path) else {
        bail!("there is no listing `{path}`");
    };
    if all.contains_key(&to) {
        bail!("there is a listing `{to}` already");
    }
    let mut both = vec![known];
    // Its twin has the same name, always.
    both.extend(all.get(&format!("{package}-lab/{old}")));
    for one in both {
        let folder = named_file(house, &one.folder);
        let places = [
            ("examples", "rs"),
            ("fails", "rs"),
            ("output", "txt"),
            ("predict", "toml"),
        ];
        for (place, ending) in places {
            moved(
                house,
                &format!("{folder}/{place}/{old}.{ending}"),
                &format!("{folder}/{place}/{new}.{ending}"),
            )?;
        }
        change(house, &format!("{folder}/listings.toml"), |text| {
            let text = text.replace(&format!("[{old}]\n"), &format!("[{new}]\n"));
            Ok(text.replace(&format!("after = \"{old}\""), &format!("after = \"{new}\"")))
        })?;
    }
    let chapter = known.chapter();
    for ending in ["ndjson", "mmd", "panels", "svg", "tasks.svg", "md"] {
        moved(
            house,
            &format!("diagrams/{chapter}/{old}.{ending}"),
            &format!("diagrams/{chapter}/{new}.{ending}"),
        )?;
    }
    let folder = named_file(house, &known.folder);
    for file in texts(house) {
        let own = file.starts_with(&format!("{folder}/"));
        change(house, &file, |text| {
            let mut text = no_file(text, &path, &to);
            if package == chapter {
                let (lab, other) = (
                    format!("{package}-lab/{old}"),
                    format!("{package}-lab/{new}"),
                );
                text = no_file(&text, &lab, &other);
            }
            for package in [package.to_owned(), format!("{package}-lab")] {
                let command = format!("-p {package} --example {old}");
                text = replaced(&text, &command, &format!("-p {package} --example {new}"));
            }
            // Another crate may have a program of this name.
            let file = |name: &str| match own {
                true => format!("examples/{name}.rs"),
                false => format!("{folder}/examples/{name}.rs"),
            };
            Ok(replaced(&text, &file(old), &file(new)))
        })?;
    }
    println!("record it again: cargo book record {to}");
    Ok(())
}

/// As [`replaced`], but where a file's name goes on, such as the page `reactor/timers.md`, something else is meant.
fn no_file(text: &str, old: &str, new: &str) -> String {
    let pieces = text.split_inclusive(old);
    let mut out = String::new();
    let mut rest = text;
    for piece in pieces {
        rest = &rest[piece.len()..];
        let before = piece.strip_suffix(old);
        let is_file = [".md", ".rs", ".html"]
            .iter()
            .any(|end| rest.starts_with(end));
        match before {
            Some(before)
                if !is_file
                    && stands_alone(text, text.len() - rest.len() - old.len(), old.len()) =>
            {
                out.push_str(before);
                out.push_str(new);
            }
            _ => out.push_str(piece),
        }
    }
    out
}

fn exercise(house: &House, chapter: &str, old: &str, new: &str) -> Result<()> {
    named(new, '_')?;
    let (from, to) = (
        format!("exercises/{chapter}/{old}"),
        format!("exercises/{chapter}/{new}"),
    );
    if !moved(house, &from, &to)? {
        bail!("there is no exercise {from}");
    }
    for file in texts(house) {
        let own = file.starts_with(&format!("{to}/"));
        change(house, &file, |text| {
            let mut text = replaced(
                text,
                &format!("{chapter}/{old}"),
                &format!("{chapter}/{new}"),
            );
            text = replaced(
                &text,
                &format!("cargo book exercise check {old}"),
                &format!("cargo book exercise check {new}"),
            );
            if own && file.ends_with(".rs") {
                text = used(&text, old, new);
            }
            if own && file.ends_with("Cargo.toml") {
                text = text.replace(&format!("\"{old}\""), &format!("\"{new}\""));
            }
            Ok(text)
        })?;
    }
    Ok(())
}

/// Paths that begin with a crate: `use old::`.
fn used(text: &str, old: &str, new: &str) -> String {
    let (from, mut out, mut last) = (format!("{old}::"), String::new(), 0);
    for (at, _) in text.match_indices(&from) {
        if stands_alone(text, at, old.len()) {
            out.push_str(&text[last..at]);
            out.push_str(new);
            last = at + old.len();
        }
    }
    out + &text[last..]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    #[test]
    fn links_follow_a_page() {
        let (old, new) = (Path::new("/b/src/a/x.md"), Path::new("/b/src/a/y.md"));
        let text = "[one](x.md#top) [two](../a/x.md) [other](../c/x.md) [out](https://x.md)";
        assert_eq!(
            relinked(text, Path::new("/b/src/a"), old, new),
            "[one](y.md#top) [two](y.md) [other](../c/x.md) [out](https://x.md)"
        );
        assert_eq!(
            relinked("[g](a/x.md)", Path::new("/b/src"), old, new),
            "[g](a/y.md)"
        );
        assert_eq!(
            relinked("[g](../a/x.md)", Path::new("/b/src/c"), old, new),
            "[g](../a/y.md)"
        );
    }

    #[test]
    fn a_listing_takes_its_twin_its_output_and_its_pictures_along() {
        let fixture = Fixture::new();
        listing(&fixture.house, "reactor", "simplest", "smallest").unwrap();
        assert!(
            fixture
                .read("src/reactor/index.md")
                .contains("{{#listing reactor/smallest}}")
        );
        assert!(
            fixture
                .read("listings/reactor/lab/listings.toml")
                .starts_with("[smallest]\n")
        );
        assert!(
            fixture
                .read("listings/reactor/output/smallest.txt")
                .starts_with("$ cargo run -p reactor --example smallest\n")
        );
        fixture.read("diagrams/reactor/smallest.mmd");
        assert_eq!(
            no_file(
                "`a/b` a/b.md a/b.rs a/bc a/b:part x-a/b a/b",
                "a/b",
                "a/new"
            ),
            "`a/new` a/b.md a/b.rs a/bc a/new:part x-a/b a/new"
        );
        let error = listing(&fixture.house, "reactor", "simplest", "x")
            .unwrap_err()
            .to_string();
        assert_eq!(error, "there is no listing `reactor/simplest`");
    }

    #[test]
    fn a_page_and_an_exercise_keep_what_leads_to_them() {
        let fixture = Fixture::new();
        let front = "---\nminutes: 5\nlevel: core\ngoals: [a]\n---\n\n";
        fixture.write(
            "src/reactor/one.md",
            &format!("{front}# One\n\n{{{{#exercise reactor/meter}}}}\n"),
        );
        let summary = fixture.read("src/SUMMARY.md") + "  - [One](reactor/one.md)\n";
        fixture.write("src/SUMMARY.md", &summary);
        fixture.write("src/start.md", "# Start\n\n[one](reactor/one.md#one)\n");
        page(&fixture.house, "reactor", "one", "two").unwrap();
        assert!(
            fixture
                .read("src/SUMMARY.md")
                .contains("[One](reactor/two.md)")
        );
        assert!(
            fixture
                .read("src/start.md")
                .contains("(reactor/two.md#one)")
        );
        fixture.write(
            "exercises/reactor/meter/Cargo.toml",
            "[package]\nname = \"meter\"\n",
        );
        fixture.write(
            "exercises/reactor/meter/tests/check.rs",
            "use meter::Meter;\nuse odometer::x;\n",
        );
        exercise(&fixture.house, "reactor", "meter", "gauge").unwrap();
        assert_eq!(
            fixture.read("exercises/reactor/gauge/tests/check.rs"),
            "use gauge::Meter;\nuse odometer::x;\n"
        );
        assert!(
            fixture
                .read("exercises/reactor/gauge/Cargo.toml")
                .contains("name = \"gauge\"")
        );
        assert!(
            fixture
                .read("src/reactor/two.md")
                .contains("{{#exercise reactor/gauge}}")
        );
    }
}

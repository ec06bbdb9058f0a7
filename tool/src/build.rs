//! Writes the book as a static site.
use crate::{
    archive, describe, expand, extras,
    finding::Findings,
    house::{House, SITE_MARK},
    knobs, mdbook_log, mermaid,
    progress::Progress,
    search, skip,
    unchanged::{Rendered, Sieve, contents},
};
use anyhow::{Context, Result, bail};
use regex::Regex;
use std::{
    fs,
    path::{Path, PathBuf},
    sync::{LazyLock, PoisonError},
};

const HELP: &str = "\
The site needs no server of a special kind and no root: put it below any path, or open its \
index.html from disk. It replaces a site that was built before and nothing else. The old site \
stays until the new one is complete.

Examples:
  cargo book build                 into target/site, or `site` in CARGO_TARGET_DIR
  cargo book build --dest public   into public, for a host that offers that folder";

/// What the command takes.
#[derive(clap::Args, Default)]
#[command(after_help = HELP)]
pub struct Options {
    /// Where the site is written; the folder is replaced [default: `site` in the folder where Cargo
    /// builds: target]
    #[arg(long, value_name = "DIR")]
    dest: Option<PathBuf>,
}

/// Builds the site beside its place, then puts it there in one step.
///
/// # Errors
/// When the book is wrong, or DIR holds something that is not a site.
pub fn run(house: &House, options: Options) -> Result<()> {
    let dest = match options.dest {
        Some(dest) => std::path::absolute(dest)?,
        None => house.target.join("site"),
    };
    may_replace(house, &dest)?;
    let progress = Progress::new("Building the book", 4);
    progress.step("reading and expanding the pages");
    for note in expand::missing(house)? {
        progress.say(&format!("note: {note}"));
    }
    progress.step("writing the pages and the search index");
    let fresh = sibling(&dest, "new");
    fs::create_dir_all(&fresh).with_context(|| {
        format!(
            "{} cannot be written: choose another folder with --dest",
            dest.display()
        )
    })?;
    site(house, &fresh)?;
    progress.step("compiling the listings that pages can run");
    if let Some(note) = knobs::ship(house, &fresh)? {
        progress.say(&format!("note: {note}"));
    }
    progress.step("putting the site in its place");
    swap(&fresh, &dest)?;
    progress.done(&format!(
        "The book is in {}: open index.html there, or let any web server offer the folder.",
        dest.display()
    ));
    Ok(())
}

/// How much of a site is made.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Extent<'a> {
    /// All of it.
    Everything,
    /// The pages that are written by hand. The index of the search, the page for printing and the
    /// pages of whole listings are two thirds of a build, and an author who waits for a page can do
    /// without: they are those of the last whole site, which is named. A page that is as it was is
    /// that of the last site.
    Pages(&'a Path, &'a Rendered),
}

/// The page of all pages.
const PRINT: &str = "print.html";

/// Writes the whole site into `dest`.
///
/// # Errors
/// When the book is wrong or the folder cannot be written.
pub fn site(house: &House, dest: &Path) -> Result<()> {
    site_with(house, dest, Extent::Everything).map(drop)
}

/// Writes the site, or the part of it that a writer waits for. Returns what it was made of.
pub(crate) fn site_with(house: &House, dest: &Path, extent: Extent<'_>) -> Result<Rendered> {
    let (everything, before) = match extent {
        Extent::Everything => (true, None),
        Extent::Pages(_, last) => (false, Some(last)),
    };
    let sieve = Sieve::new(before);
    let mut book = expand::load(house, everything, Some(sieve.clone()))?;
    book.config.build.build_dir = dest.to_owned();
    if !everything {
        book.config.set("output.html.print.enable", false)?;
    }
    let (built, said) = mdbook_log::during(|| book.build());
    // What our preprocessor found is worth more than what mdBook makes of it.
    if built.as_ref().err().and_then(expand::problems).is_none() {
        mdbook_log::problems(house, &said).or_fail()?;
    }
    built?;
    let rendered = sieve.put_back(dest)?;
    finish(dest)?;
    if let Extent::Pages(before, _) = extent {
        take(before, dest, &|path| {
            let of_ours = path.starts_with(before.join("listings")) || path.ends_with(PRINT);
            of_ours || path.extension().is_none_or(|end| end != "html")
        })?;
    }
    // Who waits for a page while writing can do without all that helps to find it and to step
    // through it.
    if everything {
        extras::write(house, dest)?;
        print(house, dest)?;
        let texts = search::texts(dest)?;
        search::write(dest, &texts)?;
        describe::write(dest, describe::address(house)?.as_deref(), &texts)?;
        archive::write(house, dest)?;
    }
    if everything {
        skip::write(dest)?;
    } else {
        for page in sieve.anew() {
            skip::page(&dest.join(page))?;
        }
    }
    Ok(rendered)
}

/// Writes the page of all pages again, without the whole files: they were more than half of it,
/// stand in the archive, and who prints a book wants no program twice. The links to them lead to
/// their pages.
fn print(house: &House, dest: &Path) -> Result<()> {
    let aside = tempfile::tempdir()?;
    let mut book = expand::load_for_paper(house)?;
    book.config.build.build_dir = aside.path().to_owned();
    // What is wrong with a page was told when it was written.
    let (built, _) = mdbook_log::during(|| book.build());
    built?;
    let page = aside.path().join(PRINT);
    if page.is_file() {
        // The contents of the side bar are those of the whole site, and so is the name of their
        // file.
        let (theirs, ours) = (contents(aside.path())?, contents(dest)?);
        let text = fs::read_to_string(page)?.replace(&theirs, &ours);
        fs::write(dest.join(PRINT), text)?;
    }
    Ok(())
}

/// Writes what can be shown of a book that is broken. Returns what is wrong with it.
pub(crate) fn site_in_part(house: &House, dest: &Path) -> Result<Findings> {
    let (mut book, wrong) = expand::load_in_part(house)?;
    book.config.build.build_dir = dest.to_owned();
    let (built, said) = mdbook_log::during(|| book.build());
    built?;
    finish(dest)?;
    skip::write(dest)?;
    extras::write(house, dest)?;
    let mut wrong = wrong.lock().unwrap_or_else(PoisonError::into_inner).clone();
    wrong
        .list
        .append(&mut mdbook_log::problems(house, &said).list);
    wrong.list.sort();
    wrong.list.dedup();
    Ok(wrong)
}

/// Puts the files of a folder that are `wanted` into another one, too, but for those that it has.
fn take(from: &Path, to: &Path, wanted: &impl Fn(&Path) -> bool) -> Result<()> {
    let mut made = to.is_dir();
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (path, place) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type()?.is_dir() {
            take(&path, &place, wanted)?;
        } else if wanted(&path) && !place.exists() {
            if !made {
                fs::create_dir_all(to)?;
                made = true;
            }
            if fs::hard_link(&path, &place).is_err() {
                fs::copy(&path, &place)?;
            }
        }
    }
    Ok(())
}

/// What mdBook leaves to us: the drawing program, and no name of another host in the scripts.
fn finish(dest: &Path) -> Result<()> {
    fs::write(dest.join(mermaid::NAME), mermaid::SCRIPT)?;
    for entry in fs::read_dir(dest)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with("toc-") && name.ends_with(".js") {
            // The whole files are reached from their listings. As hidden entries of the side bar
            // they would be most of what every page loads for it.
            static WHOLE: LazyLock<Regex> = LazyLock::new(|| {
                Regex::new(r#"<li class="[^"]*"><span class="chapter-link-wrapper"><a href="listings/[^"]*">[^<]*</a></span></li>"#)
                    .expect("a pattern")
            });
            let text = fs::read_to_string(&path)?;
            let short = WHOLE.replace_all(&text, "");
            // That of the site before, which is short already, is still being served.
            if short != text {
                fs::write(&path, short.as_bytes())?;
            }
        }
        if name.starts_with("book-") && name.ends_with(".js") {
            // The Run button is off, so nothing calls this; now nothing could.
            let text = fs::read_to_string(&path)?;
            fs::write(
                &path,
                text.replace("play.rust-lang.org", "playground.invalid"),
            )?;
        }
    }
    Ok(())
}

/// A site may be replaced, an empty folder filled; anything else may be a person's work.
fn may_replace(house: &House, dest: &Path) -> Result<()> {
    if house.root.starts_with(dest) || dest.starts_with(house.root.join("src")) {
        bail!(
            "{} holds the book's sources: choose another folder with --dest",
            dest.display()
        );
    }
    if dest.exists() && !dest.join(SITE_MARK).is_file() {
        let empty = fs::read_dir(dest)
            .with_context(|| format!("{} is not a folder", dest.display()))?
            .next()
            .is_none();
        if !empty {
            bail!(
                "{} holds something that is not a built book, and would be lost.\n\
                 Choose another folder with --dest, or empty this one.",
                dest.display()
            );
        }
    }
    Ok(())
}

/// Returns a hidden folder beside `dest`, so that a rename puts it in place.
fn sibling(dest: &Path, what: &str) -> PathBuf {
    let name = dest.file_name().unwrap_or_default().to_string_lossy();
    dest.with_file_name(format!(".{name}.{what}.{}", std::process::id()))
}

/// Puts `fresh` where `dest` is.
fn swap(fresh: &Path, dest: &Path) -> Result<()> {
    let old = sibling(dest, "old");
    if dest.exists() {
        fs::rename(dest, &old).with_context(|| format!("{} cannot be moved", dest.display()))?;
    }
    fs::rename(fresh, dest).with_context(|| format!("{} cannot be written", dest.display()))?;
    if old.exists() {
        fs::remove_dir_all(old)?;
    }
    Ok(())
}

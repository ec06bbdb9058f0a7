//! Tests the text: attributes, links, terms, blocks, exercises.
pub mod blocks;
pub mod chapters;
pub mod coverage;
pub mod exercises;
pub mod explained;
pub mod fences;
pub mod front;
pub mod lengths;
pub mod links;
mod messages;
pub mod repeats;
mod runs;
pub mod steps;
pub mod table;
pub mod tested;
pub mod workspace;
pub mod written;

use crate::{
    build,
    exercise::{
        layout::{self, Exercise},
        prove,
    },
    expand::{self, Page, Target, slashed},
    finding::{Findings, name},
    house::House,
    manifest::{self, Listing},
    needs::Missing,
    problem::nearest,
    record,
};
use anyhow::{Result, bail};
use runs::Runs;
use std::{collections::BTreeMap, path::PathBuf};

/// What the command takes.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
It looks for, and collects, everything that is wrong: fences and their attributes, front matter, lengths, SUMMARY.md, links and \
anchors, glossary terms, figures, listings and exercises that no page shows, ten lines that stand in two places of the libraries. Then it compiles and runs every block of \
Rust (rustdoc, then skeptic; compile_fail codes are compared), records every listing again and compares, and proves \
every exercise: the starter fails, the solution passes, each wrong answer fails and says why.\n\
After mending a typo, --page is enough. After mending an exercise: --exercise. After mending a listing: \
cargo book record NAME.")]
pub struct Options {
    /// Only what concerns this page (seconds; no listing is run, no exercise proven)
    #[arg(long, value_name = "FILE")]
    pub page: Option<PathBuf>,
    /// Only look at the text: compile and run nothing
    #[arg(long)]
    pub lint: bool,
    /// Only look at the text, and print how long each page is
    #[arg(long)]
    pub lengths: bool,
    /// Only the text and its blocks, of all pages: no listing is run, no exercise proven
    #[arg(long, conflicts_with_all = ["page", "lint", "exercise"])]
    pub blocks: bool,
    /// Only prove this exercise; `all` for all of them
    #[arg(long, value_name = "NAME", conflicts_with_all = ["page", "lint"])]
    pub exercise: Option<String>,
    /// Prove the exercises also of chapters of which nothing has changed since they were proven
    /// here
    #[arg(long)]
    pub everything: bool,
    /// How many seconds the blocks of one chapter may run
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    pub limit: u64,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            page: None,
            lint: false,
            lengths: false,
            blocks: false,
            exercise: None,
            everything: false,
            limit: 120,
        }
    }
}

/// What a check found.
#[derive(Debug, Default)]
pub struct Checked {
    /// What is wrong.
    pub found: Findings,
    /// How long pages and chapters are.
    pub lengths: Option<lengths::Lengths>,
    /// How many blocks were tested.
    pub table: Option<blocks::Table>,
    /// How many exercises were proven.
    pub proven: Option<prove::Proven>,
    /// The packages that were left out because something they need is missing, and why, in words.
    pub not_looked_at: String,
}

/// Runs the command.
///
/// # Errors
/// When something is wrong with the text, or a block was not tested; all of it was printed.
pub fn run(house: &House, options: Options) -> Result<()> {
    let checked = check(house, &options)?;
    checked.found.print();
    if let Some(lengths) = &checked.lengths {
        match &options.page {
            Some(page) => {
                let page = wanted(house, page);
                let of_page = lengths.pages.iter().find(|(file, _)| *file == page);
                if let Some((_, length)) = of_page {
                    println!("{} words, {} minutes", length.words, length.minutes);
                }
            }
            None => print!("{lengths}"),
        }
        if options.lengths {
            for (file, length) in &lengths.pages {
                println!("{file:48} {:>10} {:>10}", length.words, length.minutes);
            }
        }
    }
    if let Some(table) = &checked.table {
        print!("{table}");
        if options.page.is_some() {
            println!("(listings were compiled, not run: `cargo book record --check` runs them)");
        }
    }
    if let Some(proven) = checked.proven {
        let (proved, caught) = if checked.found.is_empty() {
            ("proven", "caught")
        } else {
            ("tried", "tried")
        };
        println!(
            "exercises: {} {proved}, {} wrong answers {caught}",
            proven.exercises, proven.wrong
        );
    }
    eprint!("{}", checked.not_looked_at);
    match checked.found.len() {
        0 if !checked.not_looked_at.is_empty()
            && checked.table.as_ref().is_none_or(blocks::Table::complete) =>
        {
            println!("All that was looked at is well; not all was looked at, see above.");
            Ok(())
        }
        0 if checked.table.as_ref().is_none_or(blocks::Table::complete) => {
            println!("All is well.");
            Ok(())
        }
        0 => bail!("not every block was tested, see the table"),
        1 => bail!("1 thing is wrong, see above"),
        number => bail!("{number} things are wrong, see above"),
    }
}

/// Checks, and collects what is wrong.
///
/// # Errors
/// When the check itself cannot go on: Cargo cannot be started, a file cannot be written.
pub fn check(house: &House, options: &Options) -> Result<Checked> {
    let mut checked = Checked::default();
    let exercises = tasks(house, options, &mut checked.found)?;
    let missing = Missing::here(house)?;
    if options.exercise.is_some() {
        prove_named(house, exercises, &missing, &mut checked)?;
        return Ok(checked);
    }
    let listings = manifest::all(house)?;
    let pages = text(house, &exercises, &listings, &mut checked)?;
    let one = options.page.as_deref().map(|page| wanted(house, page));
    if let Some(page) = &one {
        only(page, pages.as_deref(), &mut checked.found)?;
    }
    if options.lint || options.lengths {
        return Ok(checked);
    }
    let runs = Runs {
        house,
        options,
        missing: &missing,
        listings: &listings,
    };
    match &one {
        Some(page) => runs.page(page, pages, &mut checked)?,
        None if options.blocks => runs.blocks(pages, &exercises, &mut checked)?,
        None => runs.everything(pages, exercises, &mut checked)?,
    }
    Ok(checked)
}

/// Reads the exercises that are asked for, and looks at their form and their texts.
fn tasks(house: &House, options: &Options, found: &mut Findings) -> Result<Vec<Exercise>> {
    let mut exercises = layout::all(house, found);
    if let Some(name) = options.exercise.as_deref().filter(|name| *name != "all") {
        exercises = vec![layout::find(house, name)?];
    }
    exercises::well_formed(house, &exercises, found)?;
    for exercise in &exercises {
        let readme = exercise.folder.join("README.md");
        if let Ok(text) = std::fs::read_to_string(&readme) {
            fences::lint_text(&name(house, &readme), &text, found);
        }
    }
    Ok(exercises)
}

/// Proves the exercises that were named, as far as what they need is installed.
fn prove_named(
    house: &House,
    mut exercises: Vec<Exercise>,
    missing: &Missing,
    checked: &mut Checked,
) -> Result<()> {
    let named = exercises.len();
    exercises.retain(|exercise| !missing.concerns_chapter(&exercise.chapter));
    let out = missing
        .packages()
        .map(|package| (package, " (its exercises)".to_owned()));
    if exercises.len() < named {
        checked.not_looked_at = missing.said(out);
    }
    if exercises.is_empty() && !checked.not_looked_at.is_empty() {
        bail!(
            "what you asked for cannot run here\n{}",
            checked.not_looked_at.trim_end()
        );
    }
    checked.proven = Some(prove::prove(house, &exercises, true, &mut checked.found)?);
    Ok(())
}

/// Looks at the text of all pages. Returns them, unless one cannot be expanded.
fn text(
    house: &House,
    exercises: &[Exercise],
    listings: &BTreeMap<String, Listing>,
    checked: &mut Checked,
) -> Result<Option<Vec<Page>>> {
    let found = &mut checked.found;
    let expanded = expand::chapters(house, Target::Doctest);
    if let Err(error) = &expanded {
        broken(error, found)?;
    }
    record::programs::same_names(house, listings.values(), found);
    let Ok(pages) = expanded else {
        return Ok(None);
    };
    for page in &pages {
        fences::lint(page, found);
    }
    front::lint(house, &pages, found);
    chapters::lint(house, &pages, found)?;
    checked.lengths = Some(lengths::lint(&pages, found));
    coverage::listings(house, &pages, listings, found);
    coverage::exercises(house, &pages, exercises, found);
    coverage::figures(house, &pages, found);
    steps::lint(house, &pages, found);
    explained::lint(&pages, found);
    coverage::questions(house, &pages, listings, found);
    record::draw::lint(house, &record::draw::files(house, listings.values()), found);
    repeats::lint(house, found)?;
    links_of(house, &pages, found)?;
    Ok(Some(pages))
}

/// Keeps what concerns one page, which must be one of the book.
fn only(page: &str, pages: Option<&[Page]>, found: &mut Findings) -> Result<()> {
    // While another page cannot be expanded, nothing is known of this one.
    if pages.is_some() {
        found.keep_file(page);
    }
    let pages = pages.unwrap_or_default();
    let known = pages.iter().any(|known| slashed(&known.file) == page);
    if found.is_empty() && !known {
        let files: Vec<String> = pages.iter().map(|page| slashed(&page.file)).collect();
        let short = files.iter().map(|file| file.trim_start_matches("src/"));
        let offer = nearest(page.trim_start_matches("src/"), short)
            .map(|near| format!("did you mean `{near}`? "))
            .unwrap_or_default();
        bail!("{page} is no page of the book; {offer}src/SUMMARY.md names them all");
    }
    Ok(())
}

/// Builds the site and follows its links; what pages want and do not find is wrong, too.
fn links_of(house: &House, pages: &[Page], found: &mut Findings) -> Result<()> {
    let mut missing = match expand::missing(house) {
        Ok(missing) => missing,
        Err(error) => return broken(&error, found),
    };
    found.list.append(&mut missing);
    let site = house.target.join("check/site");
    let _ = std::fs::remove_dir_all(&site);
    match build::site(house, &site) {
        Ok(()) => links::lint(&site, pages, found),
        Err(error) => broken(&error, found),
    }
}

/// What the expansion says of broken pages, as findings.
fn broken(error: &anyhow::Error, found: &mut Findings) -> Result<()> {
    let Some(problems) = expand::problems(error) else {
        bail!("{error:#}");
    };
    found.list.extend_from_slice(problems);
    Ok(())
}

/// The page that was named, from the folder in which the command runs.
fn wanted(house: &House, page: &std::path::Path) -> String {
    let absolute = std::env::current_dir().map(|here| here.join(page));
    let candidates = [
        absolute.unwrap_or_default(),
        house.root.join(page),
        house.root.join("src").join(page),
    ];
    let found = candidates.iter().find(|path| path.is_file());
    let path = found.and_then(|path| path.canonicalize().ok());
    path.map_or_else(
        || page.to_string_lossy().into_owned(),
        |path| name(house, &path),
    )
}

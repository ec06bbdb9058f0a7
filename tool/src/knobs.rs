//! The simulated listings as programs that a page runs, and which are none, with the reason (they
//! are in `ci/wasm/without.toml`): `cargo book knobs` compiles and compares them, `cargo book
//! build` ships them.
mod modules;
mod workspace;

use crate::{
    finding::name,
    house::House,
    manifest::{self, Class, Goal, Listing},
    packages,
    progress::Progress,
    record::{picture::shown, run::world},
};
use anyhow::{Context, Result, bail};
use pictures::page::Shown;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Which listings no page runs, and why.
const WITHOUT: &str = "ci/wasm/without.toml";

/// What the command takes.
#[derive(clap::Args, Default)]
#[command(after_help = "\
Each simulated listing is compiled for WebAssembly, one program a chapter, so that readers can run it in their\n\
browser in another world: \"Change the world\" below a listing. `change` in listings.toml says which knobs it shows;\n\
ci/wasm/without.toml names the listings that cannot run there.\n\
--check runs every program in Node.js and compares output and trace with what is recorded, byte for byte.")]
pub struct Options {
    /// Only these chapters
    pub chapters: Vec<String>,
    /// Compare what they print and leave with what is recorded; look at sizes, and at knobs that
    /// change nothing
    #[arg(long)]
    check: bool,
}

/// A listing that no page runs.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Without {
    /// What stands in its way.
    because: String,
    /// Whether it compiles for WebAssembly at all.
    #[serde(default = "yes")]
    compiles: bool,
}

fn yes() -> bool {
    true
}

/// A program as the comparison is told of it.
#[derive(Serialize)]
struct Told {
    path: String,
    world: String,
    args: Vec<String>,
    panics: bool,
    change: Vec<String>,
    goal: Option<Goal>,
    output: PathBuf,
    trace: Option<PathBuf>,
    /// The program's file, by its name in the trace and where it is.
    file: String,
    source: PathBuf,
    /// What its figures show, the files of these, and of the steps.
    shown: Shown,
    figures: Vec<PathBuf>,
    steps: PathBuf,
    without: Option<String>,
}

/// Compiles, and compares if asked.
///
/// # Errors
/// When a listing does not compile, or something is not as it is recorded.
pub fn run(house: &House, options: Options) -> Result<()> {
    let progress = Progress::new("Compiling listings for pages", 2);
    let (mut chapters, without) = listed(house)?;
    for name in &options.chapters {
        if !chapters.contains_key(name) {
            let known: Vec<&str> = chapters.keys().map(String::as_str).collect();
            bail!(
                "`{name}` has no simulated listing; these chapters have: {}",
                known.join(", ")
            );
        }
    }
    workspace::write(house, &chapters, &not_compiled(&without))?;
    chapters.retain(|name, _| options.chapters.is_empty() || options.chapters.contains(name));
    progress.step("compiling");
    let programs = modules::build(house, &chapters)?;
    let mut told = BTreeMap::new();
    let mut report = Vec::new();
    for (chapter, program) in &programs {
        let listings = &chapters[chapter];
        let size = modules::zipped(program)?.len();
        report.push(format!(
            "{chapter}: {} listings, {} KB zipped",
            listings.len(),
            size.div_ceil(1000)
        ));
        told.insert(
            chapter.clone(),
            serde_json::json!({
                "program": program, "zipped": size,
                "listings": listings.iter().map(|one| tell(house, one, &without)).collect::<Vec<_>>(),
            }),
        );
    }
    let drawer = modules::drawer(house)?;
    let drawer_size = modules::zipped(&drawer)?.len();
    report.push(format!(
        "what draws runs: {} KB zipped",
        drawer_size.div_ceil(1000)
    ));
    progress.say(&report.join("\n"));
    if options.check {
        progress.step("comparing");
        still(house, &without)?;
        let file = workspace::root(house).join("told.json");
        let told = serde_json::json!({
            "drawer": { "program": drawer, "zipped": drawer_size }, "chapters": told,
        });
        fs::write(&file, serde_json::to_string(&told)?)?;
        let status = Command::new("node")
            .arg(house.root.join("ci/wasm/compare.mjs"))
            .arg(&file)
            .status()
            .context("node cannot be started")?;
        if !status.success() {
            bail!("what pages run is not right: see above");
        }
    }
    progress.done("Done.");
    Ok(())
}

/// Returns the listings that do not compile for pages.
fn not_compiled(without: &BTreeMap<String, Without>) -> Vec<String> {
    let none = without.iter().filter(|(_, one)| !one.compiles);
    none.map(|(path, _)| path.clone()).collect()
}

/// Whether what does not compile for pages still does not.
fn still(house: &House, without: &BTreeMap<String, Without>) -> Result<()> {
    for (path, one) in without {
        let needless = match path.split_once('/') {
            Some((chapter, name)) if !one.compiles => {
                let listings = manifest::readable(house)?.0;
                let listing = listings
                    .get(path)
                    .with_context(|| format!("{WITHOUT}: there is no listing `{path}`"))?;
                workspace::alone(house, chapter, listing)?;
                modules::compiles(house, chapter, name)?
            }
            Some(_) => false,
            None => bail!("{WITHOUT}: `{path}` is no listing: that is `chapter/name`"),
        };
        if needless {
            bail!(
                "{WITHOUT}: `{path}` compiles for pages by now, so it need not stand there any more"
            );
        }
    }
    Ok(())
}

fn tell(house: &House, listing: &Listing, without: &BTreeMap<String, Without>) -> Told {
    let folder = house.root.join("diagrams").join(listing.chapter());
    let recorded = |ending: &str| folder.join(format!("{}.{ending}", listing.name));
    Told {
        path: listing.path(),
        world: world(listing),
        args: listing.entry.args.clone(),
        panics: listing.entry.panics,
        change: listing.entry.change.clone(),
        goal: listing.entry.goal.clone(),
        output: listing.output(),
        trace: crate::extras::trace(house, listing),
        file: name(house, &listing.source()),
        source: listing.source(),
        shown: shown(listing),
        figures: listing
            .diagrams()
            .iter()
            .map(|one| recorded(one.ending()))
            .collect(),
        steps: recorded("md"),
        without: without.get(&listing.path()).map(|one| one.because.clone()),
    }
}

/// The listings that are compiled for pages, by chapter.
type Chapters = BTreeMap<String, Vec<Listing>>;

/// Returns the listings that are compiled for pages, and those that no page runs.
fn listed(house: &House) -> Result<(Chapters, BTreeMap<String, Without>)> {
    let without: BTreeMap<String, Without> = match fs::read_to_string(house.root.join(WITHOUT)) {
        Ok(text) => toml::from_str(&text).with_context(|| format!("{WITHOUT} is not right"))?,
        Err(_) => BTreeMap::new(),
    };
    let needs = packages::all(house)?;
    let mut chapters = Chapters::new();
    for (path, listing) in manifest::readable(house)?.0 {
        if listing.entry.class != Class::Sim || listing.package.ends_with("-lab") {
            continue;
        }
        if needs
            .get(&listing.package)
            .is_some_and(|package| !package.needs.is_empty())
        {
            continue;
        }
        let except = without.get(&path);
        if let Some(except) = except
            && !listing.entry.change.is_empty()
        {
            bail!(
                "{path}: listings.toml says `change`, and {WITHOUT} that no page can run it ({})",
                except.because
            );
        }
        if except.is_none_or(|one| one.compiles) {
            chapters
                .entry(listing.package.clone())
                .or_default()
                .push(listing);
        }
    }
    Ok((chapters, without))
}

/// Writes the programs into the site. Returns a line to say when they are left out.
///
/// # Errors
/// When a listing does not compile for WebAssembly although the target is there.
pub(crate) fn ship(house: &House, dest: &Path) -> Result<Option<String>> {
    let (chapters, without) = listed(house)?;
    let shown = |chapter: &str| {
        chapters[chapter]
            .iter()
            .any(|one| !one.entry.change.is_empty())
    };
    if !chapters.keys().any(|chapter| shown(chapter)) {
        return Ok(None);
    }
    if !modules::can(house) {
        return Ok(Some(
            "listings cannot be run in the pages: their knobs are left out. Install the target with ci/wasm-target, or rustup target add wasm32-wasip1".to_owned(),
        ));
    }
    workspace::write(house, &chapters, &not_compiled(&without))?;
    let folder = dest.join("wasm");
    fs::create_dir_all(&folder)?;
    // All of them, as the tests do: with other features Cargo would compile what they share again.
    for (chapter, program) in modules::build(house, &chapters)? {
        if !shown(&chapter) {
            continue;
        }
        let script = modules::packed(&chapter, &modules::zipped(&program)?)?;
        fs::write(folder.join(format!("{chapter}.js")), script)?;
    }
    let drawer = modules::zipped(&modules::drawer(house)?)?;
    let script = modules::packed(workspace::DRAWER, &drawer)?;
    fs::write(folder.join("pictures.js"), script)?;
    Ok(None)
}

/// Returns the program of one chapter as the script that a page loads; nothing when there is none,
/// or no compiler for it.
///
/// # Errors
/// When a listing does not compile for WebAssembly.
pub(crate) fn script(house: &House, chapter: &str) -> Result<Option<String>> {
    let (mut chapters, without) = listed(house)?;
    let draws = chapter == workspace::DRAWER;
    if !(draws || chapters.contains_key(chapter)) || !modules::can(house) {
        return Ok(None);
    }
    workspace::write(house, &chapters, &not_compiled(&without))?;
    if draws {
        let drawer = modules::zipped(&modules::drawer(house)?)?;
        return Ok(Some(modules::packed(chapter, &drawer)?));
    }
    chapters.retain(|name, _| name == chapter);
    match modules::build(house, &chapters)?.get(chapter) {
        Some(program) => Ok(Some(modules::packed(chapter, &modules::zipped(program)?)?)),
        None => Ok(None),
    }
}

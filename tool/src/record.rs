//! Runs listings as their class says; writes or compares outputs and diagrams.
pub(crate) mod draw;
pub mod listing;
pub mod machine;
pub mod orphans;
pub mod picture;
pub mod programs;
pub mod recorder;
pub mod redact;
pub mod refusals;
pub mod refused;
pub mod run;

use crate::{
    finding::{Findings, name},
    house::House,
    manifest::{self, Class, Listing},
    needs::Missing,
    parallel,
    problem::nearest,
    progress::Progress,
};
use anyhow::{Result, bail};
use recorder::Recorder;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

/// What the command takes.
#[derive(clap::Args, Default)]
#[command(after_help = "\
A listing's class, in its listings.toml, says how it is run and what is compared:\n\
  sim      in the simulated world, twice, byte for byte; then on the system, redacted\n\
  real     on the system, redacted\n\
  twin     on tokio; has its own file only where it prints something else than its pair\n\
  measure  with --measure; otherwise its file must be there and name the machine\n\
  fails    must not compile (code and message are compared), or must panic\n\
Redaction takes out ports, times, thread numbers, and what `redact` in the manifest matches.\n\
Each run has a time limit: `seconds` in the manifest, 20 unless given.")]
pub struct Options {
    /// Only these: a listing (`reactor/timers`, or `timers`) or a package (`reactor`,
    /// `reactor-lab`)
    pub names: Vec<String>,
    /// Write nothing; fail with what differs
    #[arg(long)]
    pub check: bool,
    /// Only listings of this class: sim, real, twin, measure or fails
    #[arg(long, value_parser = class)]
    pub class: Option<Class>,
    /// Run the measurements, too (minutes; the results name this machine)
    #[arg(long)]
    pub measure: bool,
    /// Print what the listings print now; write and compare nothing
    #[arg(long)]
    pub show: bool,
    /// `cargo book check` has looked at the names of all listings itself
    #[arg(skip)]
    pub linted: bool,
}

fn class(text: &str) -> Result<Class, String> {
    match text {
        "sim" => Ok(Class::Sim),
        "real" => Ok(Class::Real),
        "twin" => Ok(Class::Twin),
        "measure" => Ok(Class::Measure),
        "fails" => Ok(Class::Fails),
        _ => Err("it is one of sim, real, twin, measure, fails".to_owned()),
    }
}

/// What became of a listing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// It compiled, or was refused as it must be.
    pub compiled: bool,
    /// It ran.
    pub run: bool,
    /// What it printed is what is kept. For a measurement that was not run: its file has the shape.
    pub compared: bool,
}

/// What became of a recording.
#[derive(Debug)]
pub struct Recorded {
    /// By path.
    pub seen: BTreeMap<String, Seen>,
    /// What is wrong.
    pub found: Findings,
    /// The files that were written.
    pub written: Vec<String>,
    /// With `--show`: what the listings print.
    pub shown: Vec<String>,
    /// The packages that were left out because something they need is missing, and why, in words.
    pub not_looked_at: String,
}

/// Runs the command.
///
/// # Errors
/// When a listing fails, hangs, or prints something else than what is kept.
pub fn run(house: &House, options: Options) -> Result<()> {
    let recorded = record(house, &options)?;
    recorded.found.print();
    for text in &recorded.shown {
        print!("{text}");
    }
    if options.show && recorded.found.is_empty() {
        return Ok(());
    }
    for file in &recorded.written {
        eprintln!("wrote {file}");
    }
    let right = recorded.seen.values().filter(|seen| seen.compared).count();
    eprintln!(
        "record: {right} of {} listings are as they must be",
        recorded.seen.len()
    );
    eprint!("{}", recorded.not_looked_at);
    if !recorded.found.is_empty() {
        match recorded.found.len() {
            1 => bail!("1 thing is wrong, see above"),
            number => bail!("{number} things are wrong, see above"),
        }
    }
    Ok(())
}

/// Records or compares, and says what became of each listing.
///
/// # Errors
/// When a name is not known, or Cargo cannot be started.
pub fn record(house: &House, options: &Options) -> Result<Recorded> {
    let all = manifest::all(house)?;
    let mut chosen = choose(house, &all, &options.names)?;
    chosen.retain(|listing| {
        options
            .class
            .is_none_or(|class| listing.entry.class == class)
    });
    let missing = Missing::here(house)?;
    let not_looked_at = leave_out(&missing, &mut chosen, !options.names.is_empty())?;
    let mut recorder = Recorder {
        house,
        check: options.check,
        found: Findings::default(),
        written: Vec::new(),
        show: options.show,
        shown: Vec::new(),
    };
    if options.names.is_empty() && !options.linted {
        programs::same_names(house, all.values(), &mut recorder.found);
    }
    let mut seen: BTreeMap<String, Seen> = chosen
        .iter()
        .map(|listing| (listing.path(), Seen::default()))
        .collect();
    chosen.retain(|listing| has_program(house, listing, &mut recorder.found));
    let groups = Groups::of(chosen, options.measure);
    run_all(&mut recorder, options, &missing, &all, &groups, &mut seen)?;
    if !options.measure {
        for listing in groups.measures {
            let became = listing::kept_measurement(&mut recorder, listing);
            seen.insert(listing.path(), became);
        }
    }
    if !options.show && !options.check {
        draw_again(&mut recorder, &all, &seen);
    }
    if options.names.is_empty() && options.class.is_none() && !options.show {
        orphans::look(&mut recorder, &all)?;
    }
    Ok(Recorded {
        seen,
        found: recorder.found,
        written: recorder.written,
        shown: recorder.shown,
        not_looked_at,
    })
}

/// Takes out the listings that cannot run here, and says so in words.
///
/// # Errors
/// When one of them was `named`.
fn leave_out(missing: &Missing, chosen: &mut Vec<&Listing>, named: bool) -> Result<String> {
    let mut left_out: BTreeMap<String, usize> = BTreeMap::new();
    chosen.retain(|listing| {
        let concerned = missing.concerns(&listing.package);
        if concerned {
            *left_out.entry(listing.package.clone()).or_default() += 1;
        }
        !concerned
    });
    let said = missing.said(left_out.iter().map(|(package, count)| {
        let s = if *count == 1 { "" } else { "s" };
        (package.as_str(), format!(" ({count} listing{s})"))
    }));
    if named && !left_out.is_empty() {
        bail!("what you asked for cannot run here\n{}", said.trim_end());
    }
    Ok(said)
}

/// Returns whether a listing's program is there; a fault when it is not.
fn has_program(house: &House, listing: &Listing, found: &mut Findings) -> bool {
    let source = listing.source();
    if !source.is_file() {
        let (entry, source) = (listing.folder.join("listings.toml"), name(house, &source));
        found.add(
            name(house, &entry),
            0,
            format!("[{}] has no program: {source} is missing", listing.name),
            "write it, or remove the entry",
        );
    }
    source.is_file()
}

/// Listings by how they are looked at.
struct Groups<'a> {
    /// Run, before their twins are compared with them.
    others: Vec<&'a Listing>,
    twins: Vec<&'a Listing>,
    /// Must not compile.
    refused: Vec<&'a Listing>,
    /// Measurements: run only when that is asked for, among the others.
    measures: Vec<&'a Listing>,
}

impl<'a> Groups<'a> {
    fn of(chosen: Vec<&'a Listing>, measure: bool) -> Groups<'a> {
        let (measures, mut rest): (Vec<&Listing>, Vec<&Listing>) = chosen
            .into_iter()
            .partition(|listing| listing.entry.class == Class::Measure);
        if measure {
            rest.extend(&measures);
        }
        let (refused, runnable): (Vec<&Listing>, Vec<&Listing>) = rest
            .into_iter()
            .partition(|listing| listing.entry.code.is_some());
        let (twins, others) = runnable
            .into_iter()
            .partition(|listing| listing.entry.class == Class::Twin);
        Groups {
            others,
            twins,
            refused,
            measures,
        }
    }
}

/// Builds what runs, runs it, and has the compiler refuse what it must refuse.
fn run_all(
    recorder: &mut Recorder<'_>,
    options: &Options,
    missing: &Missing,
    all: &BTreeMap<String, Listing>,
    groups: &Groups<'_>,
    seen: &mut BTreeMap<String, Seen>,
) -> Result<()> {
    let runnable = [groups.others.as_slice(), &groups.twins].concat();
    let packages: BTreeSet<_> = groups.refused.iter().map(|l| l.package.as_str()).collect();
    let steps = programs::builds(&runnable) + (runnable.len() + packages.len()) as u64;
    let progress = Progress::new("record", steps);
    let programs = programs::build(
        recorder.house,
        &runnable,
        options.names.is_empty(),
        missing,
        &progress,
        &mut recorder.found,
    )?;
    for group in [&groups.others, &groups.twins] {
        run_group(recorder, all, group, &programs, &progress, seen)?;
    }
    for package in packages {
        progress.step(&format!("{package}: what must not compile"));
        let group: Vec<_> = groups
            .refused
            .iter()
            .filter(|listing| listing.package == package)
            .copied()
            .collect();
        // A measurement is built optimised, and nothing else would need it here.
        let runs = |one: &&Listing| !matches!(one.entry.class, Class::Fails | Class::Measure);
        let one = all.values().filter(runs).find(|one| one.package == package);
        let whole = options.names.is_empty();
        let built = programs::libraries(recorder.house, package, one, whole, missing);
        refusals::record(recorder, package, &group, built, seen)?;
    }
    Ok(())
}

/// Draws again what is older than its text. Whether all pictures are as new, `cargo book check`
/// asks.
fn draw_again(
    recorder: &mut Recorder<'_>,
    all: &BTreeMap<String, Listing>,
    seen: &BTreeMap<String, Seen>,
) {
    let drawn = seen.keys().filter_map(|path| all.get(path));
    match draw::renew(recorder.house, &draw::files(recorder.house, drawn)) {
        Ok(written) => recorder.written.extend(written),
        // Who has no browser can record all the same; `cargo book check` will not forget it.
        Err(error) => recorder.found.note(format!("{error:#}")),
    }
}

/// How many listings run at once when their outputs are compared: a run mostly waits. `ci/README.md`
/// has how long it takes with fewer and with more.
const AT_ONCE: usize = 16;

/// Runs listings, several at once when nothing is written, and joins what became of them in order.
fn run_group(
    recorder: &mut Recorder<'_>,
    all: &BTreeMap<String, Listing>,
    group: &[&Listing],
    programs: &BTreeMap<String, PathBuf>,
    progress: &Progress,
    seen: &mut BTreeMap<String, Seen>,
) -> Result<()> {
    // What is written must not depend on what else the machine does, so a recording runs alone.
    let at_once = if recorder.check { AT_ONCE } else { 1 };
    let fresh = recorder.fresh();
    let ran = parallel::map(group, at_once, |listing| {
        progress.step(&listing.path());
        let mut own = fresh.fresh();
        let became = match programs.get(&listing.path()) {
            Some(program) => Some(listing::one(&mut own, all, listing, program)?),
            None => None,
        };
        Ok((became, own))
    })?;
    for (listing, (mut became, mut own)) in group.iter().zip(ran) {
        // A neighbour may have been in its way: what it does alone counts.
        if at_once > 1
            && !own.found.is_empty()
            && let Some(program) = programs.get(&listing.path())
        {
            own = fresh.fresh();
            became = Some(listing::one(&mut own, all, listing, program)?);
            if own.found.is_empty() {
                let path = listing.path();
                recorder.found.note(format!(
                    "{path} was right only when it ran alone: what does it share with others?"
                ));
            }
        }
        if let Some(became) = became {
            seen.insert(listing.path(), became);
        }
        recorder.join(own);
    }
    Ok(())
}

/// Returns the listings that the names mean; all without a name.
fn choose<'a>(
    house: &House,
    all: &'a BTreeMap<String, Listing>,
    names: &[String],
) -> Result<Vec<&'a Listing>> {
    if names.is_empty() {
        return Ok(all.values().collect());
    }
    let mut chosen = BTreeMap::new();
    for wanted in names {
        let mut known = false;
        for (path, listing) in all {
            if path == wanted || listing.package == *wanted || listing.name == *wanted {
                known = true;
                chosen.insert(path, listing);
            }
        }
        if !known {
            if let Some((package, short)) = wanted.split_once('/') {
                let folder = house.package(package);
                let program = folder.join("examples").join(format!("{short}.rs"));
                if program.is_file() {
                    bail!(
                        "{}: {} has no entry for it\n    -> add [{short}] with `caption` and `class`",
                        name(house, &program),
                        name(house, &folder.join("listings.toml"))
                    );
                }
            }
            let offer = nearest(wanted, all.keys().map(String::as_str))
                .or_else(|| nearest(wanted, all.values().map(|l| l.name.as_str())))
                .map(|near| format!(" Did you mean `{near}`?"))
                .unwrap_or_default();
            bail!(
                "there is no listing `{wanted}`.{offer} The listings.toml of each package names them."
            );
        }
    }
    Ok(chosen.into_values().collect())
}

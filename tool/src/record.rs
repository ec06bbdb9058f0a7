//! Runs listings as their class says; writes or compares outputs and diagrams.
pub(crate) mod draw;
pub mod keep;
pub mod listing;
pub mod machine;
pub mod orphans;
pub mod picture;
pub mod programs;
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
use keep::Keeper;
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
    /// Only these: a listing (`reactor/timers`, or `timers`) or a package (`reactor`, `reactor-lab`)
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
    /// Print what the listings give now; write and compare nothing
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

/// What a recording gave.
#[derive(Debug)]
pub struct Recorded {
    /// By path.
    pub seen: BTreeMap<String, Seen>,
    /// What is wrong.
    pub found: Findings,
    /// The files that were written.
    pub written: Vec<String>,
    /// With `--show`: what the listings give.
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
    let mut left_out: BTreeMap<String, usize> = BTreeMap::new();
    chosen.retain(|listing| {
        let concerned = missing.concerns(&listing.package);
        if concerned {
            *left_out.entry(listing.package.clone()).or_default() += 1;
        }
        !concerned
    });
    let not_looked_at = missing.said(left_out.iter().map(|(package, count)| {
        let s = if *count == 1 { "" } else { "s" };
        (package.as_str(), format!(" ({count} listing{s})"))
    }));
    if !options.names.is_empty() && !left_out.is_empty() {
        bail!(
            "what you asked for cannot run here\n{}",
            not_looked_at.trim_end()
        );
    }
    let mut keeper = Keeper {
        house,
        check: options.check,
        found: Findings::default(),
        written: Vec::new(),
        show: options.show,
        shown: Vec::new(),
    };
    if options.names.is_empty() && !options.linted {
        programs::same_names(house, all.values(), &mut keeper.found);
    }
    let mut seen: BTreeMap<String, Seen> = BTreeMap::new();
    chosen.retain(|listing| {
        seen.insert(listing.path(), Seen::default());
        let there = listing.source().is_file();
        if !there {
            keeper.found.add(
                name(house, &listing.folder.join("listings.toml")),
                0,
                format!(
                    "[{}] has no program: {} is missing",
                    listing.name,
                    name(house, &listing.source())
                ),
                "write it, or remove the entry",
            );
        }
        there
    });
    let (measures, mut rest): (Vec<&Listing>, Vec<&Listing>) = chosen
        .into_iter()
        .partition(|listing| listing.entry.class == Class::Measure);
    if options.measure {
        rest.extend(&measures);
    }
    let (refused, runnable): (Vec<&Listing>, Vec<&Listing>) = rest
        .into_iter()
        .partition(|listing| listing.entry.code.is_some());
    let packages: BTreeSet<_> = refused.iter().map(|l| l.package.as_str()).collect();
    let steps = programs::builds(&runnable) + (runnable.len() + packages.len()) as u64;
    let progress = Progress::new("record", steps);
    let programs = programs::build(
        house,
        &runnable,
        options.names.is_empty(),
        &missing,
        &progress,
        &mut keeper.found,
    )?;
    // A pair is compared before its twin.
    let (twins, others): (Vec<&Listing>, Vec<&Listing>) = runnable
        .into_iter()
        .partition(|listing| listing.entry.class == Class::Twin);
    for group in [others, twins] {
        run_group(&mut keeper, &all, &group, &programs, &progress, &mut seen)?;
    }
    for package in packages {
        progress.step(&format!("{package}: what must not compile"));
        let group: Vec<_> = refused
            .iter()
            .filter(|l| l.package == package)
            .copied()
            .collect();
        refusals::record(&mut keeper, package, &group, &mut seen)?;
    }
    if !options.measure {
        for listing in measures {
            let became = listing::kept_measurement(&mut keeper, listing);
            seen.insert(listing.path(), became);
        }
    }
    // Whether pictures are as new as their text is asked by `cargo book check`.
    if !options.show && !options.check {
        let drawn = seen.keys().filter_map(|path| all.get(path));
        match draw::renew(house, &draw::files(house, drawn)) {
            Ok(written) => keeper.written.extend(written),
            // Who has no browser can record all the same; `cargo book check` will not forget it.
            Err(error) => keeper.found.note(format!("{error:#}")),
        }
    }
    if options.names.is_empty() && options.class.is_none() && !options.show {
        orphans::look(&mut keeper, &all)?;
    }
    Ok(Recorded {
        seen,
        found: keeper.found,
        written: keeper.written,
        shown: keeper.shown,
        not_looked_at,
    })
}

/// How many listings run at once when their outputs are compared: a run mostly waits.
const AT_ONCE: usize = 8;

/// Runs listings, several at once when nothing is written, and joins what became of them in order.
fn run_group(
    keeper: &mut Keeper<'_>,
    all: &BTreeMap<String, Listing>,
    group: &[&Listing],
    programs: &BTreeMap<String, PathBuf>,
    progress: &Progress,
    seen: &mut BTreeMap<String, Seen>,
) -> Result<()> {
    // What is written must not depend on what else the machine does, so a recording runs alone.
    let at_once = if keeper.check { AT_ONCE } else { 1 };
    let fresh = keeper.fresh();
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
                keeper.found.note(format!(
                    "{path} was right only when it ran alone: what does it share with others?"
                ));
            }
        }
        if let Some(became) = became {
            seen.insert(listing.path(), became);
        }
        keeper.join(own);
    }
    Ok(())
}

/// The listings that the names mean; all without a name.
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

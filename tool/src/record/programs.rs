//! Builds the examples of listings, a package at a time, and keeps each program apart from its
//! twin.
use crate::{
    cargo::{self, Built},
    finding::{Findings, name},
    house::House,
    manifest::{Class, Listing},
    needs::Missing,
    progress::Progress,
};
use anyhow::{Context, Result, bail};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// Returns the programs by `package/name`. A listing that does not compile is a finding.
///
/// With `whole`, Cargo selects the packages that `ci/test` selects for its tests, so that their
/// dependencies have the same features and no example is compiled or linked a second time.
///
/// # Errors
/// When Cargo cannot be started or a program cannot be copied.
pub fn build(
    house: &House,
    listings: &[&Listing],
    whole: bool,
    missing: &Missing,
    progress: &Progress,
    found: &mut Findings,
) -> Result<BTreeMap<String, PathBuf>> {
    let mut programs = BTreeMap::new();
    for ((package, release), group) in groups(listings) {
        progress.step(&format!(
            "building {} of {package}{}",
            programs_of(group.len()),
            if release { ", optimised" } else { "" }
        ));
        let mut command = cargo::command_in(house);
        command
            .args(["build", "--quiet", "--keep-going"])
            .current_dir(&house.root);
        if release {
            command.arg("--release");
        }
        if whole && !release {
            command.args(selection(house, package.ends_with("-lab"), missing));
        } else {
            command.args(["-p", package]);
        }
        for listing in &group {
            command.args(["--example", &listing.name]);
        }
        let built = cargo::build(&mut command, false)?;
        let crate_errors: String = built
            .said
            .iter()
            .filter(|said| said.level == "error" && !group.iter().any(|l| l.name == said.target))
            .map(|said| said.rendered.as_str())
            .collect();
        let nothing_said = !built.ok && built.said.iter().all(|said| said.level != "error");
        if !crate_errors.is_empty() || nothing_said {
            let why = if nothing_said {
                &built.stderr
            } else {
                &crate_errors
            };
            found.add(
                name(house, &house.package(package)),
                0,
                format!("the package, or what it needs, does not compile:\n{why}"),
                "make it compile; its listings were not run",
            );
            continue;
        }
        for listing in group {
            let source = name(house, &listing.source());
            let Some(program) = built.program(&listing.folder, &listing.name) else {
                let says: String = built
                    .errors_in(&listing.folder)
                    .filter(|said| said.target == listing.name)
                    .map(|said| said.rendered.as_str())
                    .collect();
                let what = format!("it does not compile:\n{says}");
                found.add(source, 0, what, "make it compile");
                continue;
            };
            programs.insert(listing.path(), keep(house, listing, program)?);
        }
    }
    Ok(programs)
}

/// Builds what the programs of a package are linked with, by means of `one` of them, if there is
/// any; as [`build`] does it.
///
/// # Errors
/// When it does not compile.
pub fn libraries(
    house: &House,
    package: &str,
    one: Option<&Listing>,
    whole: bool,
    missing: &Missing,
) -> Result<Built> {
    let mut command = cargo::command_in(house);
    command.args(["build", "--quiet"]).current_dir(&house.root);
    match (whole, one) {
        (true, Some(_)) => command.args(selection(house, package.ends_with("-lab"), missing)),
        _ => command.args(["-p", package]),
    };
    match one {
        Some(one) => command.args(["--example", &one.name]),
        None => command.arg("--lib"),
    };
    let built = cargo::build(&mut command, false)?;
    if !built.ok {
        let said: String = built.said.iter().map(|s| s.rendered.as_str()).collect();
        bail!(
            "what they depend on does not compile:\n{said}{}",
            built.stderr
        );
    }
    Ok(built)
}

/// Returns how Cargo is told of all labs, or of all packages but the labs; those that cannot be
/// built here are left out.
fn selection(house: &House, labs: bool, missing: &Missing) -> Vec<String> {
    let none: Vec<&str> = missing
        .packages()
        .filter(|package| package.ends_with("-lab") == labs)
        .collect();
    let words: Vec<&str> = match (labs, none.is_empty()) {
        (true, true) => vec!["-p", "*-lab"],
        (true, false) => vec![],
        (false, _) => vec!["--workspace", "--exclude", "*-lab"],
    };
    let mut words: Vec<String> = words.into_iter().map(str::to_owned).collect();
    if !labs {
        let out = none.iter().flat_map(|package| ["--exclude", package]);
        words.extend(out.map(str::to_owned));
    } else if words.is_empty() {
        let there = house
            .labs()
            .into_iter()
            .filter(|lab| !missing.concerns(lab));
        words.extend(there.flat_map(|lab| ["-p".to_owned(), lab]));
    }
    if labs && house.root.join("tool/features").is_dir() {
        // With it the labs want of each library what all other packages want, and find it compiled.
        words.extend(["-p".to_owned(), "features".to_owned()]);
    }
    words
}

/// Cargo puts examples of the same name into the same file, whichever package they are of: a twin
/// may have the name of its listing, since the labs are built apart, and no other listing may.
pub fn same_names<'a>(
    house: &House,
    listings: impl IntoIterator<Item = &'a Listing>,
    found: &mut Findings,
) {
    let mut names: BTreeMap<(&str, bool), &Listing> = BTreeMap::new();
    // One that must not compile is no example of Cargo's, and a measurement is built with its
    // package alone.
    let built =
        |listing: &&Listing| listing.entry.code.is_none() && listing.entry.class != Class::Measure;
    for listing in listings.into_iter().filter(built) {
        let key = (listing.name.as_str(), listing.package.ends_with("-lab"));
        if let Some(other) = names.insert(key, listing) {
            found.add(
                name(house, &listing.folder.join("listings.toml")),
                0,
                format!("[{}] has the name of {}", listing.name, other.path()),
                "rename one of them: Cargo would build both into the same file",
            );
        }
    }
}

/// Returns how many builds there are.
pub fn builds(listings: &[&Listing]) -> u64 {
    groups(listings).len() as u64
}

fn groups<'a>(listings: &[&'a Listing]) -> BTreeMap<(&'a str, bool), Vec<&'a Listing>> {
    let mut groups: BTreeMap<_, Vec<&Listing>> = BTreeMap::new();
    for listing in listings {
        groups
            .entry((
                listing.package.as_str(),
                listing.entry.class == Class::Measure,
            ))
            .or_default()
            .push(listing);
    }
    groups
}

fn programs_of(number: usize) -> String {
    match number {
        1 => "1 program".to_owned(),
        _ => format!("{number} programs"),
    }
}

/// A listing and its twin have the same name, so Cargo puts one where the other was.
fn keep(house: &House, listing: &Listing, program: &Path) -> Result<PathBuf> {
    let kept = house
        .target
        .join("record/bin")
        .join(&listing.package)
        .join(program.file_name().unwrap_or_default());
    if let Some(folder) = kept.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let _ = std::fs::remove_file(&kept);
    if std::fs::hard_link(program, &kept).is_err() {
        std::fs::copy(program, &kept)
            .with_context(|| format!("{} cannot be copied", program.display()))?;
    }
    Ok(kept)
}

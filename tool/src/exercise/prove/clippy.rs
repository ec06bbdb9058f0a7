//! Has clippy look at starters, solutions and tests, with the libraries that Cargo has built for
//! them.
//!
//! `cargo clippy` would compile all that they depend on a second time, as it needs it.
use super::{Kind, Variant};
use crate::{
    cargo::{self, Built, Said},
    externs::{self, Extern, Libraries},
    finding::{Findings, name},
    house::House,
    parallel,
    record::refused,
};
use anyhow::{Context, Result};
use serde_json::Value;
use std::{collections::BTreeSet, process::Command, thread::available_parallelism};

/// One file that clippy looks at.
struct Call<'a> {
    variant: &'a Variant<'a>,
    /// The tests, and not the answer.
    tests: bool,
    /// The crates that it may name, and their files.
    externs: Vec<Extern>,
}

/// Clippy on starters and solutions, and on the tests: once, for they are the same for all answers.
/// What does not compile is left out: that is said where it is judged.
///
/// # Errors
/// When clippy cannot be started.
pub(super) fn look(
    house: &House,
    variants: &[Variant<'_>],
    built: &Built,
    found: &mut Findings,
) -> Result<()> {
    let libraries = Libraries::of(built);
    let mut calls = Vec::new();
    for variant in variants {
        let Some(own) = built.library(&variant.folder) else {
            continue;
        };
        if matches!(variant.kind, Kind::Wrong(_)) {
            continue;
        }
        let externs = match externs(house, variant, &libraries) {
            Ok(externs) => externs,
            Err(error) => {
                let file = name(house, &variant.exercise.folder.join("Cargo.toml"));
                found.add(file, 0, format!("{error:#}"), "write it as the others do");
                continue;
            }
        };
        if variant.kind == Kind::Solution && built.program(&variant.folder, "check").is_some() {
            let mut externs = externs.clone();
            externs.push((variant.exercise.name.clone(), own));
            calls.push(Call {
                variant,
                tests: true,
                externs,
            });
        }
        calls.push(Call {
            variant,
            tests: false,
            externs,
        });
    }
    let at_once = available_parallelism().map_or(1, usize::from);
    let mut seen = BTreeSet::new();
    for (call, said) in calls
        .iter()
        .zip(parallel::map(&calls, at_once, |call| ask(house, call))?)
    {
        for said in said {
            if seen.insert(said.rendered.clone()) {
                found.add(
                    name(house, &call.variant.exercise.folder),
                    0,
                    format!("clippy says:\n{}", said.rendered),
                    "mend it as it says",
                );
            }
        }
    }
    Ok(())
}

/// The crates on which an exercise depends.
fn externs(house: &House, variant: &Variant<'_>, libraries: &Libraries) -> Result<Vec<Extern>> {
    let manifest = variant.exercise.folder.join("Cargo.toml");
    let table = refused::dependencies(house, &manifest, false)?;
    let names = table.get("dependencies").and_then(toml::Value::as_table);
    let names = names.into_iter().flat_map(toml::Table::keys);
    names.map(|name| libraries.find(name)).collect()
}

/// Calls clippy as Cargo does, and returns what it says.
fn ask(house: &House, call: &Call<'_>) -> Result<Vec<Said>> {
    let exercise = call.variant.exercise;
    let scratch = call.variant.folder.join("clippy");
    std::fs::create_dir_all(&scratch)?;
    let mut command = Command::new("clippy-driver");
    cargo::clean(&mut command);
    command
        .args(["--edition=2024", "--emit=metadata", "--error-format=json"])
        .args(["--check-cfg=cfg(docsrs,test)"])
        .args(["--check-cfg=cfg(feature, values())"])
        .arg("--out-dir")
        .arg(&scratch)
        .env("CARGO_MANIFEST_DIR", &call.variant.folder)
        .current_dir(&house.root);
    match call.tests {
        true => command
            .args(["--crate-name=check", "--test"])
            .arg(exercise.folder.join("tests/check.rs")),
        false => command
            .args(["--crate-type=lib", "--crate-name", &exercise.name])
            .arg(&call.variant.source),
    };
    if call.variant.kind == Kind::Starter {
        command.args(super::STARTER_MAY.map(|lint| format!("--allow={lint}")));
    }
    externs::pass(&call.externs, &mut command);
    let output = command
        .output()
        .context("clippy cannot be started; install it: rustup component add clippy")?;
    let text = String::from_utf8_lossy(&output.stderr);
    let said: Vec<Said> = text
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter_map(|what| Said::read(&what, &call.variant.folder, &exercise.name))
        .collect();
    if !output.status.success() && said.is_empty() {
        anyhow::bail!("clippy {}:\n{}", output.status, text.trim_end());
    }
    Ok(said)
}

//! Proves exercises: the starter fails, the solution passes, each wrong answer fails and says why.
mod clippy;
mod judge;

use super::{layout::Exercise, unchanged::Proofs};
use crate::{
    cargo::{self, Built, write_if_new},
    finding::{Findings, name},
    house::House,
    progress::Progress,
    record::refused,
};
use anyhow::{Context, Result};
use judge::judge;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

/// One answer to an exercise.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Compiles and fails.
    Starter,
    /// Passes.
    Solution,
    /// Fails, with this name in `exercise.toml`.
    Wrong(String),
}

/// The lints that a starter may break: what is unfinished has unused names and `todo!()`.
const STARTER_MAY: [&str; 2] = ["unused", "clippy::diverging_sub_expression"];

struct Variant<'a> {
    exercise: &'a Exercise,
    kind: Kind,
    source: PathBuf,
    /// Its package in the scratch workspace.
    folder: PathBuf,
}

/// How many of what was proven.
#[derive(Clone, Copy, Debug, Default)]
pub struct Proven {
    /// Exercises.
    pub exercises: usize,
    /// Wrong answers.
    pub wrong: usize,
}

/// Builds every variant of every exercise in one scratch workspace a chapter, and runs it.
///
/// The packages of the workspace point at the real files, so a message of the compiler names the
/// file that is to be mended.
///
/// A chapter that was proven in this target folder, and of which nothing has changed since, is not
/// proven again, unless `everything` is.
///
/// # Errors
/// When Cargo cannot be started or the scratch files cannot be written; what is wrong with an
/// exercise goes into `found`.
pub fn prove(
    house: &House,
    exercises: &[Exercise],
    everything: bool,
    found: &mut Findings,
) -> Result<Proven> {
    let mut chapters: BTreeMap<&str, Vec<&Exercise>> = BTreeMap::new();
    for exercise in exercises {
        chapters
            .entry(&exercise.chapter)
            .or_default()
            .push(exercise);
    }
    let mut proven = Proven::default();
    let proofs = Proofs::of(house)?;
    let steps = 3 * chapters.len() as u64;
    let progress = Progress::new("exercises", steps);
    std::thread::scope(|scope| {
        let mut judged = Vec::new();
        for (chapter, exercises) in chapters {
            let label = label(chapter, &exercises);
            let scratch = house.target.join("exercises").join(&label);
            let folders = exercises.iter().map(|exercise| exercise.folder.as_path());
            let digest = proofs.digest(house, folders)?;
            let mut own = Findings::default();
            let variants = write(house, &scratch, &exercises, &mut own)?;
            proven.exercises += exercises.len();
            proven.wrong += variants
                .iter()
                .filter(|variant| matches!(variant.kind, Kind::Wrong(_)))
                .count();
            if !everything && proofs.holds(&label, &digest) {
                for _ in 0..3 {
                    progress.step(&format!("{chapter}: unchanged since it was proven here"));
                }
                found.append(own);
                continue;
            }
            progress.step(&format!("{chapter}: building {} answers", variants.len()));
            let built = cargo::build(
                in_scratch(house, &scratch, "build").args(["--workspace", "--test", "check"]),
                false,
            )?;
            if !begun(chapter, &built, &variants, &mut own) {
                found.append(own);
                continue;
            }
            let (proofs, progress) = (&proofs, &progress);
            // The next chapter is built meanwhile: an answer that hangs is waited for, and keeps no
            // processor busy.
            judged.push(scope.spawn(move || {
                progress.step(&format!("{chapter}: running their tests"));
                run_all(house, &variants, &built, &mut own)?;
                progress.step(&format!("{chapter}: clippy"));
                clippy::look(house, &variants, &built, &mut own)?;
                if own.is_empty() {
                    proofs.keep(&label, &digest)?;
                }
                anyhow::Ok(own)
            }));
        }
        for chapter in judged {
            let own = chapter
                .join()
                .map_err(|_| anyhow::anyhow!("a thread that judges answers panicked"))??;
            found.append(own);
        }
        Ok(proven)
    })
}

/// The name of its workspace: one exercise alone has its own, so that the others stay built.
fn label(chapter: &str, exercises: &[&Exercise]) -> String {
    match exercises {
        [one] => format!("{chapter}-{}", one.name),
        _ => chapter.to_owned(),
    }
}

/// Returns whether Cargo has compiled anything; a fault when it has not.
fn begun(chapter: &str, built: &Built, variants: &[Variant<'_>], found: &mut Findings) -> bool {
    let begun = !built.made.is_empty() || !built.said.is_empty() || variants.is_empty();
    if !begun {
        found.add(
            format!("exercises/{chapter}"),
            0,
            format!(
                "Cargo could not begin to build its exercises:\n{}",
                built.stderr
            ),
            "mend the Cargo.toml that it names",
        );
    }
    begun
}

fn in_scratch(house: &House, scratch: &Path, what: &str) -> Command {
    let mut command = cargo::command();
    command
        .args([what, "--quiet", "--keep-going", "--manifest-path"])
        .arg(scratch.join("Cargo.toml"))
        .arg("--target-dir")
        .arg(house.target.join("exercises/build"))
        .current_dir(&house.root);
    command
}

/// Writes the scratch workspace of a chapter: a package for each variant that has a file.
fn write<'a>(
    house: &House,
    scratch: &Path,
    exercises: &[&'a Exercise],
    found: &mut Findings,
) -> Result<Vec<Variant<'a>>> {
    let mut variants = Vec::new();
    for exercise in exercises {
        let manifest = exercise.folder.join("Cargo.toml");
        let dependencies = match refused::dependencies(house, &manifest, false) {
            Ok(dependencies) => toml::to_string(&dependencies)?,
            Err(error) => {
                found.add(
                    name(house, &manifest),
                    0,
                    format!("{error:#}"),
                    "exercises/README.md shows how it looks",
                );
                continue;
            }
        };
        let mut kinds = vec![
            (Kind::Starter, exercise.starter()),
            (Kind::Solution, exercise.solution()),
        ];
        for wrong in exercise.spec.wrong.keys() {
            kinds.push((Kind::Wrong(wrong.clone()), exercise.wrong(wrong)));
        }
        for (kind, source) in kinds {
            if !source.is_file() || !exercise.folder.join("tests/check.rs").is_file() {
                continue; // said by `well_formed`
            }
            let label = match &kind {
                Kind::Starter => format!("{}--starter", exercise.name),
                Kind::Solution => format!("{}--solution", exercise.name),
                Kind::Wrong(wrong) => format!("{}--wrong--{wrong}", exercise.name),
            };
            let folder = scratch.join(&label);
            write_if_new(
                &folder.join("Cargo.toml"),
                &manifest_of(&label, exercise, &kind, &source, &dependencies),
            )?;
            variants.push(Variant {
                exercise,
                kind,
                source,
                folder,
            });
        }
    }
    let members: Vec<_> = variants
        .iter()
        .map(|variant| format!("{:?}", super::layout::file_name(&variant.folder)))
        .collect();
    // An answer is not debugged, and linking is most of its cost. Symbols stay, because a stack is
    // named by them. What it depends on is built as `grade` builds it, so that either finds the
    // other's.
    let overrides: String = members
        .iter()
        .map(|label| {
            format!("\n[profile.dev.package.{label}]\ndebug = false\nstrip = \"debuginfo\"\n")
        })
        .collect();
    write_if_new(
        &scratch.join("Cargo.toml"),
        &format!(
            "# Written by `cargo book check`: every answer to the exercises of one chapter.\n\
             [workspace]\nresolver = \"3\"\nmembers = [{}]\n\n\
             [profile.dev]\ndebug = \"line-tables-only\"\nincremental = false\n{overrides}",
            members.join(", ")
        ),
    )?;
    // The same versions as the readers get.
    let lock = house.root.join("exercises/Cargo.lock");
    if lock.is_file() && !scratch.join("Cargo.lock").is_file() {
        std::fs::copy(&lock, scratch.join("Cargo.lock"))
            .with_context(|| format!("{} cannot be copied", lock.display()))?;
    }
    Ok(variants)
}

fn manifest_of(
    label: &str,
    exercise: &Exercise,
    kind: &Kind,
    source: &Path,
    dependencies: &str,
) -> String {
    // A starter has unused names by nature, and a wrong answer is judged by its tests alone.
    let lints = match kind {
        Kind::Solution => "",
        Kind::Starter | Kind::Wrong(_) => "[lints.rust]\nunused = \"allow\"\n\n",
    };
    format!(
        "# Written by `cargo book check`.\n[package]\nname = {label:?}\nversion = \"0.0.0\"\n\
         edition = \"2024\"\npublish = false\n\n[lib]\nname = {:?}\npath = {source:?}\n\
         doctest = false\n\n[[test]]\nname = \"check\"\npath = {:?}\n\n{lints}{dependencies}",
        exercise.name,
        exercise.folder.join("tests/check.rs"),
    )
}

/// Runs every variant, a few at a time.
fn run_all(
    house: &House,
    variants: &[Variant<'_>],
    built: &Built,
    found: &mut Findings,
) -> Result<()> {
    let next = AtomicUsize::new(0);
    let all = Mutex::new(Findings::default());
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..workers)
            .map(|_| {
                scope.spawn(|| {
                    while let Some(variant) = variants.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let mut found = Findings::default();
                        judge(house, variant, built, &mut found)?;
                        if let Ok(mut all) = all.lock() {
                            all.append(found);
                        }
                    }
                    anyhow::Ok(())
                })
            })
            .collect();
        for worker in workers {
            worker
                .join()
                .map_err(|_| anyhow::anyhow!("a worker that runs exercises panicked"))??;
        }
        anyhow::Ok(())
    })?;
    if let Ok(all) = all.into_inner() {
        found.append(all);
    }
    Ok(())
}

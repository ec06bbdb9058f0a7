//! Checks a reader's answer: compiles it, runs its tests under a limit, says what is missing.
use super::{grade, layout::Exercise, progress::State, remember, report::Report};
use crate::{held::fences, house::House};
use anyhow::{Result, anyhow, bail};
use std::{io::IsTerminal, path::Path};

/// Checks the answer in `src/lib.rs` and prints what a reader needs to know.
///
/// # Errors
/// When the answer does not compile, fails its tests or hangs; all was said already.
pub fn check(house: &House, exercise: &Exercise) -> Result<()> {
    let state = remember(house, exercise, false)?;
    let report = attempt(house, exercise, &exercise.answer())
        .map_err(|error| anyhow!("{error:#}{}", next_hint(exercise, state)))?;
    if report.passed() {
        remember(house, exercise, true)?;
        println!(
            "Solved: {} of {} {}.\nCompare with our solution: cargo book exercise solution {}",
            counted(&report),
            exercise.path(),
            if report.ok == 1 { "passes" } else { "pass" },
            exercise.name
        );
        return Ok(());
    }
    println!("{report}");
    bail!(
        "{} is not solved yet.{}",
        exercise.path(),
        next_hint(exercise, state)
    )
}

/// Grades an answer that was handed in. It is read from where it is, and your own answer and
/// progress stay as they are.
///
/// # Errors
/// When the answer does not pass.
pub fn grade(house: &House, exercise: &Exercise, answer: &Path) -> Result<()> {
    let report = attempt(house, exercise, answer)?;
    if report.passed() {
        println!(
            "Passes: {} of {}, {}.",
            counted(&report),
            exercise.path(),
            answer.display()
        );
        return Ok(());
    }
    println!("{report}");
    bail!("{} does not pass", answer.display())
}

fn counted(report: &Report) -> String {
    match report.ok {
        1 => "the test".to_owned(),
        number => format!("all {number} tests"),
    }
}

/// Grades an answer, and says what happens meanwhile.
fn attempt(house: &House, exercise: &Exercise, answer: &Path) -> Result<Report> {
    if !fences() {
        eprintln!(
            "note: this system keeps an answer from nothing but time and large files: it could read and write what you can"
        );
    }
    let colour = std::io::stderr().is_terminal();
    eprintln!("Compiling {} …", exercise.path());
    let graded = grade::grade(house, exercise, answer, colour)?;
    for said in &graded.said {
        eprint!("{said}");
    }
    Ok(graded.report)
}

fn next_hint(exercise: &Exercise, state: State) -> String {
    let all = exercise.spec.hints.len();
    if state.hints < all {
        format!(
            "\nA hint ({} of {all}): cargo book exercise hint {}",
            state.hints + 1,
            exercise.name
        )
    } else {
        format!(
            "\nYou have seen all hints. To see them again: cargo book exercise hint {0}\n\
             To see our solution: cargo book exercise solution --anyway {0}",
            exercise.name
        )
    }
}

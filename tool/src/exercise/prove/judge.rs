//! Judges one answer: whether it does what its kind promises, and says so where it does not.
use super::{Kind, Variant};
use crate::{
    cargo::{Built, Said, cargo_env},
    exercise::{layout::Wrong, report::Report},
    finding::{Findings, name},
    house::House,
    limit::{self, Ended},
};
use anyhow::Result;
use std::process::Command;

/// Runs the tests of an answer; one that must not compile is judged by what the compiler said.
///
/// # Errors
/// When its tests cannot be started.
pub(super) fn judge(
    house: &House,
    variant: &Variant<'_>,
    built: &Built,
    found: &mut Findings,
) -> Result<()> {
    let file = name(house, &variant.source);
    let wrong = match &variant.kind {
        Kind::Wrong(wrong) => variant.exercise.spec.wrong.get(wrong),
        Kind::Starter | Kind::Solution => None,
    };
    let errors: Vec<&Said> = built.errors_in(&variant.folder).collect();
    if let Some((wrong, code)) = wrong.and_then(|wrong| Some((wrong, wrong.code.as_ref()?))) {
        refused(file, wrong, code, &errors, found);
        return Ok(());
    }
    let Some(program) = built.program(&variant.folder, "check") else {
        does_not_compile(file, &variant.kind, &errors, found);
        return Ok(());
    };
    let outcome = limit::run(
        cargo_env(&mut Command::new(program)).current_dir(&variant.exercise.folder),
        variant.exercise.limit(),
    )?;
    let report = Report::read(&outcome);
    let tests = name(house, &variant.exercise.folder.join("tests/check.rs"));
    match &variant.kind {
        Kind::Starter => starter(file, &tests, &report, found),
        Kind::Solution => solution(file, tests, &report, found),
        Kind::Wrong(_) => {
            let why = wrong.map(|wrong| wrong.why.as_str()).unwrap_or_default();
            fails(file, &tests, why, &report, found);
        }
    }
    Ok(())
}

fn rendered(errors: &[&Said]) -> String {
    errors.iter().map(|said| said.rendered.as_str()).collect()
}

/// The compiler refuses it, with the code and in the words that are promised.
fn refused(file: String, wrong: &Wrong, code: &String, errors: &[&Said], found: &mut Findings) {
    let says = rendered(errors);
    let (what, mend) = if errors.is_empty() {
        (
            format!("it compiles, but exercise.toml promises {code}"),
            "remove `code`, or mend the answer",
        )
    } else if !errors.iter().any(|said| said.code.as_ref() == Some(code)) {
        (
            format!("it does not fail with {code}:\n{says}"),
            "write the code that the compiler gives",
        )
    } else if !says.contains(&wrong.why) {
        (
            format!(
                "the compiler's message does not contain {:?}:\n{says}",
                wrong.why
            ),
            "write a part of the message as `why`",
        )
    } else {
        return;
    };
    found.add(file, 0, what, mend);
}

fn does_not_compile(file: String, kind: &Kind, errors: &[&Said], found: &mut Findings) {
    let mend = match kind {
        Kind::Wrong(_) => "mend it; if not compiling is the point, give `code` in exercise.toml",
        Kind::Starter | Kind::Solution => "make it compile",
    };
    let says = rendered(errors);
    found.add(
        file,
        0,
        format!("it does not compile with tests/check.rs:\n{says}"),
        mend,
    );
}

fn starter(file: String, tests: &str, report: &Report, found: &mut Findings) {
    match report.ended {
        Ended::Code(101) if !report.failed.is_empty() => {}
        Ended::Code(0) => found.add(
            file,
            0,
            "the starter passes its own tests, so there is nothing to do",
            format!("take the answer out of it, or test for it in {tests}"),
        ),
        _ => found.add(
            file,
            0,
            format!(
                "the starter does not fail in its tests; it {}:\n{report}",
                report.ended
            ),
            "a starter compiles, and its tests fail with a message",
        ),
    }
}

fn solution(file: String, tests: String, report: &Report, found: &mut Findings) {
    if !report.passed() {
        found.add(
            file,
            0,
            format!("the solution does not pass:\n{report}"),
            format!("mend it or {tests}"),
        );
    }
    if report.ignored > 0 {
        found.add(
            tests,
            0,
            format!("{} of its tests are ignored", report.ignored),
            "remove #[ignore]",
        );
    }
}

/// A wrong answer fails, and in the words that are promised.
fn fails(file: String, tests: &str, why: &str, report: &Report, found: &mut Findings) {
    if report.passed() {
        found.add(
            file,
            0,
            "this wrong answer passes",
            format!("test in {tests} for what is wrong with it"),
        );
    } else if !report.text().contains(why) {
        found.add(
            file,
            0,
            format!("its tests fail, but do not say {why:?}:\n{report}"),
            format!("change the message in {tests}, or `why` in exercise.toml"),
        );
    }
}

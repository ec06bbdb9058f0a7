//! Lints the folders of the exercises, before anything is compiled.
use super::messages;
use crate::{
    cargo,
    exercise::{
        harness,
        layout::{Exercise, entries, file_name},
        progress::Log,
    },
    expand::LEVELS,
    finding::{Findings, name},
    house::House,
};
use anyhow::{Context, Result};
use std::{collections::BTreeMap, path::Path, process::Command};

/// Looks at every folder; what is missing or wrong goes into `found`.
///
/// # Errors
/// When the reader's progress cannot be read or rustfmt cannot be started.
pub fn well_formed(house: &House, exercises: &[Exercise], found: &mut Findings) -> Result<()> {
    let log = Log::open(house)?;
    let mut names: BTreeMap<&str, &Exercise> = BTreeMap::new();
    let mut sources = Vec::new();
    for exercise in exercises {
        if let Some(other) = names.insert(&exercise.name, exercise) {
            found.add(
                name(house, &exercise.folder),
                0,
                format!("there is another exercise of this name: {}", other.path()),
                "rename one: names are unique in the whole book",
            );
        }
        spec(house, exercise, found);
        package(house, exercise, found);
        text(house, exercise, &log, found);
        sources.extend([
            exercise.starter(),
            exercise.solution(),
            exercise.folder.join("tests/check.rs"),
        ]);
        for file in entries(&exercise.folder.join("wrong")) {
            let stem = file_name(&file).trim_end_matches(".rs").to_owned();
            if !exercise.spec.wrong.contains_key(&stem) {
                found.add(
                    name(house, &file),
                    0,
                    "exercise.toml does not know this wrong answer",
                    format!("add [wrong.{stem}] with `why`, or remove the file"),
                );
            }
            sources.push(file);
        }
    }
    sources.retain(|file| file.is_file());
    format(house, &sources, found)
}

fn spec(house: &House, exercise: &Exercise, found: &mut Findings) {
    let file = name(house, &exercise.folder.join("exercise.toml"));
    let spec = &exercise.spec;
    let mut wrong = |what: String, mend: &str| found.add(file.clone(), 0, what, mend);
    if spec.title.trim().is_empty() {
        wrong("the title is empty".into(), "give it one");
    }
    if spec.minutes == 0 {
        wrong(
            "it takes 0 minutes".into(),
            "say how many it takes a reader",
        );
    }
    if spec.seconds == 0 {
        wrong("its tests may run 0 seconds".into(), "give them at least 1");
    }
    if !LEVELS.contains(&spec.level.as_str()) {
        wrong(
            format!("the level {:?} is not known", spec.level),
            "use \"first steps\", \"core\" or \"deeper\"",
        );
    }
    if spec.goals.is_empty() {
        wrong(
            "it has no goals".into(),
            "say what the reader can do afterwards",
        );
    }
    if spec.hints.len() < 2 {
        wrong(
            format!("too few hints: {}", spec.hints.len()),
            "give two or more, from a nudge to nearly the answer",
        );
    }
    if spec.wrong.len() < 2 {
        wrong(
            format!("too few wrong answers: {}", spec.wrong.len()),
            "give two or more that people really write",
        );
    }
    for (answer, entry) in &spec.wrong {
        if !exercise.wrong(answer).is_file() {
            wrong(
                format!("[wrong.{answer}] has no file wrong/{answer}.rs"),
                "write it, or remove the entry",
            );
        }
        if entry.why.trim().is_empty() {
            wrong(
                format!("[wrong.{answer}] has an empty `why`"),
                "write a part of the failing test's message",
            );
        }
    }
}

fn package(house: &House, exercise: &Exercise, found: &mut Findings) {
    for needed in [
        "Cargo.toml",
        "README.md",
        "src/lib.rs",
        "starter/lib.rs",
        "solution/lib.rs",
        "tests/check.rs",
    ] {
        let path = exercise.folder.join(needed);
        if !path.is_file() {
            found.add(
                name(house, &path),
                0,
                "the file is missing",
                "exercises/README.md says what stands in it",
            );
        }
    }
    let path = exercise.folder.join("Cargo.toml");
    let Ok(text) = std::fs::read_to_string(&path) else {
        return;
    };
    let manifest = match text.parse::<toml::Table>() {
        Ok(manifest) => manifest,
        Err(error) => {
            found.add(name(house, &path), 0, error.to_string(), "mend it");
            return;
        }
    };
    for (table, key) in [("package", "name"), ("lib", "name")] {
        let value = manifest.get(table).and_then(|table| table.get(key));
        if value.and_then(toml::Value::as_str) != Some(&exercise.name) {
            found.add(
                name(house, &path),
                0,
                format!("[{table}] does not say name = {:?}", exercise.name),
                "the folder, the package and its library have the same name",
            );
        }
    }
}

fn text(house: &House, exercise: &Exercise, log: &Log, found: &mut Findings) {
    let readme = exercise.folder.join("README.md");
    if let Ok(text) = std::fs::read_to_string(&readme) {
        let text = text.trim_start_matches('\u{feff}');
        let title = text.lines().find_map(|line| line.strip_prefix("# "));
        if title.map(str::trim) != Some(exercise.spec.title.trim()) {
            found.add(
                name(house, &readme),
                1,
                "it does not begin with the title that exercise.toml gives",
                format!("begin it with `# {}`", exercise.spec.title),
            );
        }
    }
    let tests = exercise.folder.join("tests/check.rs");
    if let Ok(text) = std::fs::read_to_string(&tests) {
        for (number, line) in text.lines().enumerate() {
            for (bad, mend) in [
                (
                    "#[ignore",
                    "remove it: a test that does not run proves nothing",
                ),
                ("process::exit", "remove it: tests after it would not run"),
            ] {
                if line.contains(bad) {
                    found.add(
                        name(house, &tests),
                        number + 1,
                        format!("`{bad}` in a test"),
                        mend,
                    );
                }
            }
        }
    }
    if let Ok(text) = std::fs::read_to_string(&tests) {
        let file = name(house, &tests);
        for (line, what) in messages::bare(&text) {
            let mend =
                "say in words what is wrong with the answer: `assert!(…, \"…\")`, `.expect(\"…\")`";
            found.add(file.clone(), line, what, mend);
        }
        if let Err((line, what)) = harness::prepare(&text) {
            found.add(
                file,
                line,
                what,
                "write it so that answers can be graded by it",
            );
        }
    }
    let (answer, starter) = (
        std::fs::read_to_string(exercise.answer()),
        std::fs::read_to_string(exercise.starter()),
    );
    if let (Ok(answer), Ok(starter)) = (answer, starter)
        && answer != starter
    {
        if log.begun(&exercise.path()) {
            found.note(format!(
                "{} is your own answer, so it was not compared with the starter",
                name(house, &exercise.answer())
            ));
        } else {
            found.add(
                name(house, &exercise.answer()),
                0,
                "it differs from starter/lib.rs",
                format!(
                    "if it is your answer, `cargo book exercise check {0}` makes it known as yours;\n\
                     if you write this exercise, edit starter/lib.rs, then: cargo book exercise reset {0}",
                    exercise.name
                ),
            );
        }
    }
}

/// One call of rustfmt for all files.
fn format(house: &House, files: &[impl AsRef<Path>], found: &mut Findings) -> Result<()> {
    if files.is_empty() {
        return Ok(());
    }
    let mut command = Command::new("rustfmt");
    cargo::clean(&mut command);
    let output = command
        .args(["--check", "--edition", "2024", "--files-with-diff"])
        .args(files.iter().map(AsRef::as_ref))
        .current_dir(&house.root)
        .output()
        .context("rustfmt cannot be started; install it: rustup component add rustfmt")?;
    let mut seen = std::collections::BTreeSet::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        if seen.insert(line.to_owned()) {
            let file = name(house, Path::new(line));
            let mend = format!("rustfmt --edition 2024 {file}");
            found.add(file, 0, "it is not formatted", mend);
        }
    }
    if !output.status.success() && seen.is_empty() {
        found.add(
            "exercises",
            0,
            format!(
                "rustfmt: {}",
                String::from_utf8_lossy(&output.stderr).trim_end()
            ),
            "mend what it names",
        );
    }
    Ok(())
}

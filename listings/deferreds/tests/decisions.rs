//! The table of decisions in the text names tests and listings: each of them must exist.
use std::{
    fs,
    path::{Path, PathBuf},
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn page() -> String {
    let page = root().join("src/deferreds/appendix/decisions.md");
    fs::read_to_string(&page).unwrap_or_else(|error| panic!("{}: {error}", page.display()))
}

/// The rows of every table of the page: the number of the line, and its four cells.
fn rows(page: &str) -> Vec<(usize, [String; 4])> {
    let mut rows = Vec::new();
    for (at, line) in page.lines().enumerate() {
        if !line.starts_with('|') || line.starts_with("|---") || line.starts_with("| Twisted |") {
            continue;
        }
        let cells: Vec<_> = line
            .trim_matches('|')
            .split('|')
            .map(|cell| cell.trim().to_owned())
            .collect();
        let Ok(cells) = cells.try_into() else {
            panic!("decisions.md:{}: a row has four cells", at + 1)
        };
        rows.push((at + 1, cells));
    }
    rows
}

/// What stands between backticks.
fn names(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

/// Finds the proof, or says what is wrong with it.
fn look_up(proof: &str, says: &str) -> Result<(), String> {
    if let Some((chapter, name)) = proof.split_once("fails/") {
        return must_not_compile(chapter.strip_suffix('/').unwrap_or("deferreds"), name, says);
    }
    let Some((file, name)) = proof.split_once("::") else {
        return Err("it is neither `file::test` nor `fails/listing`".to_owned());
    };
    let (chapter, file) = file.rsplit_once('/').unwrap_or(("deferreds", file));
    let path = format!("listings/{chapter}/tests/{file}.rs");
    let text =
        fs::read_to_string(root().join(&path)).map_err(|error| format!("{path}: {error}"))?;
    // Between a test's attribute and its name stand other attributes at most, and no empty line.
    let test = text
        .split_once(&format!("\nfn {name}()"))
        .and_then(|(before, _)| before.rsplit("\n\n").next())
        .is_some_and(|attributes| attributes.contains("#[test]"));
    // Tests that start whole programs name them with a text.
    let program = text.contains(&format!("Ok(\"{name}\") =>"));
    if test || program {
        Ok(())
    } else {
        Err(format!("{path} has no such test"))
    }
}

fn must_not_compile(chapter: &str, name: &str, says: &str) -> Result<(), String> {
    let folder = root().join("listings").join(chapter);
    if !folder.join(format!("fails/{name}.rs")).is_file() {
        return Err("there is no such program".to_owned());
    }
    let manifest = fs::read_to_string(folder.join("listings.toml")).map_err(|e| e.to_string())?;
    let entry = manifest
        .split("\n[")
        .find_map(|entry| entry.strip_prefix(&format!("{name}]")))
        .ok_or("listings.toml has no entry for it")?;
    let code = entry
        .lines()
        .find_map(|line| line.strip_prefix("code = "))
        .ok_or("its entry has no code")?
        .trim_matches('"');
    let other = says
        .split(|c: char| !c.is_alphanumeric())
        .find(|word| word.len() == 5 && word.starts_with('E') && *word != code);
    match other {
        Some(other) => Err(format!("the row says {other}, the program {code}")),
        None => Ok(()),
    }
}

#[test]
fn every_decision_has_a_proof_that_exists() {
    let page = page();
    let rows = rows(&page);
    let mut wrong = Vec::new();
    for (at, [_, here, _, proofs]) in &rows {
        let proofs = names(proofs);
        if proofs.is_empty() {
            wrong.push(format!("decisions.md:{at}: no proof"));
        }
        for proof in proofs {
            if let Err(why) = look_up(proof, here) {
                wrong.push(format!("decisions.md:{at}: `{proof}`: {why}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(rows.len() >= 120, "only {} rows were found", rows.len());
}

#[test]
fn a_proof_that_does_not_exist_is_noticed() {
    assert!(look_up("chains::each_stage_gets_what_the_one_before_returned", "").is_ok());
    assert!(look_up("react::fails later", "").is_ok());
    assert!(look_up("fails/fired_twice", "does not compile, E0382").is_ok());
    assert!(look_up("reactor/fails/run_inside", "does not compile, E0599").is_ok());
    for (proof, says) in [
        ("chains::no_such_test", ""),
        ("no_such_file::a_test", ""),
        ("fails/no_such_program", ""),
        ("fails/fired_twice", "does not compile, E0277"),
        ("reactor/fails/fired_twice", ""),
        ("chains::value", ""), // a function, and no test
        ("chains", ""),
    ] {
        assert!(look_up(proof, says).is_err(), "{proof}");
    }
}

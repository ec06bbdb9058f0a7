//! The table of decisions in the text names tests: each of them must exist.
use std::{fs, path::Path};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The last cells of all rows: the number of the line, and the tests that it names.
fn rows(page: &str) -> Vec<(usize, Vec<&str>)> {
    let mut rows = Vec::new();
    for (at, line) in page.lines().enumerate() {
        let head = ["|---", "| Twisted |", "| reported |"];
        let head = head.iter().any(|head| line.starts_with(head));
        if !line.starts_with('|') || head {
            continue;
        }
        let cells: Vec<&str> = line.trim_matches('|').split('|').collect();
        assert_eq!(
            cells.len(),
            4,
            "decisions.md:{}: a row has four cells",
            at + 1
        );
        rows.push((at + 1, cells[3].split('`').skip(1).step_by(2).collect()));
    }
    rows
}

/// Finds the test, or says what is wrong with its name.
fn look_up(proof: &str) -> Result<(), String> {
    let (file, name) = proof.split_once("::").ok_or("it is no `file::test`")?;
    let path = match file.strip_prefix("lab/") {
        Some(file) => format!("lab/tests/{file}.rs"),
        // Of another crate: its folder comes first.
        None if file.contains('/') => format!("../{file}.rs"),
        None => format!("tests/{file}.rs"),
    };
    let text = fs::read_to_string(root().join(&path)).map_err(|e| format!("{path}: {e}"))?;
    let inside = format!("#[test]\n    fn {name}()"); // of a module of tests
    // A test that starts itself again has no libtest, and is its file.
    let whole = name == "main" && text.contains("fn main() -> ExitCode");
    match text.contains(&format!("#[test]\nfn {name}()")) || text.contains(&inside) || whole {
        true => Ok(()),
        false => Err(format!("{path} has no such test")),
    }
}

#[test]
fn every_decision_has_a_test_that_exists() {
    let page = root().join("../../src/transports/appendix/decisions.md");
    let page = fs::read_to_string(page).unwrap();
    let rows = rows(&page);
    let mut wrong = Vec::new();
    for (at, proofs) in &rows {
        if proofs.is_empty() {
            wrong.push(format!("decisions.md:{at}: no proof"));
        }
        for proof in proofs {
            if let Err(why) = look_up(proof) {
                wrong.push(format!("decisions.md:{at}: `{proof}`: {why}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(rows.len() >= 30, "only {} rows were found", rows.len());
}

#[test]
fn a_test_that_does_not_exist_is_noticed() {
    assert!(look_up("ends::closing_counts_descriptors").is_ok());
    for proof in [
        "ends::no_such_test",
        "nowhere::a_test",
        "ends",
        "ends::kind",
        "ends::main",
        "reactor/src/os/pool::work",
    ] {
        assert!(look_up(proof).is_err(), "{proof}");
    }
}

//! The shell scripts of the tests: what they leave out where something is missing, and where unsafe
//! code may stand.
#![cfg(unix)]
mod common;
use common::write;
use std::{fs, path::Path, process::Command};

/// Returns a repository with the scripts, two packages that need nothing and one, with its lab,
/// that needs Qt.
fn repository() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let root = folder.path();
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ci");
    for script in ["needs", "parts.sh"] {
        write(root, &format!("ci/{script}"), "");
        fs::copy(ours.join(script), root.join("ci").join(script)).expect("copied");
    }
    let lints = "[lints]\nworkspace = true\n";
    let needs = "[package.metadata.book]\nneeds = [\"qt\"]\n";
    for (folder, name, more) in [
        ("plain", "plain", lints.to_owned()),
        ("plain/lab", "plain-lab", lints.to_owned()),
        ("qt", "qt", needs.to_owned()),
        ("qt/lab", "qt-lab", lints.to_owned()),
    ] {
        let manifest = format!("[package]\nname = \"{name}\"\n{more}");
        write(root, &format!("listings/{folder}/Cargo.toml"), &manifest);
    }
    write(
        root,
        "Cargo.toml",
        "[workspace]\n[workspace.lints.rust]\nunsafe_code = \"forbid\"\n",
    );
    for empty in ["src", "tool", "exercises"] {
        write(root, &format!("{empty}/keep.txt"), "");
    }
    folder
}

/// Runs words of the scripts; whether it went well, and what was printed.
fn run(root: &Path, complete: &str, words: &str) -> (bool, String) {
    let script =
        format!("set -euo pipefail; chosen=(); complete={complete}; . ci/parts.sh; {words}");
    outcome(
        Command::new("bash")
            .args(["-c", &script])
            .current_dir(root)
            .env("UNTWISTED_WITHOUT", "qt"),
    )
}

/// Whether it went well, and what was printed.
fn outcome(command: &mut Command) -> (bool, String) {
    let output = command.output().expect("it starts");
    let text = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&text).into_owned(),
    )
}

#[test]
fn what_cannot_be_built_is_left_out_everywhere_and_named() {
    let folder = repository();
    let (ok, said) = run(
        folder.path(),
        "no",
        r#"echo "${all[@]} / ${companions[@]} / ${labs[@]}""#,
    );
    assert!(ok, "{said}");
    assert_eq!(
        said.trim(),
        "--workspace --exclude qt --exclude qt-lab / --workspace --exclude *-lab --exclude qt / -p features -p plain-lab"
    );
    let (ok, said) = run(folder.path(), "no", "part_needs");
    assert!(
        ok && said.contains("NOT LOOKED AT: qt: qt is not installed. Debian and Ubuntu: apt-get"),
        "{said}"
    );
    let (ok, said) = run(folder.path(), "yes", "part_needs");
    assert!(
        !ok && said.contains("NOT LOOKED AT: qt-lab: qt is not installed."),
        "{said}"
    );
}

#[test]
fn unsafe_code_may_stand_in_the_binding_to_qt_and_nowhere_else() {
    let code = "//! Words.\nfn f() {\n    unsafe { g() }\n}\n";
    for (file, may) in [
        ("listings/qt/src/bridge.rs", true),
        ("listings/qt/examples/window.rs", false),
        ("listings/qt/lab/src/lib.rs", false),
        ("listings/plain/src/lib.rs", false),
        ("listings/plain/src/qt/src/lib.rs", false),
        ("exercises/qt/a/src/lib.rs", false),
        ("tool/src/main.rs", false),
    ] {
        let folder = repository();
        write(folder.path(), file, code);
        let (ok, said) = run(folder.path(), "no", "part_unsafe");
        assert_eq!(ok, may, "{file}: {said}");
        assert_eq!(said.contains(&format!("{file}:3:")), !may, "{said}");
    }
    // The lint must be on in every other package, that of the lab included.
    let folder = repository();
    write(
        folder.path(),
        "listings/qt/lab/Cargo.toml",
        "[package]\nname = \"qt-lab\"\n",
    );
    let (ok, said) = run(folder.path(), "no", "part_unsafe");
    assert!(
        !ok && said.contains("listings/qt/lab/Cargo.toml: add [lints] workspace = true"),
        "{said}"
    );
}

/// Writes a script that stands for a test program.
fn program(root: &Path, name: &str, says: &str) {
    write(
        root,
        &format!("programs/{name}"),
        &format!("#!/bin/sh\n{says}\n"),
    );
    let file = fs::File::open(root.join("programs").join(name)).expect("written");
    let mut may = file.metadata().expect("it is there").permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut may, 0o755);
    file.set_permissions(may).expect("may run");
}

/// Runs `ci/side-by-side`; whether it went well, and what was printed.
fn side_by_side(root: &Path, words: &[&str]) -> (bool, String) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ci/side-by-side");
    outcome(Command::new(script).args(words).current_dir(root))
}

#[test]
fn a_test_program_that_fails_or_ends_early_is_told_and_how_to_run_it_alone() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let root = folder.path();
    let well = "echo 'running 2 tests'; echo 'test result: ok. 2 passed; 0 failed; 0 ignored'";
    program(root, "a.well", well);
    program(root, "b.main", "echo it has no harness");
    let (ok, said) = side_by_side(root, &["run", "programs", "b.main", "not.built"]);
    assert!(
        ok && said.ends_with("2 programs, 2 tests, 0 programs failed\n"),
        "{said}"
    );
    program(root, "c.early", "echo 'running 1 test'; exit 0");
    program(root, "d.fails", "echo why; exit 3");
    let (ok, said) = side_by_side(root, &["run", "programs"]);
    assert!(
        !ok && said.ends_with("4 programs, 2 tests, 2 programs failed\n"),
        "{said}"
    );
    assert!(
        said.contains("exit code 0, before its tests had ended"),
        "{said}"
    );
    assert!(
        said.contains("why\n--- FAILED: exit code 3. Alone: programs/d.fails"),
        "{said}"
    );
}

#[test]
fn what_is_named_runs_first_then_what_is_of_a_lab_and_each_once() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let root = folder.path();
    for name in ["a.light", "b.named", "c-lab.named", "z-lab.heavy"] {
        program(root, name, "echo it has no harness");
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ci/side-by-side");
    let (ok, said) = outcome(
        Command::new(script)
            .args(["run", "programs", "b.named", "c-lab.named"])
            .env("SIDE_BY_SIDE", "1")
            .current_dir(root),
    );
    let ran: Vec<&str> = said
        .lines()
        .filter_map(|line| line.strip_prefix("ok ")?.split(' ').next())
        .collect();
    assert!(ok, "{said}");
    assert_eq!(ran, ["b.named", "c-lab.named", "z-lab.heavy", "a.light"]);
}

#[test]
fn a_test_program_is_kept_with_its_folder_and_what_cargo_set() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let root = folder.path();
    fs::create_dir(root.join("kept")).expect("a folder");
    program(
        root,
        "one-0123",
        "echo \"$CARGO_PKG_DESCRIPTION\" \"$1\"; pwd",
    );
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ci/side-by-side");
    let kept = Command::new(script)
        .args(["keep", "../kept", "../programs/one-0123"])
        .current_dir(root.join("programs"))
        .env("CARGO_PKG_NAME", "two words")
        .env("CARGO_PKG_DESCRIPTION", "It's `quoted`: \"$HOME\"")
        .status()
        .expect("bash starts");
    assert!(kept.success());
    let output = Command::new(root.join("kept/two words.one"))
        .arg("a_test")
        .env_remove("CARGO_PKG_DESCRIPTION")
        .output()
        .expect("it is a program");
    let said = String::from_utf8_lossy(&output.stdout);
    let (first, place) = said.split_once('\n').expect("two lines");
    assert_eq!(first, "It's `quoted`: \"$HOME\" a_test");
    assert!(place.trim_end().ends_with("programs"), "{place}");
}

//! The shell scripts of the tests: what they leave out where something is missing, and where unsafe
//! code may stand.
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
    let output = Command::new("bash")
        .arg("-c")
        .arg(format!(
            "set -euo pipefail; chosen=(); complete={complete}; . ci/parts.sh; {words}"
        ))
        .current_dir(root)
        .env("UNTWISTED_WITHOUT", "qt")
        .output()
        .expect("bash starts");
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

//! A small book in a temporary folder, for tests.
use book::house::House;
use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

/// Returns a house with nothing but its frame; the folder goes when the guard is dropped.
#[allow(dead_code, reason = "not every test file needs one")]
pub(crate) fn house() -> (tempfile::TempDir, House) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    write(folder.path(), "book.toml", "[book]\ntitle = \"Small\"\n");
    write(folder.path(), "listings/.keep", "");
    let house = House::find(folder.path()).expect("the frame of a house");
    (folder, house)
}

/// Writes one file, with its folders. Returns its path.
pub(crate) fn write(root: &Path, path: &str, text: &str) -> PathBuf {
    let path = root.join(path);
    std::fs::create_dir_all(path.parent().expect("a parent")).expect("its folder");
    std::fs::write(&path, text).expect("the file is written");
    path
}

/// Reads one file.
#[allow(dead_code, reason = "not every test file reads")]
pub(crate) fn read(root: &Path, path: &str) -> String {
    std::fs::read_to_string(root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Starts a command that serves, and returns it with the first line that it prints.
#[allow(dead_code, reason = "not every test file serves")]
pub(crate) fn serving(command: &mut Command) -> (Child, String) {
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the tool runs");
    // What it says on standard error is not read, and a full pipe would stop it.
    let mut said = child.stderr.take().expect("piped");
    std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("piped"))
        .read_line(&mut line)
        .expect("a line");
    (child, line)
}

/// What is known of the exercise `add`.
#[allow(dead_code, reason = "not every test file has exercises")]
pub(crate) const SPEC: &str = r#"title = "Add"
minutes = 5
level = "first steps"
goals = ["add"]
hints = ["Two numbers.", "Use `+`."]
seconds = 60

[wrong.subtracts]
why = "2 and 3 are 5"

[wrong.moves]
why = "mismatched types"
code = "E0308"
"#;

/// Its tests.
#[allow(dead_code, reason = "not every test file has exercises")]
pub(crate) const TESTS: &str = r#"//! Asks for a sum.
use add::add;

#[test]
fn adds() {
    assert_eq!(add(2, 3), 5, "2 and 3 are 5");
}

#[test]
fn adds_nothing() {
    assert_eq!(add(0, 0), 0, "0 and 0 are 0");
}
"#;

/// Its starter.
#[allow(dead_code, reason = "not every test file has exercises")]
pub(crate) const STARTER: &str =
    "//! Adds.\n/// Adds.\npub fn add(a: u8, b: u8) -> u8 {\n    todo!()\n}\n";

/// Returns the answer whose `add` has this body.
#[allow(dead_code, reason = "not every test file has exercises")]
pub(crate) fn body(body: &str) -> String {
    STARTER.replace("todo!()", body)
}

/// Writes the exercise `add`.
#[allow(dead_code, reason = "not every test file has exercises")]
pub(crate) fn exercise(root: &Path) {
    write(
        root,
        "exercises/Cargo.toml",
        "[workspace]\nresolver = \"3\"\nmembers = [\"*/*\"]\nexclude = [\"target\"]\n",
    );
    let at = |file: &str| format!("exercises/sums/add/{file}");
    write(
        root,
        &at("Cargo.toml"),
        "[package]\nname = \"add\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[lib]\nname = \"add\"\ndoctest = false\n",
    );
    write(root, &at("README.md"), "# Add\n\nWrite `add`.\n");
    write(root, &at("exercise.toml"), SPEC);
    write(root, &at("src/lib.rs"), STARTER);
    write(root, &at("starter/lib.rs"), STARTER);
    write(root, &at("solution/lib.rs"), &body("a + b"));
    write(root, &at("wrong/subtracts.rs"), &body("a.abs_diff(b)"));
    write(root, &at("wrong/moves.rs"), &body("\"a + b\""));
    write(root, &at("tests/check.rs"), TESTS);
}

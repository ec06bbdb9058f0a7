//! How exercises are proven: what is looked at beside them, what they depend on, how their tests run.
use super::{
    common::{TESTS, body, exercise, house, read, write},
    wrong,
};
use book::{
    check::{Checked, Options, check},
    exercise::{layout, solve},
    finding::Findings,
    fixture::Fixture,
};

#[test]
fn a_whole_check_tells_of_the_blocks_and_of_the_exercises() {
    let fixture = Fixture::new();
    let root = fixture.house.root.as_path();
    for folder in ["listings", "diagrams"] {
        std::fs::remove_dir_all(root.join(folder)).expect("removed");
    }
    fixture.write("listings/.keep", "");
    exercise(root);
    let page = |block: &str| {
        let front = "---\nminutes: 5\nlevel: core\ngoals: [add]\n---\n";
        format!("{front}\n# Reactor\n\n```rust\n{block}\n```\n\n{{{{#exercise sums/add}}}}\n")
    };
    let checked = || check(&fixture.house, &Options::default()).expect("it can check");
    let said = |checked: &Checked| -> String {
        let found = checked.found.sorted();
        found.iter().map(|finding| format!("{finding}\n")).collect()
    };
    write(
        root,
        "src/reactor/index.md",
        &page("fn main() {\n    assert_eq!(1 + 1, 3, \"a sum\");\n}"),
    );
    write(root, "exercises/sums/add/solution/lib.rs", &body("a - b"));
    let says = said(&checked());
    assert!(says.contains("rustdoc says of this block"), "{says}");
    assert!(says.contains("the solution does not pass"), "{says}");
    write(root, "src/reactor/index.md", &page("fn main() {}"));
    write(root, "exercises/sums/add/solution/lib.rs", &body("a + b"));
    let checked = checked();
    let says = said(&checked);
    assert!(!says.contains("rustdoc says"), "{says}");
    assert!(!says.contains("the solution"), "{says}");
    let proven = checked.proven.expect("exercises were proven");
    assert_eq!((proven.exercises, proven.wrong), (1, 2));
    assert_eq!(checked.table.expect("counted").0["reactor"].run.all, 1);
}

#[test]
fn clippy_knows_what_an_exercise_depends_on() {
    let (folder, house) = house();
    let root = folder.path();
    exercise(root);
    let helper = "[package]\nname = \"a-helper\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";
    write(root, "listings/helper/Cargo.toml", helper);
    let helper = "pub fn sum(a: u8, b: u8) -> u8 {\n    a + b\n}\n";
    write(root, "listings/helper/src/lib.rs", helper);
    let manifest = read(root, "exercises/sums/add/Cargo.toml")
        + "\n[dependencies]\na-helper = { path = \"../../../listings/helper\" }\n";
    write(root, "exercises/sums/add/Cargo.toml", &manifest);
    let solution = "exercises/sums/add/solution/lib.rs";
    write(root, solution, &body("a_helper::sum(a, b)"));
    assert_eq!(wrong(&house, true), "");
    // Only who knows the type of `sum` sees that a clone of it is none.
    write(root, solution, &body("a_helper::sum(a, b).clone()"));
    let says = wrong(&house, true);
    assert!(says.contains("clippy says"), "{says}");
    assert!(says.contains("clone_on_copy"), "{says}");
}

/// A test that meets seven others, and so ends only where eight run at once.
fn meets(number: usize) -> String {
    format!("\n#[test]\nfn meets_{number}() {{\n    MEETING.wait();\n}}\n")
}

#[test]
fn eight_tests_of_an_answer_run_at_once_so_that_those_that_hang_wait_together() {
    let (folder, house) = house();
    let root = folder.path();
    exercise(root);
    let meeting = "\nstatic MEETING: std::sync::Barrier = std::sync::Barrier::new(8);\n";
    let tests: String = (0..8).map(meets).collect();
    write(
        root,
        "exercises/sums/add/tests/check.rs",
        &format!("{TESTS}{meeting}{tests}"),
    );
    assert_eq!(wrong(&house, true), "");
    write(root, "exercises/sums/add/src/lib.rs", &body("a + b"));
    let mut found = Findings::default();
    let exercises = layout::all(&house, &mut found);
    solve::check(&house, &exercises[0]).expect("it is solved");
}

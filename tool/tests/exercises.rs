//! Exercises from outside: a small one that is right, and each way in which one can be wrong.
mod common;
#[path = "exercises/proven.rs"]
mod proven;
use book::{
    check::exercises::well_formed,
    exercise::{hint, layout, prove::prove, reset, solution, solve},
    finding::Findings,
    house::House,
};
use common::{SPEC, STARTER, TESTS, body, exercise, house, read, write};
use std::path::Path;

/// Returns what is found wrong with the exercises of a house, as one text.
fn wrong(house: &House, build: bool) -> String {
    let mut found = Findings::default();
    let exercises = layout::all(house, &mut found);
    well_formed(house, &exercises, &mut found).expect("it can look");
    if build {
        prove(house, &exercises, true, &mut found).expect("it can build");
    }
    found
        .sorted()
        .iter()
        .map(|finding| format!("{finding}\n"))
        .collect()
}

#[test]
fn a_good_exercise_is_proven() {
    let (folder, house) = house();
    exercise(folder.path());
    assert_eq!(wrong(&house, true), "");
}

#[test]
fn each_fault_of_the_folder_is_found() {
    let (folder, house) = house();
    let root = folder.path();
    for (file, text, says) in [
        (
            "exercise.toml",
            SPEC.replace(", \"Use `+`.\"", ""),
            "exercise.toml: too few hints: 1",
        ),
        (
            "exercise.toml",
            SPEC.replace("minutes", "minute"),
            "exercise.toml:2: unknown field `minute`",
        ),
        (
            "exercise.toml",
            SPEC.replace("first steps", "easy"),
            "level \"easy\" is not known",
        ),
        (
            "exercise.toml",
            SPEC.replace("minutes = 5", "minutes = 0"),
            "0 minutes",
        ),
        (
            "exercise.toml",
            SPEC.replace("seconds", "secnods"),
            "unknown field `secnods`",
        ),
        (
            "exercise.toml",
            SPEC.replace("wrong.moves", "wrong.moved"),
            "no file wrong/moved.rs",
        ),
        (
            "exercise.toml",
            SPEC.replace("wrong.moves", "wrong.moved"),
            "does not know this wrong answer",
        ),
        ("exercise.toml", SPEC.replace("[\"add\"]", "[]"), "no goals"),
        ("README.md", "# Sum\n".to_owned(), "begin it with `# Add`"),
        ("src/lib.rs", body("7"), "differs from starter/lib.rs"),
        ("solution/lib.rs", body("a+b"), "not formatted"),
        (
            "tests/check.rs",
            TESTS.replace("#[test]\nfn adds()", "#[test]\n#[ignore]\nfn adds()"),
            "`#[ignore` in a test",
        ),
        (
            "tests/check.rs",
            TESTS.replace(", \"0 and 0 are 0\"", ""),
            "tests/check.rs:11: `assert_eq!` without words",
        ),
        (
            "tests/check.rs",
            TESTS.replace("#[test]\nfn adds()", "#[test]\n#[should_panic]\nfn adds()"),
            "tests/check.rs:5: this test passes by a panic",
        ),
        (
            "Cargo.toml",
            "[package]\nname = \"sum\"\n".to_owned(),
            "[package] does not say name = \"add\"",
        ),
    ] {
        exercise(root);
        write(root, &format!("exercises/sums/add/{file}"), &text);
        let wrong = wrong(&house, false);
        assert!(wrong.contains(says), "{file}, for {says:?}: {wrong:?}");
    }
    exercise(root);
    assert_eq!(wrong(&house, false), "");
    std::fs::remove_file(root.join("exercises/sums/add/solution/lib.rs")).expect("removed");
    assert!(wrong(&house, false).contains("solution/lib.rs: the file is missing"));
}

#[test]
fn each_fault_of_the_answers_is_found() {
    let (folder, house) = house();
    let root = folder.path();
    for (file, text, says) in [
        (
            "starter/lib.rs",
            body("a + b"),
            "the starter passes its own tests",
        ),
        (
            "starter/lib.rs",
            body("std::process::exit(3)"),
            "does not fail in its tests",
        ),
        (
            "solution/lib.rs",
            body("a - b"),
            "the solution does not pass",
        ),
        ("solution/lib.rs", body("a + c"), "does not compile"),
        ("solution/lib.rs", body("return a + b;"), "clippy says"),
        ("starter/lib.rs", body("return todo!();"), "clippy says"),
        (
            "tests/check.rs",
            TESTS.replace(
                "fn adds() {",
                "fn adds() {\n    let _five = add(2, 3).clone();",
            ),
            "clippy says",
        ),
        (
            "wrong/subtracts.rs",
            body("a + b"),
            "this wrong answer passes",
        ),
        (
            "wrong/subtracts.rs",
            body("5"),
            "do not say \"2 and 3 are 5\"",
        ),
        (
            "wrong/subtracts.rs",
            body("c"),
            "give `code` in exercise.toml",
        ),
        (
            "wrong/moves.rs",
            body("a - b"),
            "it compiles, but exercise.toml promises E0308",
        ),
        ("wrong/moves.rs", body("c"), "does not fail with E0308"),
    ] {
        exercise(root);
        let file = format!("exercises/sums/add/{file}");
        write(root, &file, &text);
        let wrong = wrong(&house, true);
        assert!(wrong.contains(says), "{file}, for {says:?}: {wrong}");
    }
}

#[test]
fn an_answer_that_hangs_is_stopped() {
    let (folder, house) = house();
    let root = folder.path();
    exercise(root);
    write(
        root,
        "exercises/sums/add/exercise.toml",
        &SPEC.replace("60", "2"),
    );
    write(
        root,
        "exercises/sums/add/solution/lib.rs",
        &body("loop {\n        std::thread::park();\n    }"),
    );
    let wrong = wrong(&house, true);
    assert!(wrong.contains("longer than 2 s and was stopped"), "{wrong}");
}

#[test]
fn a_mark_of_the_encoding_before_the_text_does_no_harm() {
    let (folder, house) = house();
    let root = folder.path();
    exercise(root);
    for file in ["README.md", "exercise.toml", "tests/check.rs"] {
        let path = format!("exercises/sums/add/{file}");
        let text = read(root, &path);
        write(root, &path, &format!("\u{feff}{text}"));
    }
    assert_eq!(wrong(&house, true), "");
    let add = layout::find(&house, "add").expect("it is there");
    write(
        root,
        "exercises/sums/add/src/lib.rs",
        &format!("\u{feff}{}", body("a + b")),
    );
    solve::check(&house, &add).expect("solved");
}

#[test]
fn a_copy_without_the_answers_serves_students_and_an_answer_from_elsewhere_is_graded() {
    let (folder, house) = house();
    let root = folder.path();
    exercise(root);
    // What the page for instructors says.
    for answers in ["solution", "wrong"] {
        let folder = root.join("exercises/sums/add").join(answers);
        std::fs::remove_dir_all(folder).expect("removed");
    }
    let add = layout::find(&house, "add").expect("it is there");
    let list = || book::exercise::list(&house).expect("a list");
    assert!(list().contains("0 of 1 solved"));
    assert!(hint(&house, &add).expect("a hint").contains("Two numbers."));
    let good = write(root, "handed-in/ada.rs", &body("a + b"));
    let bad = write(root, "handed-in/bob.rs", &body("a.abs_diff(b)"));
    solve::grade(&house, &add, &good).expect("it passes");
    let error = solve::grade(&house, &add, &bad).expect_err("it does not pass");
    assert!(
        error.to_string().contains("bob.rs does not pass"),
        "{error}"
    );
    let none = root.join("handed-in/eve.rs");
    let error = solve::grade(&house, &add, &none).expect_err("it is not there");
    assert!(
        format!("{error:#}").contains("eve.rs cannot be read"),
        "{error:#}"
    );
    assert_eq!(
        read(root, "exercises/sums/add/src/lib.rs"),
        STARTER,
        "it stays"
    );
    assert!(list().contains("0 of 1 solved"), "it is nobody's progress");
    write(root, "exercises/sums/add/src/lib.rs", &body("a + b"));
    solve::check(&house, &add).expect("solved");
}

#[test]
fn the_list_follows_the_pages() {
    let (folder, house) = house();
    let root = folder.path();
    for path in ["sums/add", "sums/zero", "calls/later", "sums/lost"] {
        write(root, &format!("exercises/{path}/exercise.toml"), SPEC);
    }
    let summary =
        "# Summary\n\n- [S](sums/index.md)\n  - [T](sums/two.md)\n- [C](calls/index.md)\n";
    write(root, "src/SUMMARY.md", summary);
    write(
        root,
        "src/sums/index.md",
        "# S\n\n{{#exercise sums/zero}}\n",
    );
    write(root, "src/sums/two.md", "# T\n\n{{#exercise sums/add}}\n");
    write(
        root,
        "src/calls/index.md",
        "# C\n\n{{#exercise calls/later}}\n",
    );
    let list = book::exercise::list(&house).expect("a list");
    let names = ["sums\n", "zero", "add", "lost", "calls\n", "later"];
    let places: Vec<_> = names.iter().map(|name| list.find(name)).collect();
    assert!(places[0].is_some() && places.is_sorted(), "{list}");
}

#[test]
fn a_reader_solves_it() {
    let (folder, house) = house();
    let root = folder.path();
    exercise(root);
    let add = layout::find(&house, "add").expect("it is there");
    assert!(
        book::exercise::list(&house)
            .expect("a list")
            .contains("0 of 1 solved")
    );
    let error = solution(&house, &add, false)
        .expect_err("not solved")
        .to_string();
    assert!(error.contains("--anyway add"), "{error}");
    let error = solve::check(&house, &add)
        .expect_err("not solved")
        .to_string();
    assert!(
        error.contains("A hint (1 of 2): cargo book exercise hint add"),
        "{error}"
    );
    assert!(
        hint(&house, &add)
            .expect("a hint")
            .contains("Hint 1 of 2: Two numbers.")
    );
    let error = solve::check(&house, &add)
        .expect_err("not solved")
        .to_string();
    assert!(error.contains("A hint (2 of 2)"), "{error}");
    assert!(
        hint(&house, &add)
            .expect("a hint")
            .contains("Hint 2 of 2: Use `+`.")
    );
    assert!(
        hint(&house, &add)
            .expect("a hint")
            .contains("These are all")
    );
    write(root, "exercises/sums/add/src/lib.rs", &body("a + c"));
    let error = solve::check(&house, &add)
        .expect_err("no compile")
        .to_string();
    assert!(error.contains("does not compile yet"), "{error}");
    write(root, "exercises/sums/add/src/lib.rs", &body("a + b"));
    solve::check(&house, &add).expect("solved");
    assert!(
        solution(&house, &add, false)
            .expect("solved")
            .contains("a + b")
    );
    assert!(
        book::exercise::list(&house)
            .expect("a list")
            .contains("1 of 1 solved")
    );
    // A reader's answer is no fault of the book.
    assert_eq!(wrong(&house, false), "");
    let said = reset(&house, &add).expect("reset");
    assert!(said.contains("exercises/sums/add/backup/1.rs"), "{said}");
    assert_eq!(read(root, "exercises/sums/add/backup/1.rs"), body("a + b"));
    assert_eq!(read(root, "exercises/sums/add/src/lib.rs"), STARTER);
    assert!(
        book::exercise::list(&house)
            .expect("a list")
            .contains("0 of 1 solved")
    );
}

#[test]
fn where_cargo_builds_there_answers_are_compiled() {
    let (folder, house) = house();
    let root = folder.path();
    exercise(root);
    write(root, "exercises/sums/add/src/lib.rs", &body("a + b"));
    let elsewhere = tempfile::tempdir().expect("a folder");
    let from = root.join("listings");
    for target in [elsewhere.path().join("abs"), "rel".into()] {
        let run = |words: &[&str]| {
            let run = std::process::Command::new(env!("CARGO_BIN_EXE_book"))
                .args(words)
                .current_dir(&from)
                .env("CARGO_TARGET_DIR", &target)
                .output()
                .expect("the tool runs");
            assert!(
                run.status.success(),
                "{}",
                String::from_utf8_lossy(&run.stderr)
            );
        };
        run(&["exercise", "check", "add"]);
        run(&["check", "--exercise", "add"]);
        assert!(
            from.join(&target).join("exercises/build/debug").is_dir(),
            "{target:?}"
        );
        std::fs::remove_dir_all(from.join(&target)).expect("removed");
    }
    assert!(!house.root.join("target").exists());
    assert!(!root.join("exercises/target").exists());
}

#[test]
fn a_name_that_is_not_known_gets_an_offer() {
    let (folder, house) = house();
    exercise(folder.path());
    assert!(layout::find(&house, "sums/add").is_ok());
    let error = layout::find(&house, "sums/ads")
        .expect_err("unknown")
        .to_string();
    assert!(error.contains("Did you mean `add`?"), "{error}");
}

#[cfg(unix)]
#[test]
fn who_loses_patience_leaves_nothing_running() {
    use rustix::process::{Pid, Signal, kill_process, test_kill_process};
    let (folder, house) = house();
    let root = &house.root;
    exercise(root);
    write(
        root,
        "exercises/sums/add/exercise.toml",
        &SPEC.replace("60", "600"),
    );
    write(
        root,
        "exercises/sums/add/src/lib.rs",
        &body("loop {\n        std::thread::park();\n    }"),
    );
    let mut tool = std::process::Command::new(env!("CARGO_BIN_EXE_book"))
        .args(["exercise", "check", "add"])
        .env_remove("CARGO_TARGET_DIR")
        .current_dir(root)
        .spawn()
        .expect("the tool starts");
    let pause = || std::thread::sleep(std::time::Duration::from_millis(20));
    // The program of the tests, by the folder that it is built in.
    let programs = root.join("target/exercises/build/debug/deps/check-");
    let number = || number_of(&programs.to_string_lossy());
    for _ in 0..15_000 {
        if number().is_some() {
            break;
        }
        pause();
    }
    let pid = |number: i32| Pid::from_raw(number).expect("a number");
    let number = pid(number().expect("the test began"));
    let own = pid(i32::try_from(tool.id()).expect("a number"));
    kill_process(own, Signal::INT).expect("it runs");
    assert!(!tool.wait().expect("it ends").success());
    for _ in 0..15_000 {
        if test_kill_process(number).is_err() {
            break;
        }
        pause();
    }
    assert!(test_kill_process(number).is_err(), "the test runs on");
    drop(folder);
}

/// Returns the number of the process whose command begins with this.
#[cfg(unix)]
fn number_of(beginning: &str) -> Option<i32> {
    if !cfg!(target_os = "linux") {
        let list = std::process::Command::new("ps")
            .args(["-A", "-o", "pid=,command="])
            .output()
            .expect("ps");
        let list = String::from_utf8_lossy(&list.stdout).into_owned();
        return list.lines().find_map(|line| {
            let (number, command) = line.trim().split_once(' ')?;
            command
                .trim()
                .starts_with(beginning)
                .then(|| number.parse().ok())?
        });
    }
    std::fs::read_dir("/proc")
        .expect("/proc")
        .flatten()
        .find_map(|entry| {
            let command = std::fs::read_to_string(entry.path().join("cmdline")).ok()?;
            let number = entry.file_name().to_string_lossy().parse().ok();
            command.starts_with(beginning).then_some(number)?
        })
}

#[test]
fn what_the_documentation_shows_of_an_exercise_is_one_of_the_books() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the tool has a folder of its own");
    let readme = read(root, "exercises/README.md");
    let shown: Vec<_> = readme.split("```toml\n").skip(1).collect();
    for (file, shown) in ["Cargo.toml", "exercise.toml"].into_iter().zip(&shown) {
        let text = read(root, &format!("exercises/reactor/meter/{file}"));
        assert!(
            shown.starts_with(&text),
            "exercises/README.md shows another {file}"
        );
    }
    assert_eq!(shown.len(), 2);
    // Commands, there and in the tool's own help.
    let help = read(root, "tool/src/exercise.rs");
    let commands = ["check", "hint"].map(|verb| format!("$ cargo book exercise {verb} "));
    let named: Vec<&str> = (commands
        .iter()
        .flat_map(|command| readme.split(command).skip(1)))
    .chain(help.split("name (`").skip(1))
    .filter_map(|rest| rest.split(['`', '\n']).next())
    .collect();
    assert_eq!(named.len(), 3, "{named:?}");
    let exercises = layout::all(&House::at(root), &mut Findings::default());
    for name in named {
        let known = exercises.iter().any(|exercise| exercise.name == name);
        assert!(known, "there is no exercise {name}");
    }
}

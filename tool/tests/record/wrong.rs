//! Each way in which a recording can be wrong.
use super::*;

#[test]
fn a_listing_that_hangs_is_stopped() {
    let (folder, house) = house();
    let root = folder.path();
    listings(root);
    let program = "fn main() {\n    println!(\"waiting\");\n    loop {\n        std::thread::park();\n    }\n}\n";
    listing(root, "hangs", "class = \"real\"\nseconds = 1", program);
    let said = wrong(&record(&house, true));
    assert!(
        said.contains("listings/demo/examples/hangs.rs: it ran longer than 1 s and was stopped"),
        "{said}"
    );
    assert!(
        said.contains("waiting") && said.contains("raise `seconds` of [hangs]"),
        "{said}"
    );
}

#[test]
fn each_wrong_end_is_named() {
    let (folder, house) = house();
    let root = folder.path();
    listings(root);
    for (entry, program, says) in [
        (
            "class = \"real\"",
            "fn main() {\n    std::process::exit(3);\n}\n",
            "ended with exit code 3",
        ),
        (
            "class = \"real\"",
            "fn main() {\n    hello();\n}\n",
            "does not compile",
        ),
        (
            "class = \"fails\"\npanics = true",
            HELLO,
            "so it must panic",
        ),
        ("class = \"fails\"\ncode = \"E0277\"", HELLO, "it compiles"),
        (
            "class = \"fails\"\ncode = \"E0277\"",
            "fn main() {\n    hello();\n}\n",
            "does not fail with E0277",
        ),
        (
            "class = \"real\"\nredact = ['(']",
            HELLO,
            "no regular expression",
        ),
        (
            "class = \"sim\"",
            "fn main() {\n    println!(\"{}\", std::process::id());\n}\n",
            "two runs with the same seed print differently",
        ),
        ("class = \"sim\"", HELLO, "it left no trace"),
        (
            "class = \"sim\"\ndiagram = \"none\"",
            "fn main() {\n    println!(\"{:?}\", std::env::var(\"UNTWISTED_WORLD\"));\n}\n",
            "on the operating system it prints something else",
        ),
        ("class = \"measure\"", HELLO, "output/hello.txt is missing"),
    ] {
        listings(root);
        listing(root, "hello", entry, program);
        let said = wrong(&record(&house, true));
        assert!(said.contains(says), "{entry}, for {says:?}: {said}");
    }
}

#[test]
fn files_that_nobody_makes_are_found() {
    let (folder, house) = house();
    let root = folder.path();
    listings(root);
    listing(root, "hello", "class = \"real\"", HELLO);
    record(&house, false);
    write(root, "listings/demo/output/old.txt", "old\n");
    write(root, "diagrams/demo/old.mmd", "sequenceDiagram\n");
    write(root, "diagrams/demo/concept/loop.md", "# A loop\n");
    let said = wrong(&record(&house, true));
    assert!(
        said.contains("output/old.txt: no listing prints it"),
        "{said}"
    );
    assert!(
        said.contains("diagrams/demo/old.mmd: no listing draws it"),
        "{said}"
    );
    assert!(!said.contains("concept"), "{said}");
}

#[test]
fn names_choose_and_a_slip_gets_an_offer() {
    let (folder, house) = house();
    let root = folder.path();
    listings(root);
    listing(root, "hello", "class = \"real\"", HELLO);
    let named = |name: &str| {
        let options = Options {
            names: vec![name.to_owned()],
            check: true,
            ..Options::default()
        };
        record::record(&house, &options)
    };
    for name in ["hello", "demo", "demo/hello"] {
        assert_eq!(named(name).expect("known").seen.len(), 1, "{name}");
    }
    let error = named("demo/helo").expect_err("unknown").to_string();
    assert!(error.contains("Did you mean `demo/hello`?"), "{error}");
}

#[test]
fn a_real_run_that_is_disturbed_once_is_run_again() {
    let (folder, house) = house();
    let root = folder.path();
    listings(root);
    let program = "fn main() {\n    let seen = std::fs::read_to_string(\"count\").unwrap_or_default();\n    std::fs::write(\"count\", format!(\"{seen}x\")).unwrap();\n    println!(\"{}\", if seen.len() % 3 == 0 { \"hello\" } else { \"disturbed\" });\n}\n";
    listing(root, "hello", "class = \"real\"", program);
    assert_eq!(wrong(&record(&house, false)), "");
    // Two disturbed runs, then one that prints what is kept.
    assert_eq!(wrong(&record(&house, true)), "");
    write(
        root,
        "listings/demo/output/hello.txt",
        "$ cargo run -p demo --example hello\nhi\n",
    );
    assert!(wrong(&record(&house, true)).contains("a run gives something else"));
}

#[test]
fn a_program_without_an_entry_is_told_where_the_entry_belongs() {
    let (folder, house) = house();
    let root = folder.path();
    listings(root);
    listing(root, "hello", "class = \"real\"", HELLO);
    write(root, "listings/demo/examples/fresh.rs", HELLO);
    let options = Options {
        names: vec!["demo/fresh".to_owned()],
        ..Options::default()
    };
    let error = record::record(&house, &options).expect_err("no entry");
    assert_eq!(
        error.to_string(),
        "listings/demo/examples/fresh.rs: listings/demo/listings.toml has no entry for it\n    -> add [fresh] with `caption` and `class`"
    );
}

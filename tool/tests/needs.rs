//! A package whose need is missing is not looked at: said by name, never passed, and no failure by
//! itself.
mod common;
use book::{
    check::blocks::{self, Table},
    expand::{self, Target},
    finding::Findings,
    fixture::Fixture,
    manifest,
    needs::Missing,
};
use common::{house, write};
use std::{
    path::Path,
    process::{Command, Output},
    time::Duration,
};

/// `cargo book …` where neither PostgreSQL nor Redis is installed.
fn book(root: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_book"))
        .args(words)
        .current_dir(root)
        .env("UNTWISTED_WITHOUT", "postgresql redis")
        .output()
        .expect("it starts")
}

fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Two packages of listings: `plain` needs nothing, `wants` what is missing. Its programs would not
/// even compile.
fn listings(root: &Path) {
    write(
        root,
        "Cargo.toml",
        "[workspace]\nresolver = \"3\"\nmembers = [\"listings/*\", \"listings/*/lab\"]\nexclude = [\"target\"]\n",
    );
    let _ = std::fs::remove_file(root.join("listings/.keep"));
    let needs = "[package.metadata.book]\nneeds = [\"postgresql\", \"redis\"]\n";
    for (folder, name, more) in [
        ("plain", "plain", ""),
        ("wants", "wants", needs),
        ("wants/lab", "wants-lab", ""),
    ] {
        let manifest = format!(
            "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n{more}"
        );
        write(root, &format!("listings/{folder}/Cargo.toml"), &manifest);
        write(
            root,
            &format!("listings/{folder}/src/lib.rs"),
            "//! Nothing.\n",
        );
    }
    let entry = "[hello]\ncaption = \"A\"\nclass = \"real\"\n";
    write(root, "listings/plain/listings.toml", entry);
    write(
        root,
        "listings/plain/examples/hello.rs",
        "fn main() {\n    println!(\"hello\");\n}\n",
    );
    for (folder, name) in [("wants", "query"), ("wants/lab", "other")] {
        write(
            root,
            &format!("listings/{folder}/listings.toml"),
            &entry.replace("hello", name),
        );
        write(
            root,
            &format!("listings/{folder}/examples/{name}.rs"),
            "fn main() { no_such() }\n",
        );
    }
}

#[test]
fn a_recording_leaves_it_out_loudly() {
    let (folder, _) = house();
    let root = folder.path();
    listings(root);
    let output = book(root, &["record"]);
    let said = errors(&output);
    assert!(output.status.success(), "{said}");
    assert!(
        said.contains("record: 1 of 1 listings are as they must be"),
        "{said}"
    );
    for line in [
        "NOT LOOKED AT: wants (1 listing): postgresql and redis are not installed",
        "NOT LOOKED AT: wants-lab (1 listing): postgresql and redis are not installed",
        "-> postgresql: Debian and Ubuntu: apt-get install postgresql; macOS: brew install postgresql",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    assert!(!root.join("listings/wants/output/query.txt").exists());
    // Asked for by name, it is an error: nothing else was to be done.
    let output = book(root, &["record", "wants/query"]);
    assert!(!output.status.success());
    let said = errors(&output);
    assert!(
        said.contains("what you asked for cannot run here"),
        "{said}"
    );
    // Where it is there, the program is built, and this one does not compile.
    let output = Command::new(env!("CARGO_BIN_EXE_book"))
        .args(["record", "plain"])
        .current_dir(root)
        .env("UNTWISTED_WITHOUT", "qt")
        .output()
        .expect("it starts");
    assert!(output.status.success(), "{}", errors(&output));
}

#[test]
fn its_blocks_are_counted_as_not_looked_at() {
    let fixture = Fixture::new();
    // A need that is missing on every machine that runs this test.
    fixture.write(
        "listings/reactor/Cargo.toml",
        "[package]\nname = \"reactor\"\n[package.metadata.book]\nneeds = [\"redis\"]\n",
    );
    let page = fixture.read("src/reactor/index.md") + "\n```rust\nfn main() { no_such() }\n```\n";
    fixture.write("src/reactor/index.md", &page);
    let output = book(
        &fixture.house.root,
        &["check", "--page", "src/reactor/index.md"],
    );
    let (printed, said) = (String::from_utf8_lossy(&output.stdout), errors(&output));
    assert!(output.status.success(), "{printed}{said}");
    let row = "reactor                 2        0/0        0/0        0/0   2 NOT LOOKED AT";
    assert!(printed.contains(row), "{printed}");
    assert!(printed.contains("not all was looked at"), "{printed}");
    assert!(!printed.contains("All is well"), "{printed}");
    assert!(said.contains("NOT LOOKED AT: reactor"), "{said}");
}

#[test]
fn where_nothing_is_missing_all_is_looked_at() {
    let fixture = Fixture::new();
    let pages = expand::chapters(&fixture.house, Target::Doctest).expect("a book");
    let listings = manifest::all(&fixture.house).expect("listings");
    let missing = Missing::here(&fixture.house).expect("the script runs");
    assert!(missing.is_empty());
    let mut found = Findings::default();
    let limit = Duration::from_secs(60);
    let table: Table = blocks::test(
        &fixture.house,
        &pages,
        &listings,
        &None,
        &missing,
        limit,
        &mut found,
    )
    .expect("it can begin");
    assert!(!table.to_string().contains("NOT LOOKED AT"), "{table}");
}

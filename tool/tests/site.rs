//! Builds a tiny book as a reader does: in one step, into a safe place, the same as stock mdBook.
use book::fixture::Fixture;
use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    process::{Command, Output},
};

fn book(fixture: &Fixture, args: &[&str]) -> (bool, String) {
    let Output { status, stderr, .. } = Command::new(env!("CARGO_BIN_EXE_book"))
        .args(args)
        .current_dir(&fixture.house.root)
        .env_remove("CARGO_TARGET_DIR")
        .output()
        .expect("the tool runs");
    (
        status.success(),
        String::from_utf8_lossy(&stderr).into_owned(),
    )
}

/// What only our build adds or changes, as `diff -X` reads it.
const ONLY_OURS: &str = include_str!("../../ci/only-ours");

/// How the line begins that says what a page is about.
const DESCRIPTION: &[u8] = b"<meta name=\"description\"";

/// Returns whether a file's first folder, or its name, is what an entry of the list says.
fn fits(name: &str, entry: &str) -> bool {
    let first = name.split('/').next().unwrap_or(name);
    match entry.split_once('*') {
        Some((before, after)) => first.starts_with(before) && first.ends_with(after),
        None => first == entry,
    }
}

/// Returns every page below a folder, by its path.
fn pages(folder: &Path) -> BTreeMap<String, String> {
    files(folder)
        .into_iter()
        .filter(|(name, _)| name.ends_with(".html"))
        .map(|(name, bytes)| (name, String::from_utf8(bytes).expect("a page")))
        .collect()
}

/// Returns every file below a folder, by its path.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut left = vec![folder.to_owned()];
    while let Some(one) = left.pop() {
        for entry in fs::read_dir(&one).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                left.push(path);
            } else {
                let name = path.strip_prefix(folder).expect("inside");
                let bytes = fs::read(&path).expect("a file");
                found.insert(name.display().to_string(), bytes);
            }
        }
    }
    found
}

#[test]
fn a_site_is_written_replaced_and_reads_from_below_any_path() {
    let fixture = Fixture::new();
    let (good, said) = book(&fixture, &["build"]);
    assert!(good, "{said}");
    let site = fixture.house.root.join("target/site");
    fs::write(site.join("old.html"), "old").expect("a file");
    let (good, said) = book(&fixture, &["build"]);
    assert!(good, "{said}");
    assert!(!site.join("old.html").exists(), "the old site is gone");
    let beside = fs::read_dir(fixture.house.root.join("target")).expect("a folder");
    let left = beside.map(|entry| entry.expect("an entry").file_name());
    let left: Vec<_> = left.filter(|name| name != "colours.json").collect();
    assert_eq!(left, ["site"], "no half-built site is left");
    for (name, text) in pages(&site) {
        // The 404 page of mdBook alone is written for the root.
        if name == "404.html" {
            continue;
        }
        for absolute in ["href=\"/", "src=\"/", "src=\"http", "__book"] {
            assert!(!text.contains(absolute), "{name} has {absolute}");
        }
    }
}

#[test]
fn what_is_no_site_is_not_replaced() {
    let fixture = Fixture::new();
    fixture.write("precious/work.txt", "mine");
    for (dest, why) in [
        ("precious", "something that is not a built book"),
        ("src", "the book's sources"),
        (".", "the book's sources"),
        ("src/site", "the book's sources"),
        (
            "precious/work.txt/site",
            "cannot be written: choose another folder with --dest",
        ),
    ] {
        let (good, said) = book(&fixture, &["build", "--dest", dest]);
        assert!(!good, "{dest}: {said}");
        assert!(said.contains(why), "{dest}: {said}");
    }
    assert_eq!(fixture.read("precious/work.txt"), "mine");
    let (good, said) = book(&fixture, &["build", "--dest", "public/book"]);
    assert!(good, "{said}");
    assert!(fixture.read("public/book/index.html").contains("Hello."));
}

#[test]
fn a_mistake_ends_the_build_with_its_place_and_keeps_the_old_site() {
    let fixture = Fixture::new();
    assert!(book(&fixture, &["build"]).0);
    fixture.write(
        "src/reactor/index.md",
        "---\nminutes: 1\nlevel: core\n---\n{{#listing a/b}}\n",
    );
    let (good, said) = book(&fixture, &["build"]);
    assert!(!good);
    assert!(
        said.contains("error: src/reactor/index.md:5: unknown listing `a/b`"),
        "{said}"
    );
    assert!(!said.contains("backtrace"), "{said}");
    assert!(
        fixture
            .read("target/site/reactor/index.html")
            .contains("A loop.")
    );
}

#[test]
fn stock_mdbook_writes_the_same_pages() {
    let fixture = Fixture::new();
    let toml = fixture.read("book.toml").replace(
        "\"false\"",
        &format!(
            "\"{} preprocess\"",
            env!("CARGO_BIN_EXE_book").replace('\\', "/")
        ),
    );
    fixture.write("book.toml", &toml);
    fixture.write("diagrams/reactor/simplest.ndjson", "{\"v\":1}\n");
    assert!(book(&fixture, &["build", "--dest", "target/ours"]).0);
    // What the `mdbook` program does: load, run the commands of book.toml, build.
    let mut stock = mdbook_driver::MDBook::load(&fixture.house.root).expect("a book");
    stock.config.build.build_dir = "target/stock".into();
    stock.build().expect("a site");
    let all = |name: &str| files(&fixture.house.root.join("target").join(name));
    let (ours, stock) = (all("ours"), all("stock"));
    assert!(ours.contains_key("listings/reactor/simplest.html"));
    // What differs is on the list that ci/test reads, too; in a page it is the one line that
    // describes it.
    let undescribed = |bytes: &[u8]| -> Vec<u8> {
        let lines = bytes.split(|byte| *byte == b'\n');
        let kept = lines.filter(|line| !line.trim_ascii_start().starts_with(DESCRIPTION));
        kept.collect::<Vec<_>>().join(&b'\n')
    };
    let mut used = std::collections::BTreeSet::new();
    for name in ours.keys().chain(stock.keys()) {
        let same = match (ours.get(name), stock.get(name)) {
            (Some(one), Some(other)) if name.ends_with(".html") => {
                undescribed(one) == undescribed(other)
            }
            (one, other) => one == other,
        };
        if !same {
            let entry = ONLY_OURS.lines().find(|entry| fits(name, entry));
            used.insert(
                entry.unwrap_or_else(|| panic!("{name} differs and is not on ci/only-ours")),
            );
        }
    }
    // A book without an address has no map, and one whose listings offer no knobs has no programs
    // for its pages.
    let listed: std::collections::BTreeSet<&str> = ONLY_OURS
        .lines()
        .filter(|entry| !["sitemap.xml", "wasm"].contains(entry))
        .collect();
    assert_eq!(used, listed, "ci/only-ours names what does not differ");
    let page = String::from_utf8_lossy(&ours["reactor/index.html"]).into_owned();
    assert!(page.contains("<span class=\"k\">fn</span>"), "{page}");
    assert!(
        page.contains("name=\"description\" content=\"Reactor"),
        "{page}"
    );
    let drawn = fixture.house.root.join("target/stock/mermaid.min.js");
    assert!(
        drawn.is_file(),
        "diagrams are drawn in the stock build, too"
    );
}

#[test]
fn outside_of_a_clone_it_says_where_to_go() {
    let nowhere = tempfile::tempdir().expect("a folder");
    let Output { status, stderr, .. } = Command::new(env!("CARGO_BIN_EXE_book"))
        .arg("build")
        .current_dir(nowhere.path())
        .env_remove("CARGO_TARGET_DIR")
        .output()
        .expect("the tool runs");
    assert!(!status.success());
    let said = String::from_utf8_lossy(&stderr);
    assert!(
        said.contains("Run `cargo book` inside your clone"),
        "{said}"
    );
}

//! The packages that compile the blocks of the text: derived from the folders, written into
//! `target/text`.
use crate::{
    cargo::write_if_new,
    exercise::layout::{file_name, folders},
    finding::Findings,
    house::House,
    packages::{self, Package},
    record::refused,
};
use anyhow::Result;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
};
use toml::{Table, Value};

/// What only tests use: the blocks would wait for it for nothing.
const FOR_TESTS: [&str; 2] = ["allocation-counter", "proptest"];
/// The version of skeptic.
const SKEPTIC: &str = "{ version = \"0.14.2\", features = [\"binary-cache\"] }";

/// The workspace.
pub fn root(house: &House) -> PathBuf {
    house.root.join("target/text")
}

/// The manifest of the workspace.
pub fn manifest(house: &House) -> PathBuf {
    root(house).join("Cargo.toml")
}

/// The manifest of the package of a chapter's blocks.
pub fn of_chapter(house: &House, chapter: &str) -> PathBuf {
    root(house).join(chapter).join("Cargo.toml")
}

/// What has blocks: chapters of the text, and packages of listings.
pub fn chapters(house: &House) -> BTreeSet<String> {
    ["src", "listings"]
        .iter()
        .flat_map(|place| folders(&house.root.join(place)))
        .map(|folder| file_name(&folder))
        .collect()
}

/// Writes the manifests: a package `text-<chapter>` for each chapter, and `skeptic-blocks`, which
/// takes all blocks. A block may use its chapter's crate and lab, the chapters they are built on,
/// and whatever these depend on; one of a chapter without a crate may use everything that needs
/// nothing installed.
///
/// # Errors
/// When a manifest of `listings/` cannot be understood, or a file cannot be written.
pub fn write(house: &House) -> Result<()> {
    let packages = packages::all(house)?;
    let needy = |package: &Package| {
        let of_chapter = packages.get(&package.folder);
        let both = [Some(package), of_chapter];
        both.into_iter().flatten().any(|one| !one.needs.is_empty())
    };
    let plain: BTreeSet<&str> = packages
        .values()
        .filter(|package| !needy(package))
        .map(|package| package.name.as_str())
        .collect();
    let chapters = chapters(house);
    let mut members: Vec<String> = chapters.iter().cloned().collect();
    for chapter in &chapters {
        let own: Vec<&str> = of_folder(&packages, chapter).collect();
        let wanted = if own.is_empty() {
            plain.clone()
        } else {
            closure(&packages, own)
        };
        let text = format!(
            "# Written by `cargo book check`: the blocks of a chapter.\n[package]\nname = \"text-{chapter}\"\n\
             version = \"0.1.0\"\nedition = \"2024\"\npublish = false\n\n[lib]\npath = \"pages.rs\"\ntest = false\n\n{}",
            toml::to_string(&Table::from_iter([(
                "dependencies".to_owned(),
                dependencies(house, &packages, &wanted)?.into()
            )]))?
        );
        write_if_new(&of_chapter(house, chapter), &text)?;
    }
    if house.root.join("ci/skeptic").is_dir() {
        // What needs something installed is a feature by the name of its chapter, so that others
        // are tested without it.
        let mut all = dependencies(house, &packages, &plain)?;
        let mut features = Table::new();
        for chapter in &chapters {
            let own: BTreeSet<&str> = of_folder(&packages, chapter)
                .filter(|name| packages.get(*name).is_some_and(needy))
                .collect();
            let mut words: Vec<Value> = Vec::new();
            for (name, value) in dependencies(house, &packages, &own)? {
                if !all.contains_key(&name) {
                    words.push(format!("dep:{name}").into());
                    let mut value = spelled(&value);
                    value.insert("optional".into(), true.into());
                    all.insert(name, value.into());
                }
            }
            if !own.is_empty() {
                features.insert(chapter.clone(), words.into());
            }
        }
        // Skeptic asks for the dependencies that there are by default, and takes those that were
        // built.
        let known: Vec<Value> = features.keys().cloned().map(Value::from).collect();
        features.insert("default".to_owned(), known.into());
        write_if_new(
            &root(house).join("skeptic-blocks/Cargo.toml"),
            &skeptic(house, features, all)?,
        )?;
        members.push("skeptic-blocks".to_owned());
    }
    // Resolver 1 builds the libraries of build scripts with the same features as programs. With
    // later ones there are two of some libraries, and skeptic may hand a block the one that no
    // other library was built with.
    let text = format!(
        "# Written by `cargo book check`: the packages that compile the blocks of the text.\n[workspace]\nresolver = \"1\"\n\
         members = {members:?}\n\n[profile.dev]\ndebug = false\n"
    );
    write_if_new(&manifest(house), &text)?;
    if let Ok(lock) = fs::read_to_string(locked(house)) {
        write_if_new(&root(house).join("Cargo.lock"), &lock)?;
    }
    Ok(())
}

/// The manifest of the package that makes a program of each block.
fn skeptic(house: &House, features: Table, dependencies: Table) -> Result<String> {
    let sources = house.root.join("ci/skeptic");
    let path = |file: &str| Value::from(sources.join(file).to_string_lossy().into_owned());
    let tables = Table::from_iter([
        ("dependencies".to_owned(), dependencies.into()),
        ("features".to_owned(), features.into()),
    ]);
    Ok(format!(
        "# Written by `cargo book check`: each block as a program of its own. It has no library on purpose: one would spoil skeptic's \
         cache.\n[package]\nname = \"skeptic-blocks\"\nversion = \"0.1.0\"\nedition = \"2024\"\npublish = false\nbuild = {}\n\n\
         [[test]]\nname = \"skeptic\"\npath = {}\n\n[build-dependencies]\nskeptic = {SKEPTIC}\n\n[dev-dependencies]\n\
         skeptic = {SKEPTIC}\n\n{}",
        path("build.rs"),
        path("tests/skeptic.rs"),
        toml::to_string(&tables)?
    ))
}

/// The versions that were tested, which git keeps.
fn locked(house: &House) -> PathBuf {
    house.root.join("ci/Cargo.lock")
}

/// Keeps the versions that Cargo has chosen by now.
///
/// # Errors
/// When the file cannot be written.
pub fn keep_lock(house: &House, found: &mut Findings) -> Result<()> {
    let Ok(chosen) = fs::read_to_string(root(house).join("Cargo.lock")) else {
        return Ok(());
    };
    let old = fs::read_to_string(locked(house)).unwrap_or_default();
    if old != chosen {
        write_if_new(&locked(house), &chosen)?;
        found.note("ci/Cargo.lock holds what the blocks use now: commit it");
    }
    Ok(())
}

/// The packages of a chapter, by name.
fn of_folder<'a>(
    packages: &'a BTreeMap<String, Package>,
    chapter: &str,
) -> impl Iterator<Item = &'a str> {
    packages
        .values()
        .filter(move |package| package.folder == chapter)
        .map(|package| package.name.as_str())
}

/// These packages and all that they are built on, each with its lab.
fn closure<'a>(packages: &'a BTreeMap<String, Package>, own: Vec<&'a str>) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    let mut open = own;
    while let Some(name) = open.pop() {
        let Some(package) = packages.get(name) else {
            continue;
        };
        if found.insert(name) {
            open.extend(
                package
                    .depends
                    .iter()
                    .chain(&package.tests)
                    .map(String::as_str),
            );
            let lab = packages.keys().find(|lab| **lab == format!("{name}-lab"));
            open.extend(lab.map(String::as_str));
        }
    }
    found
}

/// The table of dependencies: these packages, and what they depend on, with all features that one
/// of them asks for.
fn dependencies(
    house: &House,
    packages: &BTreeMap<String, Package>,
    names: &BTreeSet<&str>,
) -> Result<Table> {
    let mut all = Table::new();
    for package in names.iter().filter_map(|name| packages.get(*name)) {
        let table = refused::dependencies(house, &package.manifest, true)?;
        let Some(Value::Table(listed)) = table.get("dependencies") else {
            continue;
        };
        for (name, value) in listed {
            if !FOR_TESTS.contains(&name.as_str()) {
                merge(&mut all, name, value);
            }
        }
    }
    Ok(all)
}

/// A dependency as a table: `"1"` is `{ version = "1" }`.
fn spelled(value: &Value) -> Table {
    match value {
        Value::Table(table) => table.clone(),
        version => Table::from_iter([("version".to_owned(), version.clone())]),
    }
}

/// Adds a dependency that may be there already: the features of both, and the default ones unless
/// neither wants them.
fn merge(all: &mut Table, name: &str, value: &Value) {
    let new = spelled(value);
    let Some(old) = all.get(name).map(spelled) else {
        all.insert(name.to_owned(), new.into());
        return;
    };
    let features = |table: &Table| -> BTreeSet<String> {
        let listed = table.get("features").and_then(Value::as_array);
        let words = listed.into_iter().flatten().filter_map(Value::as_str);
        words.map(str::to_owned).collect()
    };
    let default =
        |table: &Table| table.get("default-features").and_then(Value::as_bool) != Some(false);
    // One that is a folder is named in different ways; any of them will do.
    let mut both = old.clone();
    let union: Vec<Value> = features(&old)
        .union(&features(&new))
        .cloned()
        .map(Value::from)
        .collect();
    if !union.is_empty() {
        both.insert("features".into(), union.into());
    }
    both.remove("default-features");
    if !default(&old) && !default(&new) {
        both.insert("default-features".into(), false.into());
    }
    all.insert(name.to_owned(), both.into());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;
    use std::path::Path;

    fn package(fixture: &Fixture, folder: &str, name: &str, rest: &str) {
        let text = format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\n{rest}");
        fixture.write(&format!("listings/{folder}/Cargo.toml"), &text);
    }

    /// Returns a book with four crates, two labs, and a chapter without a crate, whose workspace of
    /// blocks is written.
    fn written() -> Fixture {
        let fixture = Fixture::new();
        fixture.write(
            "Cargo.toml",
            "[workspace.dependencies]\nbase = { path = \"listings/base\" }\ntokio = { version = \"1\", features = [\"rt\"] }\n",
        );
        for (folder, name, rest) in [
            (
                "base",
                "base",
                "[dependencies]\nmio = { version = \"1\", default-features = false }\n",
            ),
            (
                "base/lab",
                "base-lab",
                "[dependencies]\nbase.workspace = true\ntokio.workspace = true\n",
            ),
            (
                "reactor",
                "reactor",
                "[dependencies]\nbase.workspace = true\nserde = { version = \"1\", optional = true }\n[dev-dependencies]\nproptest = \"1\"\n",
            ),
            (
                "reactor/lab",
                "reactor-lab",
                "[dependencies]\nmio = { version = \"1\", default-features = false, features = [\"net\"] }\n\
                 tokio = { workspace = true, features = [\"net\"] }\n",
            ),
            ("other", "other", "[dependencies]\nhyper = \"1\"\n"),
            (
                "window",
                "window",
                "[package.metadata.book]\nneeds = [\"qt\"]\n[dependencies]\ncxx = \"1\"\n",
            ),
        ] {
            package(&fixture, folder, name, rest);
        }
        fixture.write("ci/skeptic/build.rs", "fn main() {}\n");
        fixture.write("src/start/index.md", "# No crate\n");
        write(&fixture.house).expect("written");
        fixture
    }

    fn table(manifest: &Path) -> Table {
        let text = fs::read_to_string(manifest).expect("a manifest");
        text.parse().expect("TOML")
    }

    /// Returns what the blocks of a chapter may use.
    fn of_blocks(fixture: &Fixture, chapter: &str) -> Table {
        let manifest = table(&of_chapter(&fixture.house, chapter));
        manifest["dependencies"]
            .as_table()
            .expect("a table")
            .clone()
    }

    #[test]
    fn what_a_block_may_use_comes_from_its_chapter_and_those_below() {
        let fixture = written();
        let reactor = of_blocks(&fixture, "reactor");
        let names: Vec<&str> = reactor.keys().map(String::as_str).collect();
        assert_eq!(
            names,
            ["base", "base-lab", "mio", "reactor", "reactor-lab", "tokio"]
        );
        let tokio = reactor["tokio"]["features"].to_string();
        assert!(
            tokio.contains("\"rt\"") && tokio.contains("\"net\""),
            "{tokio}"
        );
        assert_eq!(reactor["mio"]["default-features"], Value::from(false));
        let base = of_blocks(&fixture, "base");
        assert_eq!(base.len(), 4, "its lab, and nothing of a later chapter");
    }

    #[test]
    fn a_chapter_without_a_crate_may_use_all_that_needs_nothing_installed() {
        let fixture = written();
        let start = of_blocks(&fixture, "start");
        assert!(start.contains_key("hyper") && start.contains_key("reactor-lab"));
        assert!(!start.contains_key("window"));
        assert!(of_blocks(&fixture, "window").contains_key("cxx"));
    }

    #[test]
    fn all_chapters_are_members_and_what_needs_more_is_a_feature_of_skeptics_package() {
        let fixture = written();
        let members = fs::read_to_string(manifest(&fixture.house)).expect("the workspace");
        assert!(
            members.contains(
                "[\"base\", \"other\", \"reactor\", \"start\", \"window\", \"skeptic-blocks\"]"
            ),
            "{members}"
        );
        let skeptic = table(&root(&fixture.house).join("skeptic-blocks/Cargo.toml"));
        assert_eq!(
            skeptic["dependencies"]["cxx"]["optional"],
            Value::from(true)
        );
        assert_eq!(
            skeptic["features"]["window"].to_string(),
            "[\"dep:cxx\", \"dep:window\"]"
        );
    }
}

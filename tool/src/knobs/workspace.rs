//! The packages that make one program of a chapter's simulated listings: derived from the folders,
//! written into `target/knobs`.
use crate::{cargo::write_if_new, finding::name, house::House, manifest::Listing, packages};
use anyhow::{Context, Result, bail};
use pictures::Functions;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};
use toml::{Table, Value};

/// What Cargo is told about speed and size. Measured on the Deferreds, 65 listings: `ci/README.md`
/// has the table.
const PROFILE: &str = "[profile.page]\ninherits = \"release\"\nopt-level = \"z\"\nlto = false\ncodegen-units = 1\n\
    panic = \"abort\"\nstrip = true\n";

/// The program that draws runs, and its folder.
pub(super) const DRAWER: &str = "pictures";

/// Returns the workspace.
pub(super) fn root(house: &House) -> PathBuf {
    house.target.join("knobs")
}

/// Returns the folder of the package of a chapter. It is called as in the repository, because the
/// compiler writes the names of files into recordings, and those have to be the same.
pub(super) fn of_chapter(house: &House, chapter: &str) -> PathBuf {
    root(house).join("listings").join(chapter)
}

/// Writes all of it: the workspace, a package a chapter, and a copy of each listing.
///
/// # Errors
/// When a manifest cannot be understood, a listing has no `fn main`, or a file cannot be written.
pub(super) fn write(
    house: &House,
    chapters: &BTreeMap<String, Vec<Listing>>,
    without: &[String],
) -> Result<()> {
    let shared = packages::read(&house.root.join("Cargo.toml"))?;
    let shared = shared
        .get("workspace")
        .and_then(|workspace| workspace.get("dependencies")?.as_table())
        .context("Cargo.toml has no [workspace.dependencies]")?;
    for (chapter, listings) in chapters {
        let folder = of_chapter(house, chapter);
        let mut sources = String::new();
        for listing in listings {
            let text = fs::read_to_string(listing.source())
                .with_context(|| format!("{} cannot be read", listing.source().display()))?;
            if !text.lines().any(|line| line.starts_with("fn main()")) {
                bail!(
                    "{}: there is no `fn main()`",
                    name(house, &listing.source())
                );
            }
            sources += &text;
            // Below the listing, so that its lines and columns stay what they are.
            let text = format!(
                "{text}\npub fn start() -> std::process::ExitCode {{ std::process::Termination::report(main()) }}\n"
            );
            write_if_new(
                &folder.join("examples").join(format!("{}.rs", listing.name)),
                &text,
            )?;
        }
        write_if_new(&folder.join("page.rs"), &program(listings))?;
        // Programs that are not expected to compile: Cargo looks for them when it is asked for one.
        let alone: Vec<String> = without
            .iter()
            .filter_map(|path| path.split_once('/'))
            .filter(|(of, _)| of == chapter)
            .map(|(_, name)| {
                format!("[[bin]]\nname = \"without-{name}\"\npath = \"without/{name}.rs\"\n\n")
            })
            .collect();
        let dependencies = dependencies(house, chapter, shared, &sources)?;
        let text = format!(
            "# Written by `cargo book`: the simulated listings of a chapter as one program.\n[package]\n\
             name = \"{chapter}-page\"\nversion = \"0.1.0\"\nedition = \"2024\"\npublish = false\nautobins = false\n\
             autoexamples = false\n\n[[bin]]\nname = \"{chapter}\"\npath = \"page.rs\"\n\n{}{}",
            alone.concat(),
            toml::to_string(&Table::from_iter([(
                "dependencies".to_owned(),
                dependencies.into()
            )]))?
        );
        write_if_new(&folder.join("Cargo.toml"), &text)?;
    }
    drawer(house, chapters)?;
    let chapters = chapters.keys().map(|chapter| format!("listings/{chapter}"));
    let members: Vec<String> = chapters.chain([DRAWER.to_owned()]).collect();
    let text = format!(
        "# Written by `cargo book`: what a page runs.\n[workspace]\nresolver = \"3\"\nmembers = {members:?}\n\n{PROFILE}"
    );
    write_if_new(&root(house).join("Cargo.toml"), &text)?;
    // The versions of the book; Cargo adds our packages to them.
    let lock = root(house).join("Cargo.lock");
    let locked = house.root.join("Cargo.lock");
    if newer(&locked, &lock) {
        fs::copy(&locked, &lock).context("Cargo.lock cannot be copied")?;
    }
    Ok(())
}

/// Writes the program that draws runs. It has the functions of the crates with it that a page runs,
/// and not their text.
fn drawer(house: &House, chapters: &BTreeMap<String, Vec<Listing>>) -> Result<()> {
    let folder = root(house).join(DRAWER);
    let library = |path: &Path| {
        let name = name(house, path);
        name.ends_with(".rs") && !name.contains("/lab/")
    };
    let mut sources = BTreeMap::new();
    let packages = packages::all(house)?;
    let mut wanted: Vec<&String> = chapters.keys().collect();
    let mut seen = BTreeSet::new();
    while let Some(package) = wanted.pop() {
        if !seen.insert(package) {
            continue;
        }
        if let Some(known) = packages.get(package) {
            wanted.extend(known.depends.iter().chain(&known.tests));
        }
        let mut folders = vec![house.package(package).join("src")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.is_dir() {
                    folders.push(path);
                } else if library(&path) {
                    let text = fs::read_to_string(&path)
                        .with_context(|| format!("{} cannot be read", path.display()))?;
                    sources.insert(name(house, &path), text);
                }
            }
        }
    }
    let functions = Functions::of(&sources);
    write_if_new(
        &folder.join("functions.json"),
        &serde_json::to_string(&functions)?,
    )?;
    write_if_new(
        &folder.join("main.rs"),
        "//! Written by `cargo book`: draws the run that its second argument tells of.\n\
         fn main() -> std::process::ExitCode {\n    \
         let order = std::env::args().nth(1).unwrap_or_default();\n    \
         let functions = serde_json::from_str(include_str!(\"functions.json\")).expect(\"functions\");\n    \
         match pictures::page::answer(&order, &functions) {\n        \
         Ok(drawn) => println!(\"{drawn}\"),\n        \
         Err(why) => {\n            eprintln!(\"{why}\");\n            return std::process::ExitCode::FAILURE;\n        }\n    }\n    \
         std::process::ExitCode::SUCCESS\n}\n",
    )?;
    let pictures = house.root.join("tool/pictures");
    write_if_new(
        &folder.join("Cargo.toml"),
        &format!(
            "# Written by `cargo book`: what draws a run in a page.\n[package]\nname = \"{DRAWER}-page\"\nversion = \"0.1.0\"\n\
             edition = \"2024\"\npublish = false\nautobins = false\n\n[[bin]]\nname = \"{DRAWER}\"\npath = \"main.rs\"\n\n\
             [dependencies]\npictures = {{ path = {:?} }}\nserde_json = \"1\"\n",
            pictures
        ),
    )
}

fn newer(one: &Path, than: &Path) -> bool {
    let time = |path: &Path| fs::metadata(path).and_then(|data| data.modified()).ok();
    time(one).is_some_and(|one| time(than).is_none_or(|than| one > than))
}

/// Writes a listing that does not compile for pages, as a program of its own beside the others of
/// its chapter.
pub(super) fn alone(house: &House, chapter: &str, listing: &Listing) -> Result<()> {
    let text = fs::read_to_string(listing.source())
        .with_context(|| format!("{} cannot be read", listing.source().display()))?;
    let folder = of_chapter(house, chapter);
    write_if_new(
        &folder.join("without").join(format!("{}.rs", listing.name)),
        &text,
    )
}

/// Its first argument is the listing that is to run, as a program's first argument is its own name.
fn program(listings: &[Listing]) -> String {
    let mut text = String::from(
        "//! Written by `cargo book`: runs the listing that its first argument names.\n#![allow(warnings)]\n",
    );
    for listing in listings {
        text += &format!("#[path = \"examples/{0}.rs\"]\nmod {0};\n", listing.name);
    }
    text +=
        "fn main() -> std::process::ExitCode {\n    match std::env::args().next().as_deref() {\n";
    for listing in listings {
        text += &format!("        Some(\"{0}\") => {0}::start(),\n", listing.name);
    }
    text += "        _ => std::process::ExitCode::from(2),\n    }\n}\n";
    text
}

/// Returns what the chapter's package depends on, and what of its tests' dependencies a listing
/// names.
fn dependencies(house: &House, chapter: &str, shared: &Table, sources: &str) -> Result<Table> {
    let manifest = house.package(chapter).join("Cargo.toml");
    let table = packages::read(&manifest)?;
    let mut found =
        Table::from_iter([(chapter.to_owned(), located(house, chapter, shared, None)?)]);
    for kind in ["dependencies", "dev-dependencies"] {
        let listed = table.get(kind).and_then(Value::as_table);
        for (name, value) in listed.into_iter().flatten() {
            let optional = value.get("optional").and_then(Value::as_bool) == Some(true);
            let used = sources.contains(&format!("{}::", name.replace('-', "_")));
            if !used || optional {
                continue;
            }
            let mut table = spelled(&located(house, name, shared, Some(value))?);
            let mut features = self::features(found.get(name));
            features.extend(self::features(Some(&Value::Table(table.clone()))));
            // What tests read recordings with, no listing does.
            features.retain(|feature| {
                name != "trace" || feature != "read" || sources.contains("trace::read")
            });
            table.insert(
                "features".into(),
                features.into_iter().collect::<Vec<_>>().into(),
            );
            found.insert(name.clone(), table.into());
        }
    }
    Ok(found)
}

/// Returns a dependency as the generated package says it: `workspace = true` resolved, paths
/// absolute.
fn located(house: &House, name: &str, shared: &Table, value: Option<&Value>) -> Result<Value> {
    let mut table = value.map_or_else(Table::new, spelled);
    let inherits = value.is_none() || table.remove("workspace").is_some();
    if inherits {
        let base = shared
            .get(name)
            .with_context(|| format!("`{name}` is not in [workspace.dependencies]"))?;
        for (key, value) in spelled(base) {
            table.entry(key).or_insert(value);
        }
    }
    if let Some(path) = table.get("path").and_then(Value::as_str) {
        let path = house.root.join(path).to_string_lossy().into_owned();
        table.insert("path".into(), path.into());
    }
    Ok(table.into())
}

fn features(value: Option<&Value>) -> BTreeSet<String> {
    let listed = value.and_then(|value| value.get("features")?.as_array());
    let words = listed.into_iter().flatten().filter_map(Value::as_str);
    words.map(str::to_owned).collect()
}

/// `"1"` as `{ version = "1" }`.
fn spelled(value: &Value) -> Table {
    match value {
        Value::Table(table) => table.clone(),
        other => Table::from_iter([("version".to_owned(), other.clone())]),
    }
}

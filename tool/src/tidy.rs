//! What is derived from the folders, and written by no hand: the crates by name, and
//! `listings/untwisted`, a feature for each.
use crate::{
    cargo::write_if_new,
    finding::{Findings, name},
    house::House,
    packages::{self, Package},
};
mod union;
use anyhow::{Context, Result};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    path::PathBuf,
};

/// Where the crates begin in the workspace's manifest.
const BEGIN: &str = "# The chapters, by name.\n";
/// The crate that holds all of them.
const ALL: &str = "untwisted";

/// What the command takes: nothing.
#[derive(clap::Args, Default, Debug)]
pub struct Options {}

/// Writes again what does not agree with the folders.
///
/// # Errors
/// When a manifest cannot be understood, or a file cannot be written.
pub fn run(house: &House, _: Options) -> Result<()> {
    for file in write(house)? {
        println!("wrote {file}");
    }
    Ok(())
}

/// Writes again what does not agree with the folders. Returns the files that were written.
///
/// # Errors
/// As for [`run`].
pub fn write(house: &House) -> Result<Vec<String>> {
    let mut written = Vec::new();
    for (path, text) in derived(house)? {
        if fs::read_to_string(&path).ok().as_ref() != Some(&text) {
            write_if_new(&path, &text)?;
            written.push(name(house, &path));
        }
    }
    Ok(written)
}

/// Finds what does not agree with the folders.
///
/// # Errors
/// When a manifest cannot be understood.
pub fn lint(house: &House, found: &mut Findings) -> Result<()> {
    for (path, text) in derived(house)? {
        let old = fs::read_to_string(&path).unwrap_or_default();
        if old != text {
            let differs = old
                .lines()
                .zip(text.lines())
                .position(|(old, new)| old != new);
            let line = differs.unwrap_or_else(|| old.lines().count().min(text.lines().count()));
            found.add(
                name(house, &path),
                line + 1,
                "it does not say what the folders of listings/ give",
                "cargo book tidy",
            );
        }
    }
    Ok(())
}

/// Each derived file with its text; none in a book without `listings/untwisted`.
fn derived(house: &House) -> Result<Vec<(PathBuf, String)>> {
    let root = house.root.join("Cargo.toml");
    let manifest = house.root.join("listings").join(ALL).join("Cargo.toml");
    if !root.is_file() || !manifest.is_file() {
        return Ok(Vec::new());
    }
    let read = |path: &PathBuf| {
        fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))
    };
    let packages = packages::all(house)?;
    let crates: Vec<&Package> = packages.values().filter(|one| !one.is_lab()).collect();
    let parts: Vec<&Package> = crates
        .iter()
        .copied()
        .filter(|one| one.name != ALL)
        .collect();

    let text = read(&root)?;
    let (before, after) = text
        .split_once(BEGIN)
        .with_context(|| format!("Cargo.toml has no line {:?}", BEGIN.trim_end()))?;
    let rest = after.find('#').map_or("", |at| &after[at..]);
    let mut names = format!("{before}{BEGIN}");
    for one in &crates {
        let _ = writeln!(
            names,
            "{} = {{ path = \"listings/{}\" }}",
            one.name, one.folder
        );
    }
    let workspace = names + rest;

    let text = read(&manifest)?;
    let head = text.split("[features]").next().unwrap_or_default();
    let mut all = format!("{head}[features]\ndefault = []\n");
    for one in &parts {
        let mut words = vec![format!("dep:{}", one.name)];
        words.extend(nearest(&packages, one).into_iter().map(str::to_owned));
        let _ = writeln!(all, "{} = {words:?}", one.name);
    }
    all += "\n[dependencies]\n";
    for one in &parts {
        let _ = writeln!(
            all,
            "{} = {{ workspace = true, optional = true }}",
            one.name
        );
    }

    let library = manifest.with_file_name("src").join("lib.rs");
    let text = read(&library)?;
    let mut code: String = text
        .lines()
        .take_while(|line| line.starts_with("//!"))
        .fold(String::new(), |all, line| all + line + "\n");
    for one in &parts {
        let ident = one.name.replace('-', "_");
        let _ = write!(
            code,
            "#[cfg(feature = \"{}\")]\npub use {ident};\n",
            one.name
        );
    }
    let mut derived = vec![(root, workspace), (manifest, all), (library, code)];
    derived.extend(union::derived(house)?);
    Ok(derived)
}

/// What a crate is built on, without what comes with that by itself.
fn nearest<'a>(packages: &'a BTreeMap<String, Package>, one: &'a Package) -> Vec<&'a str> {
    let below = |name: &str| {
        let mut found: BTreeSet<&str> = BTreeSet::new();
        let mut open: Vec<&str> = packages.get(name).map_or(Vec::new(), |one| {
            one.depends.iter().map(String::as_str).collect()
        });
        while let Some(next) = open.pop() {
            if found.insert(next)
                && let Some(package) = packages.get(next)
            {
                open.extend(package.depends.iter().map(String::as_str));
            }
        }
        found
    };
    let direct: BTreeSet<&str> = one.depends.iter().map(String::as_str).collect();
    let implied: BTreeSet<&str> = direct.iter().flat_map(|name| below(name)).collect();
    direct.difference(&implied).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    #[test]
    fn the_crates_and_their_features_follow_the_folders() {
        let fixture = Fixture::new();
        fixture.write("Cargo.toml", "[workspace.dependencies]\n# The chapters, by name.\nold = { path = \"listings/old\" }\n# The floor.\nmio = \"1\"\n");
        let package = |name: &str, depends: &str| {
            let text =
                format!("[package]\nname = \"{name}\"\n\n[features]\n\n[dependencies]\n{depends}");
            fixture.write(&format!("listings/{name}/Cargo.toml"), &text);
        };
        package("reactor", "");
        package("deferreds", "reactor.workspace = true\n");
        package(
            "web",
            "reactor.workspace = true\ndeferreds.workspace = true\n",
        );
        package(ALL, "");
        fixture.write("listings/untwisted/src/lib.rs", "//! All.\n");
        let mut found = Findings::default();
        lint(&fixture.house, &mut found).expect("read");
        let said: Vec<String> = found.sorted().iter().map(ToString::to_string).collect();
        assert_eq!(said.len(), 3, "{said:?}");
        assert!(
            said[0].starts_with("Cargo.toml:3: it does not say"),
            "{said:?}"
        );
        assert_eq!(write(&fixture.house).expect("written").len(), 3);
        assert_eq!(
            fixture.read("Cargo.toml"),
            "[workspace.dependencies]\n# The chapters, by name.\ndeferreds = { path = \"listings/deferreds\" }\n\
             reactor = { path = \"listings/reactor\" }\nuntwisted = { path = \"listings/untwisted\" }\n\
             web = { path = \"listings/web\" }\n# The floor.\nmio = \"1\"\n"
        );
        let manifest = fixture.read("listings/untwisted/Cargo.toml");
        assert!(
            manifest.contains("web = [\"dep:web\", \"deferreds\"]\n"),
            "{manifest}"
        );
        assert!(
            fixture
                .read("listings/untwisted/src/lib.rs")
                .ends_with("#[cfg(feature = \"web\")]\npub use web;\n")
        );
        assert_eq!(
            write(&fixture.house).expect("written"),
            [""; 0],
            "twice is once"
        );
    }
}

//! The packages of `listings/`, as their manifests tell of them.
use crate::house::House;
use anyhow::{Context, Result};
use std::{collections::BTreeMap, path::PathBuf};
use toml::{Table, Value};

/// One package.
#[derive(Clone, Debug)]
pub struct Package {
    /// `reactor`, `reactor-lab`.
    pub name: String,
    /// The folder of its chapter: `reactor` for both.
    pub folder: String,
    /// Its Cargo.toml.
    pub manifest: PathBuf,
    /// What it needs of the other packages to be compiled, in the order of its manifest.
    pub depends: Vec<String>,
    /// What its tests and examples need of them besides.
    pub tests: Vec<String>,
    /// Whether it is (the crate of) a chapter of the book: not, when its manifest says `chapter =
    /// false`.
    pub chapter: bool,
    /// What it needs installed.
    pub needs: Vec<String>,
}

impl Package {
    /// Returns whether it is a lab.
    pub fn is_lab(&self) -> bool {
        self.name.ends_with("-lab")
    }
}

/// Returns every package, by name.
///
/// # Errors
/// When a manifest cannot be read or names no package.
pub fn all(house: &House) -> Result<BTreeMap<String, Package>> {
    let listings = house.root.join("listings");
    let mut folders: Vec<String> = std::fs::read_dir(&listings)
        .with_context(|| format!("{} cannot be read", listings.display()))?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    folders.sort();
    let mut tables = Vec::new();
    for folder in folders {
        for inside in ["", "lab"] {
            let manifest = listings.join(&folder).join(inside).join("Cargo.toml");
            if manifest.is_file() {
                tables.push((folder.clone(), read(&manifest)?, manifest));
            }
        }
    }
    let name = |table: &Table| Some(table.get("package")?.get("name")?.as_str()?.to_owned());
    let known: Vec<String> = tables
        .iter()
        .filter_map(|(_, table, _)| name(table))
        .collect();
    let mut packages = BTreeMap::new();
    for (folder, table, manifest) in tables {
        let name =
            name(&table).with_context(|| format!("{} names no package", manifest.display()))?;
        let ours = |key: &str| -> Vec<String> {
            let listed = table.get(key).and_then(Value::as_table);
            let required =
                |value: &Value| value.get("optional").and_then(Value::as_bool) != Some(true);
            let listed = listed.into_iter().flatten();
            listed
                .filter(|(name, value)| known.contains(name) && required(value))
                .map(|(name, _)| name.clone())
                .collect()
        };
        let book = table
            .get("package")
            .and_then(|package| package.get("metadata")?.get("book"));
        let needs = book.and_then(|book| book.get("needs")?.as_array());
        let package = Package {
            depends: ours("dependencies"),
            tests: ours("dev-dependencies"),
            chapter: book.and_then(|book| book.get("chapter")?.as_bool()) != Some(false),
            needs: needs
                .into_iter()
                .flatten()
                .filter_map(|need| need.as_str().map(str::to_owned))
                .collect(),
            name: name.clone(),
            folder,
            manifest,
        };
        packages.insert(name, package);
    }
    Ok(packages)
}

/// Reads a file of TOML.
///
/// # Errors
/// When it cannot be read, or is none.
pub fn read(path: &std::path::Path) -> Result<Table> {
    std::fs::read_to_string(path)
        .with_context(|| format!("{} cannot be read", path.display()))?
        .parse()
        .with_context(|| format!("{} is not right", path.display()))
}

//! What a listing is compiled with: the compiler, and the crates that Cargo has built for its
//! package.
use crate::{cargo, house::House, manifest::Listing};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::SystemTime,
};

/// What the examples of one package are compiled with.
#[derive(Clone, Debug)]
pub(super) struct Kit {
    /// The compiler itself, and not rustup's stand-in, which reads files elsewhere.
    pub(super) rustc: PathBuf,
    /// Where the compiler's own libraries are.
    pub(super) sysroot: PathBuf,
    /// Crates that a program can name, and their files.
    pub(super) crates: BTreeMap<String, PathBuf>,
    /// The folders of these, and of what they depend on.
    pub(super) folders: Vec<PathBuf>,
    /// When the newest file was written that it is made of.
    made_of: SystemTime,
}

impl Kit {
    /// Returns the kit of a listing's package: the one that is known, unless the book's crates have
    /// changed since.
    pub(super) fn of(
        house: &House,
        listing: &Listing,
        known: &mut BTreeMap<String, Kit>,
    ) -> Result<Kit> {
        let newest = newest(house);
        if let Some(kit) = known.get(&listing.package)
            && kit.made_of == newest
            && kit.crates.values().all(|file| file.is_file())
        {
            return Ok(kit.clone());
        }
        let kit = Kit::build(house, listing, newest)?;
        known.insert(listing.package.clone(), kit.clone());
        Ok(kit)
    }

    /// Lets Cargo build what the listing needs, as it stands in the book, and listens to which
    /// files those are.
    fn build(house: &House, listing: &Listing, made_of: SystemTime) -> Result<Kit> {
        let sysroot = PathBuf::from(asked(&["--print", "sysroot"])?);
        let mut command = cargo::command_in(house);
        command
            .args(["build", "--quiet", "--message-format=json", "-p"])
            .arg(&listing.package)
            .current_dir(&house.root)
            .stdin(Stdio::null())
            .stderr(Stdio::piped());
        // An example's dependencies are built for an example only. One that must not compile does
        // not.
        match any_example(listing) {
            Some(example) => command.args(["--example", &example]),
            None => command.arg("--lib"),
        };
        let output = command
            .output()
            .context("cargo cannot be started; install Rust from https://rustup.rs")?;
        if !output.status.success() {
            bail!(
                "what {} needs does not compile:\n{}",
                listing.path(),
                String::from_utf8_lossy(&output.stderr).trim_end()
            );
        }
        let mut crates = BTreeMap::new();
        let mut folders = Vec::new();
        for line in String::from_utf8_lossy(&output.stdout).lines() {
            let Ok(message) = serde_json::from_str::<Value>(line) else {
                continue;
            };
            if let Some((name, file)) = library(&message) {
                if let Some(folder) = file.parent().map(Path::to_owned)
                    && !folders.contains(&folder)
                {
                    folders.push(folder);
                }
                crates.insert(name, file);
            }
        }
        let named = named(house, listing)?;
        crates.retain(|name, _| named.contains(name));
        Ok(Kit {
            rustc: sysroot.join("bin/rustc"),
            sysroot,
            crates,
            folders,
            made_of,
        })
    }
}

/// Returns what `rustc` answers.
fn asked(words: &[&str]) -> Result<String> {
    let output = Command::new("rustc")
        .args(words)
        .output()
        .context("rustc cannot be started; install Rust from https://rustup.rs")?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Returns the listing itself, or another of its package when it must not compile.
fn any_example(listing: &Listing) -> Option<String> {
    if listing.entry.code.is_none() {
        return Some(listing.name.clone());
    }
    let mut names: Vec<String> = fs::read_dir(listing.folder.join("examples"))
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some(entry.file_name().to_str()?.strip_suffix(".rs")?.to_owned()))
        .collect();
    names.sort();
    names.into_iter().next()
}

/// Name and file of a library that Cargo has built: one that a program is linked with, or one that
/// the compiler loads.
fn library(message: &Value) -> Option<(String, PathBuf)> {
    if message["reason"] != "compiler-artifact" {
        return None;
    }
    let kinds = message["target"]["kind"].as_array()?;
    let wanted = ["lib", "rlib", "proc-macro"];
    if !kinds
        .iter()
        .any(|kind| wanted.iter().any(|one| kind == one))
    {
        return None;
    }
    let files = message["filenames"].as_array()?;
    let files = files
        .iter()
        .filter_map(|file| Some(PathBuf::from(file.as_str()?)));
    let ending = ["rlib", "so", "dylib"];
    let mut loaded = files.filter(|file| {
        file.extension()
            .is_some_and(|end| ending.iter().any(|one| end == *one))
    });
    let name = message["target"]["name"].as_str()?.replace('-', "_");
    Some((name, loaded.next()?))
}

/// Returns the crates that the package's programs may name: its own, and its dependencies, tests'
/// included.
fn named(house: &House, listing: &Listing) -> Result<Vec<String>> {
    let table = crate::packages::read(&house.package(&listing.package).join("Cargo.toml"))?;
    let mut names = vec![listing.package.replace('-', "_")];
    let targets = table.get("target").and_then(toml::Value::as_table);
    let tables = targets
        .into_iter()
        .flatten()
        .filter_map(|(_, value)| value.as_table())
        .chain([&table]);
    for table in tables {
        for kind in ["dependencies", "dev-dependencies"] {
            let listed = table.get(kind).and_then(toml::Value::as_table);
            names.extend(
                listed
                    .into_iter()
                    .flatten()
                    .map(|(name, _)| name.replace('-', "_")),
            );
        }
    }
    Ok(names)
}

/// When the newest file was written that the book's crates are made of.
fn newest(house: &House) -> SystemTime {
    fn look(folder: &Path, depth: usize, newest: &mut SystemTime) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let Ok(data) = entry.metadata() else { continue };
            if data.is_dir() {
                let crates = ["src", "lab", "poems", "templates"]
                    .iter()
                    .any(|one| name == *one);
                if depth == 0 || crates || folder.components().any(|part| part.as_os_str() == "src")
                {
                    look(&entry.path(), depth + 1, newest);
                }
            } else if let Ok(time) = data.modified()
                && (name.to_string_lossy().ends_with(".rs")
                    || name == "Cargo.toml"
                    || name.to_string_lossy().ends_with(".txt"))
            {
                *newest = time.max(*newest);
            }
        }
    }
    let mut newest = SystemTime::UNIX_EPOCH;
    look(&house.root.join("listings"), 0, &mut newest);
    if let Ok(time) = fs::metadata(house.root.join("Cargo.lock")).and_then(|data| data.modified()) {
        newest = newest.max(time);
    }
    newest
}

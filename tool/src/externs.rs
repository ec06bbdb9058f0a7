//! Which of the libraries that Cargo has built a program may name, for a compiler that is called
//! without Cargo.
use crate::cargo::Built;
use anyhow::{Result, bail};
use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsString,
    path::{Path, PathBuf},
    process::Command,
};

/// The libraries of a build, by the names of their crates.
#[derive(Debug)]
pub(crate) struct Libraries(BTreeMap<String, BTreeSet<PathBuf>>);

/// A crate that a program may name, and its file.
pub(crate) type Extern = (String, PathBuf);

impl Libraries {
    pub(crate) fn of(built: &Built) -> Libraries {
        let mut libraries: BTreeMap<String, BTreeSet<PathBuf>> = BTreeMap::new();
        for file in &built.libraries {
            let stem = file.file_stem().unwrap_or_default().to_string_lossy();
            let name = stem.strip_prefix("lib").and_then(|of| of.rsplit_once('-'));
            if let Some((name, _)) = name {
                libraries
                    .entry(name.to_owned())
                    .or_default()
                    .insert(file.clone());
            }
        }
        Libraries(libraries)
    }

    /// Returns the crate of a dependency.
    ///
    /// # Errors
    /// When it is not there, or there are several of this name.
    pub(crate) fn find(&self, dependency: &str) -> Result<Extern> {
        let name = dependency.replace('-', "_");
        let files: Vec<_> = self.0.get(&name).into_iter().flatten().collect();
        match files.as_slice() {
            [file] => Ok((name, PathBuf::from(file))),
            other => bail!(
                "the compiler cannot be told which library is meant by {name:?}: Cargo has built {}",
                other.len()
            ),
        }
    }
}

/// Tells a compiler of them, and where what they depend on is.
pub(crate) fn pass(externs: &[Extern], command: &mut Command) {
    let mut folders: BTreeSet<&Path> = BTreeSet::new();
    for (name, file) in externs {
        folders.extend(file.parent());
        let mut words = OsString::from(format!("{name}="));
        words.push(file);
        command.arg("--extern").arg(words);
    }
    for folder in folders {
        let mut words = OsString::from("dependency=");
        words.push(folder);
        command.arg("-L").arg(words);
    }
}

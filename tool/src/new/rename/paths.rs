//! Paths as links write them, and moving what stands at them.
use crate::house::House;
use anyhow::{Context, Result, bail};
use std::{
    fs,
    path::{Component, Path, PathBuf},
};

/// Returns a path without `.` and `..`.
pub(super) fn flat(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(out.pop()),
            Component::CurDir => {}
            part => out.push(part),
        }
    }
    out
}

/// Returns the link that leads from a folder to a file.
pub(super) fn relative(folder: &Path, to: &Path) -> String {
    let common = folder
        .components()
        .zip(to.components())
        .take_while(|(a, b)| a == b)
        .count();
    let up = folder.components().count() - common;
    let down: Vec<_> = to
        .components()
        .skip(common)
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .collect();
    "../".repeat(up) + &down.join("/")
}

/// Moves a file or folder; nothing when there is none.
pub(super) fn moved(house: &House, from: &str, to: &str) -> Result<bool> {
    let (old, new) = (house.root.join(from), house.root.join(to));
    if !old.exists() {
        return Ok(false);
    }
    if new.exists() {
        bail!("{to} is there already");
    }
    if let Some(folder) = new.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::rename(&old, &new).with_context(|| format!("{from} cannot be moved"))?;
    println!("moved {from} to {to}");
    Ok(true)
}

//! Finds mermaid.min.js in the locked mdbook-mermaid crate, which embeds it only in its binary.
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

const CRATE: &str = "mdbook-mermaid";
const ASSET: &str = "src/bin/assets/mermaid.min.js";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=../Cargo.lock");
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("Cargo sets it"));
    let Some(asset) = in_registry(&here).or_else(|| by_metadata(&here)) else {
        panic!("the sources of {CRATE} are not on this disk; run `cargo fetch` and try again");
    };
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("Cargo sets OUT_DIR"));
    fs::copy(asset, out.join("mermaid.min.js")).expect("OUT_DIR can be written");
}

/// Returns where Cargo unpacks what it downloads. Everything we are compiled with is there by now.
fn in_registry(here: &Path) -> Option<PathBuf> {
    let lock = fs::read_to_string(here.parent()?.join("Cargo.lock")).ok()?;
    let (_, entry) = lock.split_once(&format!("name = \"{CRATE}\"\nversion = \""))?;
    let version = entry.split('"').next()?;
    let cargo = env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(env::home_dir()?.join(".cargo")))?;
    fs::read_dir(cargo.join("registry").join("src"))
        .ok()?
        .filter_map(|registry| Some(registry.ok()?.path()))
        .map(|registry| registry.join(format!("{CRATE}-{version}")).join(ASSET))
        .find(|asset| asset.is_file())
}

/// Elsewhere, for instance in a folder of vendored crates. Asked second, because it wants the
/// packages of the whole workspace, of which a first build has downloaded only some.
fn by_metadata(here: &Path) -> Option<PathBuf> {
    let output = Command::new(env::var_os("CARGO")?)
        .args(["metadata", "--format-version=1", "--locked"])
        .args(["--filter-platform", &env::var("TARGET").ok()?])
        .current_dir(here)
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    // Every package has "manifest_path":"…/mdbook-mermaid-0.17.1/Cargo.toml".
    text.split("\"manifest_path\":\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .filter_map(|path| {
            Some(
                PathBuf::from(path.replace("\\\\", "\\"))
                    .parent()?
                    .to_owned(),
            )
        })
        .find(|folder| {
            folder
                .file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with(CRATE))
        })
        .map(|folder| folder.join(ASSET))
        .filter(|asset| asset.is_file())
}

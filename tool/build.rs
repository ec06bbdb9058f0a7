//! Finds mermaid.min.js in the locked mdbook-mermaid crate, which embeds it only in its binary.
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=../Cargo.lock");
    let asset = PathBuf::from("src/bin/assets/mermaid.min.js");
    let Some(found) = locked("mdbook-mermaid")
        .map(|folder| folder.join(asset))
        .filter(|file| file.is_file())
    else {
        panic!(
            "the sources of the crate mdbook-mermaid are not where `cargo metadata` says; \
             run `cargo fetch` and try again"
        );
    };
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("Cargo sets OUT_DIR"));
    fs::copy(found, out.join("mermaid.min.js")).expect("OUT_DIR can be written");
}

/// The folder of a locked dependency. Only this platform's packages are asked for: the others may
/// not be on this disk, and a build asks nothing of the network.
fn locked(package: &str) -> Option<PathBuf> {
    let output = Command::new(env::var_os("CARGO")?)
        .args(["metadata", "--format-version=1", "--offline", "--locked"])
        .args(["--filter-platform", &env::var("TARGET").ok()?])
        .current_dir(env::var_os("CARGO_MANIFEST_DIR")?)
        .output()
        .ok()?;
    if !output.status.success() {
        eprintln!("{}", String::from_utf8_lossy(&output.stderr));
    }
    let text = String::from_utf8(output.stdout).ok()?;
    let version = format!("{package}-");
    // Every package has "manifest_path":"…/mdbook-mermaid-0.17.1/Cargo.toml".
    text.split("\"manifest_path\":\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .map(|path| path.replace("\\\\", "\\"))
        .filter_map(|path| Path::new(&path).parent().map(Path::to_owned))
        .find(|folder| {
            folder
                .file_name()
                .and_then(|name| name.to_str())
                .is_some_and(|name| name == package || name.starts_with(&version))
        })
}

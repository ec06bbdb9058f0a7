//! Compiles the generated packages for WebAssembly, and packs each program into a script that a
//! page can load from disk, too.
use super::workspace;
use crate::{cargo, house::House, manifest::Listing};
use anyhow::{Context, Result, bail};
use base64::{Engine, engine::general_purpose::STANDARD};
use flate2::{Compression, write::GzEncoder};
use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// Finds a compiler for WebAssembly.
const SCRIPT: &str = "ci/wasm-target";

/// A program cannot have more memory than this, so a loop that collects does not take a reader's.
const MEMORY: u32 = 256 << 20;

/// Returns whether listings can be compiled for pages here. Installs nothing.
pub(super) fn can(house: &House) -> bool {
    script(house).is_file()
        && Command::new(script(house))
            .env("WASM_TARGET_WAY", "present")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
}

fn script(house: &House) -> PathBuf {
    house.root.join(SCRIPT)
}

/// Returns the programs by chapter. The target is installed if it is not there and can be.
///
/// # Errors
/// When a listing does not compile; the compiler's messages are in the error.
pub(super) fn build(
    house: &House,
    chapters: &BTreeMap<String, Vec<Listing>>,
) -> Result<BTreeMap<String, PathBuf>> {
    let mut command = command(house);
    command.args(["build", "--quiet", "--keep-going", "--profile", "page"]);
    arguments(house, &mut command)?;
    for chapter in chapters.keys() {
        command.arg("-p").arg(format!("{chapter}-page"));
        command.arg("--bin").arg(chapter);
    }
    let built = cargo::build(&mut command, false)?;
    if !built.ok {
        let errors = built.said.iter().filter(|said| said.level == "error");
        let errors: Vec<&str> = errors.map(|said| said.rendered.as_str()).collect();
        bail!("{}{}", errors.join("\n"), built.stderr);
    }
    chapters
        .keys()
        .map(|chapter| {
            let folder = workspace::of_chapter(house, chapter);
            let program = built
                .program(&folder, chapter)
                .with_context(|| format!("Cargo built no program of {chapter}"))?;
            Ok((chapter.clone(), program.to_owned()))
        })
        .collect()
}

/// Returns the program that draws runs. By itself: with the chapters' programs Cargo would build
/// these with the features that it needs.
///
/// # Errors
/// When it does not compile.
pub(super) fn drawer(house: &House) -> Result<PathBuf> {
    let mut command = command(house);
    command.args(["build", "--quiet", "--profile", "page"]);
    arguments(house, &mut command)?;
    command.args(["-p", "pictures-page"]);
    let built = cargo::build(&mut command, false)?;
    let errors = built.said.iter().filter(|said| said.level == "error");
    let errors: Vec<&str> = errors.map(|said| said.rendered.as_str()).collect();
    if !built.ok {
        bail!("{}{}", errors.join("\n"), built.stderr);
    }
    let folder = workspace::root(house).join(workspace::DRAWER);
    let program = built.program(&folder, workspace::DRAWER);
    Ok(program
        .context("Cargo built no program that draws")?
        .to_owned())
}

/// Returns a call of Cargo for WebAssembly.
fn command(house: &House) -> Command {
    let mut command = Command::new(script(house));
    cargo::clean(&mut command);
    command
        .current_dir(&house.root)
        .env("CARGO_TARGET_DIR", house.target.join("knobs/build"))
        // Warnings of listings are the business of the other tests; flags would make all of it
        // again.
        .env_remove("RUSTFLAGS");
    command
}

/// What all builds of pages' programs say.
fn arguments(house: &House, command: &mut Command) -> Result<()> {
    // No folder of ours stands in what all readers load.
    let home = std::env::var("CARGO_HOME")
        .or_else(|_| std::env::var("HOME").map(|home| format!("{home}/.cargo")));
    let mut flags = vec![
        format!("-Clink-arg=--max-memory={MEMORY}"),
        format!("--remap-path-prefix={}/=", house.root.display()),
    ];
    flags.extend(home.map(|home| format!("--remap-path-prefix={home}/registry/src=/cargo")));
    command
        .arg("--manifest-path")
        .arg(workspace::root(house).join("Cargo.toml"))
        .arg("--config")
        .arg(format!(
            "target.wasm32-wasip1.rustflags={}",
            serde_json::to_string(&flags)?
        ));
    Ok(())
}

/// Returns whether a listing that is written [alone](workspace::alone) compiles.
pub(super) fn compiles(house: &House, chapter: &str, name: &str) -> Result<bool> {
    let mut command = command(house);
    command.args(["build", "--quiet", "--profile", "page"]);
    arguments(house, &mut command)?;
    command.arg("-p").arg(format!("{chapter}-page"));
    command.arg("--bin").arg(format!("without-{name}"));
    Ok(cargo::build(&mut command, false)?.ok)
}

/// Returns a program as it goes over the wire, without the 33 % that its script is longer on disk.
pub(super) fn zipped(program: &Path) -> Result<Vec<u8>> {
    let bytes =
        fs::read(program).with_context(|| format!("{} cannot be read", program.display()))?;
    let mut zip = GzEncoder::new(Vec::new(), Compression::best());
    zip.write_all(&bytes)?;
    Ok(zip.finish()?)
}

/// Returns the script: a page that was opened from a folder may load one, and nothing else.
pub(super) fn packed(chapter: &str, zipped: &[u8]) -> Result<String> {
    Ok(format!(
        "((globalThis.untwisted??={{}}).modules??={{}})[{}]=\"{}\";\n",
        serde_json::to_string(chapter)?,
        STANDARD.encode(zipped)
    ))
}

//! Asks Cargo to build, and reads what it made and what the compiler said.
use crate::{
    held::{Bounds, Held},
    house::House,
    limit::Ended,
};
use anyhow::{Context, Result};
use serde_json::Value;
use std::{
    ffi::OsString,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// One thing the compiler said.
#[derive(Clone, Debug)]
pub struct Said {
    /// The folder of the package.
    pub folder: PathBuf,
    /// The name of the target: a library, example or test.
    pub target: String,
    /// `error` or `warning`.
    pub level: String,
    /// `E0277`, `dead_code`, `clippy::needless_return`, or nothing.
    pub code: Option<String>,
    /// As the compiler prints it.
    pub rendered: String,
}

impl Said {
    /// Reads a message of the compiler about a target of the package in `folder`; nothing of a
    /// summary.
    pub(crate) fn read(what: &Value, folder: &Path, target: &str) -> Option<Said> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let rendered = text(&what["rendered"]);
        let summary = rendered.starts_with("error: aborting due to")
            || rendered.starts_with("For more information")
            || rendered.starts_with("Some errors have detailed")
            || (rendered.starts_with("warning: ") && rendered.contains(" emitted"));
        (!summary && !rendered.is_empty()).then(|| Said {
            folder: folder.to_owned(),
            target: target.to_owned(),
            level: text(&what["level"]),
            code: what["code"]["code"].as_str().map(str::to_owned),
            rendered,
        })
    }
}

/// A program that Cargo made.
#[derive(Clone, Debug)]
pub struct Made {
    /// The folder of the package.
    pub folder: PathBuf,
    /// The name of the target.
    pub target: String,
    /// The program.
    pub executable: PathBuf,
}

/// What became of a build.
#[derive(Clone, Debug, Default)]
pub struct Built {
    /// Errors and warnings, without the summary lines.
    pub said: Vec<Said>,
    /// Programs.
    pub made: Vec<Made>,
    /// Where the compiler wrote which files each library is made of: its folder, and the list.
    pub lists: Vec<(PathBuf, PathBuf)>,
    /// The libraries that programs are linked with.
    pub libraries: Vec<PathBuf>,
    /// What Cargo itself printed.
    pub stderr: String,
    /// Whether all of it was built.
    pub ok: bool,
}

impl Built {
    /// Returns the program of one target.
    pub fn program(&self, folder: &Path, target: &str) -> Option<&Path> {
        self.made
            .iter()
            .find(|made| made.target == target && made.folder == folder)
            .map(|made| made.executable.as_path())
    }

    /// Returns the library of one package, for linking.
    pub fn library(&self, folder: &Path) -> Option<PathBuf> {
        let (_, list) = self.lists.iter().find(|(of, _)| of == folder)?;
        let stem = list.file_stem()?.to_string_lossy();
        Some(list.with_file_name(format!("lib{stem}.rlib")))
    }

    /// Returns the errors of one package, all its targets.
    pub fn errors_in<'a>(&'a self, folder: &'a Path) -> impl Iterator<Item = &'a Said> {
        self.said
            .iter()
            .filter(move |said| said.level == "error" && said.folder == folder)
    }
}

/// Returns a call of `cargo <words>`, free of what the Cargo that started us left in the
/// environment.
pub fn command() -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(cargo);
    clean(&mut command);
    command
}

/// Returns a call of Cargo that builds where the book is built: for a book that is built in its own
/// `target`, whatever `CARGO_TARGET_DIR` says to others.
pub fn command_in(house: &House) -> Command {
    let mut command = command();
    if house.target == house.root.join("target") {
        command.env_remove("CARGO_TARGET_DIR");
    }
    command
}

/// Takes away what `cargo run` and the recorder's own switches put into the environment, and makes
/// `CARGO_TARGET_DIR` mean the same in every folder.
pub fn clean(command: &mut Command) {
    if let Some(target) = std::env::var_os("CARGO_TARGET_DIR").filter(|dir| !dir.is_empty())
        && let Ok(target) = std::path::absolute(target)
    {
        command.env("CARGO_TARGET_DIR", target);
    }
    for (key, _) in std::env::vars_os() {
        let name = key.to_string_lossy();
        let of_cargo = name.starts_with("CARGO_PKG_")
            || name.starts_with("CARGO_MANIFEST_")
            || name.starts_with("CARGO_BIN_")
            || name == "CARGO_CRATE_NAME"
            || name == "CARGO_PRIMARY_PACKAGE"
            || name == "OUT_DIR";
        if of_cargo || name.starts_with("UNTWISTED_") || name.starts_with("RUST_BACKTRACE") {
            command.env_remove(&key);
        }
    }
}

/// Runs a build with `--message-format` added, and reads the messages; `colour` is for the
/// compiler's.
///
/// # Errors
/// When Cargo cannot be started. A build that fails is no error: `ok` says so.
pub fn build(command: &mut Command, colour: bool) -> Result<Built> {
    command
        .arg(message_format(colour))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command
        .spawn()
        .context("cargo cannot be started; install Rust from https://rustup.rs")?;
    let stderr = child.stderr.take();
    let listener = std::thread::spawn(move || {
        let mut text = String::new();
        if let Some(mut pipe) = stderr {
            let _ = std::io::Read::read_to_string(&mut pipe, &mut text);
        }
        text
    });
    let mut built = Built::default();
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).lines() {
            if let Ok(message) = serde_json::from_str::<Value>(&line?) {
                read(&message, &mut built);
            }
        }
    }
    built.ok = child.wait()?.success();
    built.stderr = with_hint(listener.join().unwrap_or_default());
    Ok(built)
}

/// As [`build`], for untrusted code: within bounds, and with nothing left running.
///
/// # Errors
/// When Cargo cannot be started.
pub fn build_held(command: &mut Command, colour: bool, bounds: Bounds) -> Result<(Built, Ended)> {
    command.arg(message_format(colour));
    let outcome = Held::new(command, bounds).run()?;
    let mut built = Built {
        ok: outcome.ok(),
        stderr: with_hint(outcome.stderr),
        ..Built::default()
    };
    for line in outcome.stdout.lines() {
        // A line that was cut off is no message.
        if let Ok(message) = serde_json::from_str::<Value>(line) {
            read(&message, &mut built);
        }
    }
    Ok((built, outcome.ended))
}

fn message_format(colour: bool) -> &'static str {
    if colour {
        "--message-format=json-diagnostic-rendered-ansi"
    } else {
        "--message-format=json"
    }
}

/// What Cargo says when it misses the network.
const NO_NETWORK: [&str; 6] = [
    "Could not resolve host",
    "Couldn't resolve host",
    "spurious network error",
    "failed to download",
    "download of config.json failed",
    "Unable to update registry",
];

/// Cargo's words, and the way out when it misses the network.
pub(crate) fn with_hint(stderr: String) -> String {
    if !NO_NETWORK.iter().any(|words| stderr.contains(words)) {
        return stderr;
    }
    format!(
        "{}\n\nCargo wants something from the network and cannot reach it. If you have run `cargo fetch` and\n\
         `cargo fetch --manifest-path exercises/Cargo.toml` before, keep Cargo offline:\n  \
         CARGO_NET_OFFLINE=true cargo --offline book …\n",
        stderr.trim_end()
    )
}

fn read(message: &Value, built: &mut Built) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let folder = Path::new(message["manifest_path"].as_str().unwrap_or_default())
        .parent()
        .unwrap_or(Path::new(""))
        .to_owned();
    let target = text(&message["target"]["name"]);
    match message["reason"].as_str() {
        Some("compiler-artifact") => {
            if let Some(executable) = message["executable"].as_str() {
                built.made.push(Made {
                    folder,
                    target,
                    executable: executable.into(),
                });
            } else {
                built.lists.extend(list(message).map(|list| (folder, list)));
                let files = message["filenames"].as_array().into_iter().flatten();
                let files = files.filter_map(Value::as_str).map(PathBuf::from);
                let library = |file: &PathBuf| file.extension().is_some_and(|end| end == "rlib");
                built.libraries.extend(files.filter(library));
            }
        }
        Some("compiler-message") => {
            built
                .said
                .extend(Said::read(&message["message"], &folder, &target));
        }
        _ => {}
    }
}

/// Returns the compiler's list of the files that a library is made of: `deps/libx-1a2b.rmeta` has
/// `deps/x-1a2b.d`.
fn list(artifact: &Value) -> Option<PathBuf> {
    let files = artifact["filenames"].as_array()?;
    let meta = files
        .iter()
        .filter_map(|file| Some(Path::new(file.as_str()?)))
        .find(|file| file.extension().is_some_and(|end| end == "rmeta"))?;
    let stem = meta.file_stem()?.to_string_lossy();
    Some(meta.with_file_name(format!("{}.d", stem.strip_prefix("lib")?)))
}

/// Makes a folder of a scratch workspace ready: writes a file only when its text differs, so that
/// Cargo sees no change where there is none.
///
/// # Errors
/// When the file cannot be written.
pub fn write_if_new(path: &Path, text: &str) -> Result<()> {
    if std::fs::read_to_string(path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("{} cannot be made", folder.display()))?;
    }
    std::fs::write(path, text).with_context(|| format!("{} cannot be written", path.display()))
}

/// Returns an environment in which tests print the same on each machine, and in which as many run
/// at once: where an answer hangs, each of its tests waits, and so they wait together.
pub(crate) fn cargo_env(command: &mut Command) -> &mut Command {
    clean(command);
    command
        .env("RUST_BACKTRACE", "0")
        .env("NO_COLOR", "1")
        .env("RUST_TEST_THREADS", "8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_network_the_way_out_is_named() {
        let said = "error: failed to download from `https://index.crates.io/config.json`\n\nCaused by:\n  [6] Could not resolve hostname\n";
        let told = with_hint(said.to_owned());
        assert!(told.starts_with(said.trim_end()), "{told}");
        assert!(
            told.contains("CARGO_NET_OFFLINE=true cargo --offline book"),
            "{told}"
        );
        let other = "error: could not compile `a`\n".to_owned();
        assert_eq!(with_hint(other.clone()), other);
    }
}

//! Asks Cargo to build, and reads what it made and what the compiler said.
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

/// What a build gave.
#[derive(Clone, Debug, Default)]
pub struct Built {
    /// Errors and warnings, without the summary lines.
    pub said: Vec<Said>,
    /// Programs.
    pub made: Vec<Made>,
    /// What Cargo itself printed.
    pub stderr: String,
    /// Whether all of it was built.
    pub ok: bool,
}

impl Built {
    /// The program of one target.
    pub fn program(&self, folder: &Path, target: &str) -> Option<&Path> {
        self.made
            .iter()
            .find(|made| made.target == target && made.folder == folder)
            .map(|made| made.executable.as_path())
    }

    /// The errors of one package, all its targets.
    pub fn errors_in<'a>(&'a self, folder: &'a Path) -> impl Iterator<Item = &'a Said> {
        self.said
            .iter()
            .filter(move |said| said.level == "error" && said.folder == folder)
    }
}

/// A call of `cargo <words>`, free of what the Cargo that started us left in the environment.
pub fn command() -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(cargo);
    clean(&mut command);
    command
}

/// Takes away what `cargo run` and the recorder's own switches put into the environment.
pub fn clean(command: &mut Command) {
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

/// Runs a build with `--message-format` added, and reads the messages; `colour` is for the compiler's.
///
/// # Errors
/// When Cargo cannot be started. A build that fails is no error: `ok` says so.
pub fn build(command: &mut Command, colour: bool) -> Result<Built> {
    command
        .arg(if colour {
            "--message-format=json-diagnostic-rendered-ansi"
        } else {
            "--message-format=json"
        })
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
    built.stderr = listener.join().unwrap_or_default();
    Ok(built)
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
            }
        }
        Some("compiler-message") => {
            let what = &message["message"];
            let rendered = text(&what["rendered"]);
            let summary = rendered.starts_with("error: aborting due to")
                || rendered.starts_with("For more information")
                || rendered.starts_with("Some errors have detailed")
                || (rendered.starts_with("warning: ") && rendered.contains(" emitted"));
            if !summary {
                built.said.push(Said {
                    folder,
                    target,
                    level: text(&what["level"]),
                    code: what["code"]["code"].as_str().map(str::to_owned),
                    rendered,
                });
            }
        }
        _ => {}
    }
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

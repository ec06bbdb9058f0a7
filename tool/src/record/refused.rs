//! Compiles what must not compile, and takes the compiler's error codes and words.
use super::run::plain_paths;
use crate::{
    cargo::{self, Built, Said},
    externs::{self, Extern, Libraries},
    finding::name,
    house::House,
    parallel,
};
use anyhow::{Context, Result};
use serde_json::Value;
use std::{
    path::{Path, PathBuf},
    process::Command,
    thread::available_parallelism,
};

/// A program that the compiler must refuse.
#[derive(Clone, Debug)]
pub struct Case {
    /// A name that is unique in its package.
    pub name: String,
    /// The program.
    pub source: PathBuf,
}

/// What the compiler said of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Name of the case.
    pub name: String,
    /// The codes of its errors, in order.
    pub codes: Vec<String>,
    /// The errors, the same on each machine.
    pub text: String,
}

/// Compiles all cases of one package. `manifest` is the Cargo.toml whose dependencies they have;
/// with `itself` they have that package, too. `built` is a build of all that. The compiler is
/// called directly, because Cargo would compile all of it a second time to check a program.
///
/// # Errors
/// When a library that a case names is not there, or the compiler cannot be started.
pub fn compile(
    house: &House,
    manifest: &Path,
    itself: bool,
    cases: &[Case],
    built: &Built,
) -> Result<Vec<Answer>> {
    let table = dependencies(house, manifest, itself)?;
    let names = table.get("dependencies").and_then(toml::Value::as_table);
    let names: Vec<&String> = names.into_iter().flat_map(toml::Table::keys).collect();
    let libraries = Libraries::of(built);
    let at_once = available_parallelism().map_or(1, usize::from);
    parallel::map(cases, at_once, |case| {
        let source = std::fs::read_to_string(&case.source)
            .with_context(|| format!("{} cannot be read", case.source.display()))?;
        let mut externs = Vec::new();
        for name in &names {
            match libraries.find(name) {
                Ok(found) => externs.push(found),
                // A build of some programs is without what only others need.
                Err(error) if source.contains(&name.replace('-', "_")) => return Err(error),
                Err(_) => {}
            }
        }
        ask(house, case, &externs)
    })
}

/// Has the compiler refuse one.
fn ask(house: &House, case: &Case, externs: &[Extern]) -> Result<Answer> {
    let scratch = house.target.join("refused");
    std::fs::create_dir_all(&scratch)?;
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let mut command = Command::new(rustc);
    cargo::clean(&mut command);
    command
        .args(["--edition=2024", "--crate-type=bin", "--emit=metadata"])
        .args(["--error-format=json", "--crate-name", &case.name])
        .arg("--out-dir")
        .arg(&scratch)
        .arg(&case.source)
        .current_dir(&house.root);
    externs::pass(externs, &mut command);
    let output = command
        .output()
        .context("rustc cannot be started; install Rust from https://rustup.rs")?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    let said: Vec<Said> = stderr
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter_map(|what| Said::read(&what, &scratch, &case.name))
        .filter(|said| said.level == "error")
        .collect();
    if !output.status.success() && said.is_empty() {
        anyhow::bail!("rustc {}:\n{}", output.status, stderr.trim_end());
    }
    let root = format!("{}/", house.root.display());
    let own = name(house, &case.source);
    let text = |said: &Said| without_libraries(&plain(&said.rendered, &root), &own);
    Ok(Answer {
        name: case.name.clone(),
        codes: said.iter().filter_map(|said| said.code.clone()).collect(),
        text: said.iter().map(text).collect(),
    })
}

/// The compiler's words without folders and without blank lines at the end.
fn plain(rendered: &str, root: &str) -> String {
    let mut text = String::new();
    for line in rendered.trim_end().lines() {
        text += plain_paths(line, root).trim_end();
        text.push('\n');
    }
    text.push('\n');
    text
}

/// A message without the lines that it quotes from other files than `own`: they move with every
/// change of a library, and no reader of the program needs them. The margin, which is as wide as
/// the largest number, shrinks with them.
fn without_libraries(text: &str, own: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let mut elsewhere = false;
    let mut margin = None;
    for line in text.lines() {
        if let Some(place) = place(line) {
            margin = margin.or(line.find("-->"));
            elsewhere = !place.starts_with(&format!("{own}:"));
        } else if !is_quoted(line) {
            elsewhere = false;
        }
        if !elsewhere {
            kept.push(line);
        }
    }
    let widest = kept.iter().filter_map(|line| number(line)).max();
    let wide = widest.map_or(0, |number| number.to_string().len());
    let narrower = margin.unwrap_or(0).saturating_sub(wide);
    let blank = " ".repeat(if wide == 0 { 0 } else { narrower });
    kept.iter()
        .map(|line| {
            let of_margin = place(line).is_some() || is_quoted(line) || is_remark(line);
            let line = match line.strip_prefix(&blank) {
                Some(rest) if of_margin => rest,
                _ => line,
            };
            format!("{line}\n")
        })
        .collect()
}

/// What an arrow of the compiler names: `file:line:column`.
fn place(line: &str) -> Option<&str> {
    let line = line.trim_start();
    line.strip_prefix("--> ")
        .or_else(|| line.strip_prefix("::: "))
}

/// Whether a line is one of the source, or of the marks below it.
fn is_quoted(line: &str) -> bool {
    let rest = line
        .trim_start()
        .trim_start_matches(|c: char| c.is_ascii_digit());
    let numbered = rest.len() < line.trim_start().len();
    let rest = rest.trim_start();
    rest.starts_with('|')
        || line.starts_with("...")
        || (numbered && rest.starts_with(['+', '~', '-']))
}

/// Whether a line is a remark in the margin: `= note: …`.
fn is_remark(line: &str) -> bool {
    line.starts_with(' ') && line.trim_start().starts_with("= ")
}

/// The number of a quoted line.
fn number(line: &str) -> Option<usize> {
    let digits = line.trim_start();
    let end = digits.find(|c: char| !c.is_ascii_digit())?;
    is_quoted(line).then(|| digits[..end].parse().ok())?
}

/// The first line of the program that a recorded message quotes otherwise than it is now. This
/// needs no compiler: one that words things again quotes the same lines.
pub fn misquoted(recorded: &str, own: &str, source: &str) -> Option<usize> {
    let source: Vec<&str> = source.lines().collect();
    let mut inside = false;
    for line in recorded.lines() {
        if let Some(place) = place(line) {
            inside = place.starts_with(&format!("{own}:"));
        } else if !is_quoted(line) && !is_remark(line) {
            inside = false; // a proposal quotes what could be
        }
        if inside && let Some(number) = number(line) {
            let now = source.get(number.wrapping_sub(1)).map(|line| line.trim());
            // Marks of a span over several lines may stand before it.
            if now.is_none_or(|now| !line.ends_with(now)) {
                return Some(number);
            }
        }
    }
    None
}

/// What stays the same when the compiler words things again: what is wrong,
/// and where in the program itself, which stands first.
pub fn essence(text: &str) -> Vec<&str> {
    let mut kept = Vec::new();
    let mut place = false;
    for line in text.lines() {
        if line.starts_with("error") {
            kept.push(line);
            place = true;
        } else if place && line.trim_start().starts_with("--> ") {
            kept.push(line.trim_start());
            place = false;
        }
    }
    kept
}

/// The dependencies of a package, with those of the workspace looked up and paths made absolute.
pub fn dependencies(house: &House, manifest: &Path, itself: bool) -> Result<toml::Table> {
    let read = |path: &Path| -> Result<toml::Table> {
        std::fs::read_to_string(path)
            .with_context(|| format!("{} cannot be read", path.display()))?
            .parse()
            .with_context(|| format!("{} is not right", path.display()))
    };
    let table = read(manifest)?;
    let folder = manifest.parent().unwrap_or(Path::new(""));
    let root = house.root.join("Cargo.toml");
    let shared = if root.is_file() {
        read(&root)?
    } else {
        toml::Table::new()
    };
    let shared = shared.get("workspace").and_then(|w| w.get("dependencies"));
    let mut all = toml::Table::new();
    for key in ["dependencies", "dev-dependencies"] {
        let Some(toml::Value::Table(listed)) = table.get(key) else {
            continue;
        };
        let required = |value: &toml::Value| {
            value.get("optional").and_then(toml::Value::as_bool) != Some(true)
        };
        for (name, value) in listed.iter().filter(|(_, value)| required(value)) {
            all.insert(
                name.clone(),
                resolved(name, value, shared, &house.root, folder),
            );
        }
    }
    if itself {
        let name = table
            .get("package")
            .and_then(|package| package.get("name"))
            .and_then(toml::Value::as_str)
            .with_context(|| format!("{} names no package", manifest.display()))?;
        let mut path = toml::Table::new();
        path.insert("path".into(), folder.to_string_lossy().into_owned().into());
        all.insert(name.to_owned(), path.into());
    }
    let mut wrapped = toml::Table::new();
    wrapped.insert("dependencies".into(), all.into());
    Ok(wrapped)
}

fn resolved(
    name: &str,
    value: &toml::Value,
    shared: Option<&toml::Value>,
    root: &Path,
    folder: &Path,
) -> toml::Value {
    let absolute = |mut table: toml::Table, folder: &Path| {
        if let Some(toml::Value::String(path)) = table.get_mut("path") {
            *path = folder.join(&*path).to_string_lossy().into_owned();
        }
        table
    };
    let toml::Value::Table(own) = value else {
        return value.clone();
    };
    if own.get("workspace").and_then(toml::Value::as_bool) != Some(true) {
        return absolute(own.clone(), folder).into();
    }
    let mut table = match shared.and_then(|shared| shared.get(name)) {
        Some(toml::Value::Table(table)) => absolute(table.clone(), root),
        Some(version) => toml::Table::from_iter([("version".to_owned(), version.clone())]),
        None => toml::Table::new(),
    };
    for (key, value) in own {
        match (key.as_str(), table.get_mut(key), value) {
            ("workspace" | "optional", ..) => {}
            ("features", Some(toml::Value::Array(features)), toml::Value::Array(more)) => {
                features.extend(more.clone());
            }
            _ => {
                table.insert(key.clone(), value.clone());
            }
        }
    }
    table.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_essence_is_the_error_and_its_place() {
        let text = "error[E0277]: no\n  --> listings/a/fails/b.rs:3:1\n   |\nnote: here\n   --> listings/a/src/lib.rs:9:1\n";
        let kept = ["error[E0277]: no", "--> listings/a/fails/b.rs:3:1"];
        assert_eq!(essence(text), kept);
    }

    const OWN: &str = "listings/a/fails/b.rs";
    const SAID: &str = "error[E0277]: no
    --> listings/a/fails/b.rs:12:39
     |
  12 |     remote.call(move |_| counter);
     |            ---- ^^^^^^^ no
     |
    ::: listings/a/src/remote.rs:9:1
     |
   9 | pub struct Remote;
     | ----------------- here
     |
     = help: think
note: required by a bound in `Remote::call`
    --> listings/a/src/remote.rs:1640:53
     |
1640 |     pub fn call() {
     |            ^^^^ required
note: required because it appears within the type `Pin`
    --> library/core/src/pin.rs:1092:11
note: required because it's used here
    --> listings/a/fails/b.rs:9:1
     |
   9 | fn main() {
...
";

    #[test]
    fn no_line_of_a_library_is_recorded_and_the_margin_does_not_tell_of_one() {
        let kept = "error[E0277]: no
  --> listings/a/fails/b.rs:12:39
   |
12 |     remote.call(move |_| counter);
   |            ---- ^^^^^^^ no
   |
   = help: think
note: required by a bound in `Remote::call`
note: required because it appears within the type `Pin`
note: required because it's used here
  --> listings/a/fails/b.rs:9:1
   |
 9 | fn main() {
...
";
        assert_eq!(without_libraries(SAID, OWN), kept);
        assert_eq!(
            without_libraries(kept, OWN),
            kept,
            "nothing is left to take away"
        );
        let moved = SAID.replace("1640", "164").replace("    -->", "   -->");
        let moved = moved.replace("     |", "    |").replace("  12 |", " 12 |");
        let moved = moved.replace("   9 |", "  9 |").replace("     =", "    =");
        let moved = moved.replace("    :::", "   :::");
        assert_eq!(without_libraries(&moved, OWN), kept, "its lines have moved");
    }

    #[test]
    fn a_message_that_quotes_what_the_program_no_longer_says_is_stale() {
        let source = |twelve: &str| format!("\n\n\n\n\n\n\n\nfn main() {{\n\n\n{twelve}\n}}\n");
        let text = without_libraries(SAID, OWN);
        let is = |twelve: &str| misquoted(&text, OWN, &source(twelve));
        assert_eq!(is("    remote.call(move |_| counter);"), None);
        assert_eq!(is("    remote.call(move |_| other);"), Some(12));
        assert_eq!(
            misquoted(&text, OWN, "fn main() {}\n"),
            Some(12),
            "it is shorter"
        );
        let proposal = format!("{text}help: consider\n   |\n12 |     remote.call(other);\n   |\n");
        let now = source("    remote.call(move |_| counter);");
        assert_eq!(misquoted(&proposal, OWN, &now), None);
        let several =
            "error: no\n --> listings/a/fails/b.rs:9:1\n  |\n9 | / fn main() {\n  | |___^\n";
        assert_eq!(misquoted(several, OWN, &now), None);
    }

    #[test]
    fn dependencies_of_the_workspace_are_looked_up() {
        let folder = tempfile::tempdir().expect("a folder");
        let house = House::at(folder.path());
        let write = |path: &str, text: &str| {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("made");
            std::fs::write(path, text).expect("written");
        };
        write(
            "Cargo.toml",
            "[workspace.dependencies]\nmio = { version = \"1\", features = [\"net\"] }\ntrace = { path = \"listings/trace\" }\n",
        );
        write(
            "listings/a/Cargo.toml",
            "[package]\nname = \"a\"\n[dependencies]\nmio = { workspace = true, features = [\"os-poll\"] }\ntrace.workspace = true\nb = { path = \"../b\" }\n",
        );
        let manifest = folder.path().join("listings/a/Cargo.toml");
        let found = dependencies(&house, &manifest, true).expect("read");
        let text = toml::to_string(&found).expect("text");
        let root = folder.path().display();
        assert!(
            text.contains(&format!("path = \"{root}/listings/trace\"")),
            "{text}"
        );
        assert!(
            text.contains(&format!("path = \"{root}/listings/a/../b\"")),
            "{text}"
        );
        assert!(text.contains("[\"net\", \"os-poll\"]"), "{text}");
        assert!(text.contains("[dependencies.a]"), "{text}");
        assert!(!text.contains("workspace"), "{text}");
    }
}

//! Runs rustdoc and skeptic on the written blocks, under a watchdog, and reads what became of each.
use super::{fences::How, workspace, written::Given};
use crate::{
    cargo::{self, Built},
    finding::Findings,
    house::House,
    limit::{self, Ended, Outcome},
};
use anyhow::Result;
use regex::Regex;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

/// What a test said of one block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    Ok,
    Failed,
}

/// Which of the given blocks passed, by their index.
#[derive(Clone, Debug, Default)]
pub struct Passed(pub Vec<bool>);

/// A call of `cargo test` for the blocks of these chapters. It always names the same packages: for
/// each choice of them Cargo turns on other features of libraries, and builds those again.
fn cargo_test(house: &House, chapters: &[&str], words: &[&str]) -> Result<Command> {
    let mut command = cargo::command_in(house);
    command.args(["test", "--quiet"]).args(words);
    // CI compiles with numbers of lines; of what only blocks use they are never read, and cost 5
    // to 10 % of the time of compiling.
    command.env_remove("CARGO_PROFILE_DEV_DEBUG");
    for chapter in chapters {
        command.arg("-p").arg(format!("text-{chapter}"));
    }
    let alone = skeptic_package(house);
    if alone.join("Cargo.toml").is_file() {
        command
            .args(["-p", "skeptic-blocks"])
            .args(features(&alone, chapters)?)
            .current_dir(&alone);
    } else {
        command.current_dir(workspace::root(house));
    }
    command
        .arg("--manifest-path")
        .arg(workspace::manifest(house));
    Ok(command)
}

/// The folder of the package that makes a program of each block.
fn skeptic_package(house: &House) -> PathBuf {
    workspace::root(house).join("skeptic-blocks")
}

/// The doctests of the chapters. Returns, for each given block, whether it passed; those of other
/// chapters pass.
///
/// # Errors
/// When Cargo cannot be started.
pub fn doctests(
    house: &House,
    chapters: &[&str],
    given: &[Given],
    limit: Duration,
    found: &mut Findings,
) -> Result<Passed> {
    let mut command = cargo_test(house, chapters, &["--doc", "--no-fail-fast"])?;
    command
        .args(["--", "--format", "pretty"])
        .env("NO_COLOR", "1")
        .env("RUST_BACKTRACE", "0")
        .env("CARGO_TERM_COLOR", "never");
    let limit = limit * u32::try_from(chapters.len()).unwrap_or(u32::MAX);
    let outcome = limit::run(&mut command, limit)?;
    let asked = |block: &Given| chapters.contains(&block.chapter.as_str());
    judge(&outcome, given, &asked, &by_rustdoc, "rustdoc", found)
}

/// Finds the block that a line of rustdoc's output is about.
fn by_rustdoc(line: &str, given: &[Given]) -> Option<usize> {
    let name = Regex::new(r"([^/ ]+)/[^/ ]+ - (\w+) \(line (\d+)\)").ok()?;
    let caught = name.captures(line)?;
    let at: usize = caught[3].parse().ok()?;
    // rustdoc counts from the line before.
    given.iter().position(|block| {
        block.chapter == caught[1]
            && block.module == caught[2]
            && (block.line == at || block.line == at + 1)
    })
}

/// All given blocks as programs of their own; `program` is what [`ready`] built.
///
/// # Errors
/// When Cargo cannot be started.
pub fn skeptic(
    house: &House,
    program: Option<&Path>,
    given: &[Given],
    limit: Duration,
    found: &mut Findings,
) -> Result<Passed> {
    let Some(program) = program else {
        found.add(
            "ci/skeptic",
            0,
            "there is no package for skeptic, so no block was tried alone",
            "restore the folder",
        );
        return Ok(Passed(vec![false; given.len()]));
    };
    let mut command = Command::new(program);
    cargo::clean(&mut command);
    // Its cache of programs is not safe with several at a time; a fresh clone has nothing in it.
    if std::env::var_os("CI").is_some() {
        command.env("SKEPTIC_NO_BINARY_CACHE", "1");
    } else {
        command.env("SKEPTIC_JOBS", "1");
    }
    command
        .env("RUST_BACKTRACE", "0")
        .current_dir(skeptic_package(house));
    if cfg!(unix) {
        command.env("RUSTC", house.root.join("ci/skeptic/rustc-2024"));
    }
    let outcome = limit::run(&mut command, limit)?;
    let by_skeptic = |line: &str, given: &[Given]| {
        let name = line
            .strip_prefix("test ")
            .or_else(|| line.strip_prefix("---- "))?;
        let (stem, at) = name.split_whitespace().next()?.rsplit_once("_line_")?;
        let at: usize = at.parse().ok()?;
        given
            .iter()
            .position(|block| block.stem() == stem && (block.line == at || block.line + 1 == at))
    };
    let judged = |block: &Given| block.how != How::Panic;
    judge(&outcome, given, &judged, &by_skeptic, "skeptic", found)
}

/// The features of `skeptic-blocks` for the given chapters. A chapter that needs something
/// installed is a feature there, so that the others can be tested without it.
fn features(package: &Path, chapters: &[&str]) -> Result<Vec<String>> {
    let manifest = fs::read_to_string(package.join("Cargo.toml"))?;
    let manifest: toml::Table = manifest.parse()?;
    let known = manifest.get("features").and_then(toml::Value::as_table);
    let mut features = vec!["--no-default-features".to_owned()];
    for chapter in known.into_iter().flatten().map(|(name, _)| name) {
        if chapters.contains(&chapter.as_str()) {
            features.push(format!("--features={chapter}"));
        }
    }
    Ok(features)
}

/// What libtest and skeptic add and readers do not need: how they called the compiler, where they
/// gave up.
fn is_noise(line: &str) -> bool {
    line.starts_with("Command failed:")
        || line.starts_with("note: run with `RUST_BACKTRACE")
        || (line.starts_with('"') && line.contains("--crate-type=bin"))
        || (line.starts_with("thread '") && line.contains("skeptic"))
        || line.starts_with("error: aborting due to")
        || line.starts_with("For more information about")
        || line.trim().is_empty()
}

type Find<'a> = &'a dyn Fn(&str, &[Given]) -> Option<usize>;

/// Reads libtest's output: what is said of each block, and why.
fn judge(
    outcome: &Outcome,
    given: &[Given],
    asked: &dyn Fn(&Given) -> bool,
    find: Find<'_>,
    who: &str,
    found: &mut Findings,
) -> Result<Passed> {
    let mut said: BTreeMap<usize, Said> = BTreeMap::new();
    let mut why: BTreeMap<usize, String> = BTreeMap::new();
    let mut section = None;
    // A line of `given` belongs to no chapter by itself: look only among those that were asked.
    let look = |line: &str| {
        let index: Vec<usize> = (0..given.len()).filter(|at| asked(&given[*at])).collect();
        let some: Vec<Given> = index.iter().map(|at| given[*at].clone()).collect();
        find(line, &some).map(|at| index[at])
    };
    for line in outcome.stdout.lines() {
        if line.starts_with("---- ") {
            section = look(line);
        } else if line == "failures:" || line.starts_with("test result:") {
            section = None;
        } else if let Some(at) = section
            && !is_noise(line)
        {
            let text = why.entry(at).or_default();
            text.push_str("    ");
            text.push_str(line);
            text.push('\n');
        } else if line.starts_with("test ")
            && let Some(at) = look(line)
        {
            let ok = line.ends_with("... ok");
            said.insert(at, if ok { Said::Ok } else { Said::Failed });
        }
    }
    let hung = matches!(outcome.ended, Ended::TooLong(_));
    let broken = said.is_empty() && !outcome.ok() && !hung;
    if broken && given.iter().any(asked) {
        found.add(
            "ci",
            0,
            format!("{who} {}:\n{}", outcome.ended, outcome.stderr.trim_end()),
            "mend what it names",
        );
    }
    let mut passed = vec![true; given.len()];
    for (at, block) in given.iter().enumerate().filter(|(_, block)| asked(block)) {
        passed[at] = said.get(&at) == Some(&Said::Ok);
        let (what, mend) = match said.get(&at) {
            Some(Said::Ok) => continue,
            Some(Said::Failed) => (
                format!(
                    "{who} says of this block:\n{}",
                    why.get(&at).map_or("", String::as_str)
                ),
                match block.listing {
                    Some(_) => format!(
                        "mend it; what it uses must be a dependency of listings/{0}, or of listings/{0}/lab",
                        block.chapter
                    ),
                    None => "mend it".to_owned(),
                },
            ),
            None if hung => (
                format!("{who} {} before this block was done", outcome.ended),
                "it may wait for ever: try it alone with --page".to_owned(),
            ),
            None if broken => continue,
            None => (
                format!("{who} said nothing of this block"),
                "every block must be tested: this is a fault of `cargo book check`".to_owned(),
            ),
        };
        found.add(block.file.clone(), block.at, what, mend);
    }
    Ok(Passed(passed))
}

/// What is built before the blocks are tried.
#[derive(Clone, Debug)]
pub struct Ready {
    /// The program that tries each block alone; nothing where there is no package for it.
    pub skeptic: Option<PathBuf>,
    /// What was built.
    pub built: Built,
}

/// Builds what the blocks use, so that the watchdog counts only their own time. Nothing, when it
/// does not compile.
///
/// # Errors
/// When Cargo cannot be started.
pub fn ready(house: &House, chapters: &[&str], found: &mut Findings) -> Result<Option<Ready>> {
    let built = cargo::build(&mut cargo_test(house, chapters, &["--no-run"])?, false)?;
    if !built.ok {
        let says: String = built
            .said
            .iter()
            .filter(|said| said.level == "error")
            .map(|said| said.rendered.as_str())
            .collect();
        found.add(
            "ci",
            0,
            format!(
                "what the blocks use does not compile:\n{says}{}",
                built.stderr
            ),
            "make it compile",
        );
        return Ok(None);
    }
    forget_others(&built.libraries)?;
    let skeptic = built.program(&skeptic_package(house), "skeptic");
    Ok(Some(Ready {
        skeptic: skeptic.map(Path::to_owned),
        built,
    }))
}

/// Removes what earlier builds left of the same libraries, with other features: skeptic takes any
/// that it finds, and a block with two kinds of one library does not compile.
fn forget_others(libraries: &[PathBuf]) -> Result<()> {
    let name = |file: &Path| {
        let (name, _) = file.file_stem()?.to_str()?.rsplit_once('-')?;
        Some((file.parent()?.to_owned(), name.to_owned()))
    };
    let names: BTreeSet<(PathBuf, String)> = libraries.iter().filter_map(|lib| name(lib)).collect();
    let folders: BTreeSet<&Path> = libraries.iter().filter_map(|lib| lib.parent()).collect();
    for folder in folders {
        for entry in fs::read_dir(folder)? {
            let file = entry?.path();
            let is_library = file.extension().is_some_and(|end| end == "rlib");
            if is_library
                && !libraries.contains(&file)
                && name(&file).is_some_and(|name| names.contains(&name))
            {
                fs::remove_file(&file)?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(module: &str, line: usize) -> Given {
        Given {
            chapter: "a".into(),
            module: module.into(),
            line,
            how: How::Run,
            file: format!("src/a/{module}.md"),
            at: line,
            listing: None,
        }
    }

    fn run(stdout: &str, ended: Ended) -> (Vec<bool>, String) {
        let outcome = Outcome {
            stdout: stdout.into(),
            stderr: String::new(),
            ended,
            left: 0,
            why: None,
        };
        let given = [block("page_x", 3), block("page_x", 9), block("page_y", 3)];
        let mut found = Findings::default();
        let passed = judge(
            &outcome,
            &given,
            &|_| true,
            &by_rustdoc,
            "rustdoc",
            &mut found,
        )
        .expect("judged");
        let said = found.sorted().iter().map(|f| format!("{f}\n")).collect();
        (passed.0, said)
    }

    const HALF: &str = "\
running 3 tests
test ../../target/text/a/page_x.md - page_x (line 2) ... ok
test ../../target/text/a/page_y.md - page_y (line 2) - compile ... ok
";

    #[test]
    fn a_block_that_nothing_was_said_of_is_not_tested() {
        let (passed, said) = run(HALF, Ended::Code(0));
        assert_eq!(passed, [true, false, true]);
        assert!(
            said.contains("src/a/page_x.md:9: rustdoc said nothing"),
            "{said}"
        );
    }

    #[test]
    fn a_hanging_block_is_named() {
        let (_, said) = run(HALF, Ended::TooLong(Duration::from_secs(9)));
        assert!(
            said.contains("src/a/page_x.md:9: rustdoc ran longer than 9 s"),
            "{said}"
        );
    }

    #[test]
    fn a_failed_block_comes_with_its_reason() {
        let text = format!(
            "{HALF}test ../a/x.md - page_x (line 8) ... FAILED\n\nfailures:\n\n---- ../a/x.md - page_x (line 8) stdout ----\nleft: 1\n\nfailures:\n    ../x.md - page_x (line 8)\n"
        );
        let (passed, said) = run(&text, Ended::Code(101));
        assert_eq!(passed, [true, false, true]);
        assert!(
            said.contains(":9: rustdoc says of this block:\n    left: 1"),
            "{said}"
        );
    }

    #[test]
    fn other_builds_of_the_same_library_go() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = |name: &str| {
            let file = folder.path().join(name);
            fs::write(&file, "").expect("written");
            file
        };
        let names = ["liba-1.rlib", "liba-2.rlib", "libb-1.rlib", "liba-2.rmeta"];
        let files: Vec<PathBuf> = names.iter().map(|name| file(name)).collect();
        forget_others(&files[..1]).expect("it can");
        let left: Vec<bool> = files.iter().map(|file| file.exists()).collect();
        assert_eq!(left, [true, false, true, true]);
    }
}

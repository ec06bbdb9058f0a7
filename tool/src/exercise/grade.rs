//! Grades an answer that may be hostile: in a fresh copy, within bounds, by words that come back.
use super::{
    harness::{self, Words},
    layout::Exercise,
    report::Report,
};
use crate::{
    cargo::{self, Built, cargo_env, write_if_new},
    finding::name,
    held::{Bounds, Fence, Held},
    house::House,
    limit::{self, Ended},
    record::refused,
};
use anyhow::{Context, Result, bail};
use proc_macro2::{TokenStream, TokenTree};
use std::{
    cell::Cell,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

/// What an answer may use while it is compiled. What it depends on was compiled before.
const COMPILING: Bounds = Bounds {
    time: Duration::from_secs(120),
    memory: 2 << 30,
    file: 256 << 20,
    output: limit::MOST,
};

/// What it may use while its tests run; how long they may, the exercise says.
const RUNNING: Bounds = Bounds {
    time: Duration::ZERO,
    memory: 1 << 30,
    file: 1 << 20,
    output: 1 << 20,
};

thread_local! {
    static PATIENCE: Cell<Duration> = const { Cell::new(COMPILING.time) };
}

/// Does something with less patience for the compiler, on this thread; for tests.
#[doc(hidden)]
pub fn within<T>(time: Duration, something: impl FnOnce() -> T) -> T {
    let before = PATIENCE.replace(time);
    let result = something();
    PATIENCE.set(before);
    result
}

/// How many bytes of the compiler's words are passed on, and of how many an answer may be.
const MOST: usize = 1 << 20;

/// What became of an answer that compiles.
#[derive(Debug)]
pub struct Graded {
    /// What its tests said.
    pub report: Report,
    /// The compiler's warnings, of an answer that passes: before, they only tell that it is not
    /// finished.
    pub said: Vec<String>,
}

/// Compiles `answer` with the tests of an exercise, in a copy that holds nothing else of it, and
/// runs them.
///
/// # Errors
/// When it does not compile, or does what no answer may: contain unsafe code, take in other files.
/// The error says so in words for its author.
pub fn grade(house: &House, exercise: &Exercise, answer: &Path, colour: bool) -> Result<Graded> {
    let shown = std::path::absolute(answer)?;
    let shown = name(house, &shown);
    let text = text_of(answer)?;
    if let Some(line) = unsafe_in(&text) {
        bail!("{shown}:{line}: an answer is safe Rust; there is `unsafe` in this line");
    }
    let checks = exercise.folder.join("tests/check.rs");
    let tests = std::fs::read_to_string(&checks)
        .with_context(|| format!("{} cannot be read", checks.display()))?;
    let harness = harness::prepare(&tests)
        .map_err(|(line, what)| anyhow::anyhow!("{}:{line}: {what}", name(house, &checks)))?;
    let copy = Copy::of(house, exercise)?;
    copy.fill(house, exercise, &text, &harness.text)?;
    let (built, ended) = copy.build(colour)?;
    if let Ended::TooLong(limit) = ended {
        bail!(
            "{shown}: the compiler was stopped after {} s: something in this answer keeps it busy, such as a constant that is never computed",
            limit.as_secs()
        );
    }
    let own = |said: &str| {
        said.replace("--> src/lib.rs:", &format!("--> {shown}:"))
            .replace(
                "--> tests/check.rs:",
                &format!("--> {}:", name(house, &checks)),
            )
    };
    let said = |level: &str| -> Vec<String> {
        built
            .said
            .iter()
            .filter(|said| said.level == level && said.folder == copy.folder)
            .map(|said| own(&said.rendered))
            .collect()
    };
    let Some(program) = built.program(&copy.folder, "check") else {
        let errors = said("error");
        if errors.is_empty() {
            bail!(
                "{shown}: Cargo could not compile it; it {ended}:\n{}",
                cut(built.stderr.trim_end())
            );
        }
        bail!(
            "{}{shown} does not compile yet. Read the first message; the line it names is yours or the tests'.",
            cut(&errors.concat())
        );
    };
    if let Some(other) = other_files(&built, &copy.folder)?.first() {
        bail!(
            "{shown}: it takes in another file, {}. An answer is one file: write into it what it needs",
            other.display()
        );
    }
    eprintln!("Running its tests …");
    let report = copy.run(exercise, program, &harness.tests)?;
    let said = match report.passed() {
        true => vec![cut(&said("warning").concat())],
        false => Vec::new(),
    };
    Ok(Graded { report, said })
}

fn text_of(answer: &Path) -> Result<String> {
    let size = std::fs::metadata(answer)
        .with_context(|| format!("{} cannot be read", answer.display()))?
        .len();
    if size > MOST as u64 {
        bail!(
            "{} has {size} bytes; an answer has {MOST} at most",
            answer.display()
        );
    }
    std::fs::read_to_string(answer).with_context(|| format!("{} cannot be read", answer.display()))
}

/// The beginning of a text that is too long to read.
fn cut(text: &str) -> String {
    if text.len() <= MOST {
        return text.to_owned();
    }
    let end = (0..=MOST).rev().find(|at| text.is_char_boundary(*at));
    format!(
        "{}\n[cut: it is {} bytes long]\n",
        &text[..end.unwrap_or(0)],
        text.len()
    )
}

/// The first line with the word `unsafe` in code: macros cannot make it out of other words.
///
/// The compiler forbids unsafe blocks, too, but knows kinds of unsafe code that the lint lets pass.
fn unsafe_in(text: &str) -> Option<usize> {
    fn first(tokens: TokenStream) -> Option<usize> {
        tokens.into_iter().find_map(|token| match token {
            TokenTree::Ident(word) if word == "unsafe" => Some(word.span().start().line),
            TokenTree::Group(group) => first(group.stream()),
            _ => None,
        })
    }
    match text.trim_start_matches('\u{feff}').parse::<TokenStream>() {
        Ok(tokens) => first(tokens),
        // Not Rust as this lexer knows it; the compiler may know better.
        Err(_) => text
            .lines()
            .position(|line| line.contains("unsafe"))
            .map(|line| line + 1),
    }
}

/// A folder of its own for the answers to one exercise. No other command grades in it meanwhile.
struct Copy {
    folder: PathBuf,
    target: PathBuf,
    words: PathBuf,
    _lock: std::fs::File,
}

impl Copy {
    fn of(house: &House, exercise: &Exercise) -> Result<Copy> {
        let root = house.target.join("exercises");
        let folder = root
            .join("answers")
            .join(format!("{}-{}", exercise.chapter, exercise.name));
        std::fs::create_dir_all(&folder)
            .with_context(|| format!("{} cannot be made", folder.display()))?;
        let lock = std::fs::File::create(folder.join("lock"))?;
        #[cfg(unix)]
        rustix::fs::flock(&lock, rustix::fs::FlockOperation::LockExclusive)?;
        Ok(Copy {
            // Cargo tells real paths.
            folder: folder.canonicalize()?,
            target: root.join("build"),
            words: folder.canonicalize()?.join("words"),
            _lock: lock,
        })
    }

    fn fill(&self, house: &House, exercise: &Exercise, answer: &str, tests: &str) -> Result<()> {
        let _ = std::fs::remove_dir_all(self.folder.join("tests"));
        let dependencies =
            refused::dependencies(house, &exercise.folder.join("Cargo.toml"), false)?;
        let manifest = format!(
            "# Written by `cargo book exercise check`.\n[workspace]\n\n[package]\nname = {0:?}\nversion = \"0.0.0\"\n\
             edition = \"2024\"\npublish = false\nautobins = false\nautoexamples = false\nautobenches = false\n\n\
             [lib]\nname = {0:?}\ndoctest = false\n\n[lints.rust]\nunsafe_code = \"forbid\"\n\n\
             [profile.dev]\ndebug = \"line-tables-only\"\n\n{1}",
            exercise.name,
            toml::to_string(&dependencies)?
        );
        write_if_new(&self.folder.join("Cargo.toml"), &manifest)?;
        write_if_new(&self.folder.join("tests/check.rs"), tests)?;
        // The same versions as all readers have.
        let lock = house.root.join("exercises/Cargo.lock");
        if lock.is_file() && !self.folder.join("Cargo.lock").is_file() {
            std::fs::copy(&lock, self.folder.join("Cargo.lock"))?;
        }
        // What the answer is made of has not been asked yet, so what it depends on is trusted code.
        write_if_new(&self.folder.join("src/lib.rs"), "//! No answer yet.\n")?;
        let needs = dependencies
            .get("dependencies")
            .and_then(toml::Value::as_table)
            .into_iter()
            .flat_map(|table| table.keys());
        let mut command = self.cargo();
        let needs: Vec<&String> = needs.collect();
        for need in &needs {
            command.args(["-p", need]);
        }
        if !needs.is_empty() {
            let built = cargo::build(&mut command, false)?;
            if !built.ok {
                let said: String = built.said.iter().map(|s| s.rendered.as_str()).collect();
                bail!(
                    "What the exercise needs does not compile:\n{said}{}",
                    built.stderr
                );
            }
        }
        write_if_new(&self.folder.join("src/lib.rs"), answer)
    }

    fn cargo(&self) -> Command {
        let mut command = cargo::command();
        command
            .args(["build", "--quiet", "--manifest-path"])
            .arg(self.folder.join("Cargo.toml"))
            .arg("--target-dir")
            .arg(&self.target)
            .current_dir(&self.folder);
        command
    }

    fn build(&self, colour: bool) -> Result<(Built, Ended)> {
        let mut command = self.cargo();
        command.args(["--offline", "--lib", "--test", "check"]);
        let bounds = Bounds {
            time: PATIENCE.get(),
            ..COMPILING
        };
        cargo::build_held(&mut command, colour, bounds)
    }

    fn run(&self, exercise: &Exercise, program: &Path, tests: &[String]) -> Result<Report> {
        let words = Words::new(tests.len())?;
        std::fs::write(&self.words, "")?;
        let mut command = Command::new(program);
        cargo_env(&mut command).current_dir("/");
        let mut fence = Fence::around(program);
        fence.write.push(self.words.clone());
        let bounds = Bounds {
            time: exercise.limit(),
            ..RUNNING
        };
        let outcome = Held::new(&command, bounds)
            .input(words.order(&self.words))
            .fence(fence)
            .run()?;
        let told = std::fs::read(&self.words)?;
        let came_back = words.came_back(&String::from_utf8_lossy(&told));
        Ok(Report::read(&outcome).with_words(tests, &came_back))
    }
}

/// The files that the answer is made of, besides `src/lib.rs`: the compiler lists all it has read.
fn other_files(built: &Built, folder: &Path) -> Result<Vec<PathBuf>> {
    let (_, list) = built
        .lists
        .iter()
        .find(|(of, _)| of == folder)
        .context("Cargo did not say what the answer is made of")?;
    let text = std::fs::read_to_string(list)
        .with_context(|| format!("{} cannot be read", list.display()))?;
    let mut others = Vec::new();
    let mut own = false;
    // `file:` on a line of its own for each; a space in a name has a backslash before it.
    for line in text.lines() {
        let Some(file) = line.strip_suffix(':') else {
            continue;
        };
        let file = folder.join(file.replace("\\ ", " "));
        if file == folder.join("src/lib.rs") {
            own = true;
        } else {
            others.push(file);
        }
    }
    if !own {
        bail!("{} does not name the answer", list.display());
    }
    Ok(others)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unsafe_code_is_found_where_it_stands_and_nowhere_else() {
        for (text, line) in [
            ("fn a() {\n    unsafe { b() }\n}\n", Some(2)),
            ("m!(\n\n (unsafe) );\n", Some(3)),
            ("#[unsafe(no_mangle)]\nfn main() {}\n", Some(1)),
            (
                "unsafe extern \"C\" { safe fn getpid() -> i32; }\n",
                Some(1),
            ),
            (
                "// unsafe\nconst A: &str = \"unsafe\";\nfn unsafely() {}\n",
                None,
            ),
            ("fn a() { ( }\n// unsafe\n", Some(2)),
        ] {
            assert_eq!(unsafe_in(text), line, "{text:?}");
        }
    }

    #[test]
    fn what_an_answer_is_made_of_is_read_from_the_compilers_list() {
        let folder = tempfile::tempdir().expect("a folder");
        let list = folder.path().join("x.d");
        let built = Built {
            lists: vec![(folder.path().to_owned(), list.clone())],
            ..Built::default()
        };
        let own = "/t/libx.rmeta: src/lib.rs\n\nsrc/lib.rs:\n";
        std::fs::write(&list, own).expect("written");
        let others = || other_files(&built, folder.path());
        assert!(others().expect("a list").is_empty());
        std::fs::write(&list, format!("{own}../so\\ lution/lib.rs:\n")).expect("written");
        let other = folder.path().join("../so lution/lib.rs");
        assert_eq!(others().expect("a list"), [other]);
        std::fs::write(&list, "/t/x: /other/lib.rs\n\n/other/lib.rs:\n").expect("written");
        assert!(others().is_err(), "a list of something else");
    }
}

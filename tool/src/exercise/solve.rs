//! Checks a reader's answer: compiles it, runs its tests under a limit, says what is missing.
use super::{layout::Exercise, progress::State, remember};
use crate::{
    cargo,
    finding::name,
    house::House,
    limit::{self, Ended, Outcome},
};
use anyhow::{Result, bail};
use std::io::IsTerminal;

/// Checks the answer in `src/lib.rs` and prints what a reader needs to know.
///
/// # Errors
/// When the answer does not compile, fails its tests or hangs; all was said already.
pub fn check(house: &House, exercise: &Exercise) -> Result<()> {
    let state = remember(house, exercise, false)?;
    let colour = std::io::stderr().is_terminal();
    eprintln!("Compiling {} …", exercise.path());
    let built = cargo::build(
        cargo::command()
            .args(["build", "--quiet", "--test", "check", "--manifest-path"])
            .arg(exercise.folder.join("Cargo.toml"))
            .current_dir(&exercise.folder),
        colour,
    )?;
    let say = |level: &str| {
        for said in built.said.iter().filter(|said| said.level == level) {
            eprint!("{}", said.rendered);
        }
    };
    say("error");
    let Some(program) = built.program(&exercise.folder, "check") else {
        if built.said.is_empty() {
            bail!("Cargo could not begin:\n{}", built.stderr.trim_end());
        }
        bail!(
            "{} does not compile yet. Read the first message; the line it names is yours or the tests'.{}",
            name(house, &exercise.answer()),
            next_hint(exercise, state)
        );
    };
    eprintln!("Running its tests …");
    let outcome = limit::run(
        cargo_env(&mut std::process::Command::new(program)).current_dir(&exercise.folder),
        exercise.limit(),
    )?;
    let report = Report::read(&outcome);
    if report.passed() {
        remember(house, exercise, true)?;
        say("warning"); // before, they only tell that it is not finished
        println!(
            "Solved: {} of {} {}.\nCompare with our solution: cargo book exercise solution {}",
            match report.ok {
                1 => "the test".to_owned(),
                number => format!("all {number} tests"),
            },
            exercise.path(),
            if report.ok == 1 { "passes" } else { "pass" },
            exercise.name
        );
        return Ok(());
    }
    println!("{report}");
    bail!(
        "{} is not solved yet.{}",
        exercise.path(),
        next_hint(exercise, state)
    )
}

fn next_hint(exercise: &Exercise, state: State) -> String {
    let all = exercise.spec.hints.len();
    if state.hints < all {
        format!(
            "\nA hint ({} of {all}): cargo book exercise hint {}",
            state.hints + 1,
            exercise.name
        )
    } else {
        format!(
            "\nYou have seen all hints. To see them again: cargo book exercise hint {0}\n\
             To see our solution: cargo book exercise solution --anyway {0}",
            exercise.name
        )
    }
}

/// An environment in which a test prints the same for everybody.
pub(crate) fn cargo_env(command: &mut std::process::Command) -> &mut std::process::Command {
    cargo::clean(command);
    command.env("RUST_BACKTRACE", "0").env("NO_COLOR", "1")
}

/// What a run of `tests/check.rs` says, in libtest's words.
#[derive(Clone, Debug)]
pub struct Report {
    /// How many tests passed.
    pub ok: usize,
    /// The failed ones, each with its message.
    pub failed: Vec<(String, String)>,
    /// Tests that are marked `#[ignore]`.
    pub ignored: usize,
    /// The last test that began and never ended.
    pub hung: Vec<String>,
    /// How the run ended.
    pub ended: Ended,
    /// All that it printed, for one that broke off.
    all: String,
}

impl Report {
    /// Reads what libtest printed.
    pub fn read(outcome: &Outcome) -> Report {
        let mut report = Report {
            ok: 0,
            failed: Vec::new(),
            ignored: 0,
            hung: Vec::new(),
            ended: outcome.ended,
            all: format!("{}{}", outcome.stdout, outcome.stderr),
        };
        let mut section: Option<(String, String)> = None;
        for line in outcome.stdout.lines() {
            if let Some(name) = line
                .strip_prefix("---- ")
                .and_then(|rest| rest.strip_suffix(" stdout ----"))
            {
                report
                    .failed
                    .extend(section.replace((name.to_owned(), String::new())));
            } else if line == "failures:" {
                report.failed.extend(section.take());
            } else if let Some((_, message)) = &mut section {
                if !is_noise(line) {
                    *message += line;
                    message.push('\n');
                }
            } else if let Some(test) = line.strip_prefix("test ") {
                report.ok += usize::from(test.ends_with(" ... ok"));
                report.ignored += usize::from(test.contains(" ... ignored"));
            }
        }
        report.failed.extend(section);
        report
    }

    /// Whether there were tests, and all passed.
    pub fn passed(&self) -> bool {
        self.ended == Ended::Code(0) && self.ok > 0 && self.failed.is_empty()
    }

    /// All that the tests said, for a search.
    pub fn text(&self) -> String {
        self.to_string()
    }
}

/// What libtest adds and no reader needs.
fn is_noise(line: &str) -> bool {
    line.starts_with("note: run with `RUST_BACKTRACE=1`")
        || (line.starts_with("thread '") && line.contains(" panicked at "))
        || line.is_empty()
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Ended::TooLong(_) = self.ended {
            writeln!(
                f,
                "The test program {}. Something in your answer waits for what never comes, or loops for ever.",
                self.ended
            )?;
            for line in self.all.lines().filter(|line| line.starts_with("test ")) {
                writeln!(f, "  {line}")?;
            }
            return Ok(());
        }
        if self.failed.is_empty() {
            writeln!(f, "The tests broke off: the program {}.", self.ended)?;
            return write!(f, "{}", self.all.trim_end());
        }
        writeln!(
            f,
            "{} of {} tests pass. What is missing:",
            self.ok,
            self.ok + self.failed.len()
        )?;
        for (name, message) in &self.failed {
            writeln!(f, "\n  {name}")?;
            for line in message.lines() {
                writeln!(f, "    {line}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(stdout: &str, ended: Ended) -> Outcome {
        Outcome {
            stdout: stdout.to_owned(),
            stderr: String::new(),
            ended,
        }
    }

    const FAILED: &str = "
running 2 tests
test adds ... ok
test wraps ... FAILED

failures:

---- wraps stdout ----

thread 'wraps' (12) panicked at tests/check.rs:9:5:
assertion `left == right` failed: 255 + 1 wraps to 0
  left: 1
 right: 0
note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace


failures:
    wraps

test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out
";

    #[test]
    fn a_failure_is_told_with_its_message_and_without_noise() {
        let report = Report::read(&outcome(FAILED, Ended::Code(101)));
        assert!(!report.passed());
        assert_eq!(report.ok, 1);
        let text = report.to_string();
        assert!(text.contains("1 of 2 tests pass"), "{text}");
        assert!(text.contains("255 + 1 wraps to 0"), "{text}");
        assert!(
            !text.contains("BACKTRACE") && !text.contains("panicked"),
            "{text}"
        );
    }

    #[test]
    fn no_test_at_all_is_no_pass() {
        let report = Report::read(&outcome("running 0 tests\n", Ended::Code(0)));
        assert!(!report.passed());
    }

    #[test]
    fn a_process_that_exits_early_is_no_pass() {
        let report = Report::read(&outcome("running 1 test\n", Ended::Code(0)));
        assert!(!report.passed());
        assert!(report.to_string().contains("broke off"));
    }

    #[test]
    fn a_hang_says_so() {
        let limit = std::time::Duration::from_secs(7);
        let report = Report::read(&outcome("test a ... ok\n", Ended::TooLong(limit)));
        assert!(
            report
                .to_string()
                .contains("longer than 7 s and was stopped")
        );
    }
}

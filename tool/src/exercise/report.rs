//! What the tests of an exercise said of an answer, for people.
use crate::limit::{Ended, Outcome};

/// What a run of `tests/check.rs` says, in libtest's words.
#[derive(Clone, Debug)]
pub struct Report {
    /// How many tests passed.
    pub ok: usize,
    /// The failed ones, each with its message.
    pub failed: Vec<(String, String)>,
    /// Tests that are marked `#[ignore]`.
    pub ignored: usize,
    /// How the run ended.
    pub ended: Ended,
    /// How many processes it left running.
    pub left: usize,
    /// The tests that returned no word; none when no words were asked for.
    pub silent: Option<Vec<String>>,
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
            ended: outcome.ended,
            left: outcome.left,
            silent: None,
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

    /// Believes words and not what was printed: which tests returned the word they got.
    pub fn with_words(mut self, tests: &[String], came_back: &[bool]) -> Report {
        let silent = |(test, back): (&String, &bool)| (!back).then(|| test.clone());
        self.silent = Some(tests.iter().zip(came_back).filter_map(silent).collect());
        self.ok = came_back.iter().filter(|back| **back).count();
        self
    }

    /// Whether there were tests, all passed, and nothing was left of them.
    pub fn passed(&self) -> bool {
        self.ended == Ended::Code(0)
            && self.ok > 0
            && self.failed.is_empty()
            && self.silent.as_ref().is_none_or(Vec::is_empty)
            && self.left == 0
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
        if self.left > 0 {
            writeln!(
                f,
                "Your answer started other processes and left {} running; they were stopped. No exercise needs any.",
                self.left
            )?;
        }
        if self.failed.is_empty() {
            writeln!(f, "The tests broke off: the program {}.", self.ended)?;
            if let Some(silent) = self.silent.as_ref().filter(|silent| !silent.is_empty()) {
                writeln!(f, "These did not come to their end: {}.", silent.join(", "))?;
            }
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
            left: 0,
            why: None,
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

    #[test]
    fn only_words_count_where_words_are_asked_for() {
        let tests = ["a".to_owned(), "b".to_owned()];
        let printed =
            "running 2 tests\ntest a ... ok\ntest b ... ok\n\ntest result: ok. 2 passed\n";
        let report = Report::read(&outcome(printed, Ended::Code(0)));
        assert!(report.passed(), "a program of ours is believed");
        let all = report.clone().with_words(&tests, &[true, true]);
        assert!(all.passed() && all.ok == 2);
        let one = report.clone().with_words(&tests, &[true, false]);
        assert!(!one.passed() && one.ok == 1);
        assert!(
            one.to_string().contains("did not come to their end: b."),
            "{one}"
        );
        let mut left = report.with_words(&tests, &[true, true]);
        left.left = 1;
        assert!(!left.passed());
        assert!(left.to_string().contains("left 1 running"), "{left}");
    }
}

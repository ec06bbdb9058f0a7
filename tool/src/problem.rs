//! What is wrong with the text, and where: a file, a line, and what to do.
use std::{
    fmt,
    path::{Path, PathBuf},
};

/// One thing to mend.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file, relative to the root of the repository.
    pub file: PathBuf,
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong and what to do.
    pub what: String,
}

impl Problem {
    /// Says that `what` is wrong at `file:line`.
    pub fn new(file: impl AsRef<Path>, line: usize, what: impl Into<String>) -> Problem {
        Problem {
            file: file.as_ref().to_owned(),
            line,
            what: what.into(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file.display(), self.line, self.what)
    }
}

/// Everything to mend: whoever writes wants to hear of all of it at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl Problems {
    /// An error when there is something to mend.
    ///
    /// # Errors
    /// When the list is not empty.
    pub fn or_fail(mut self) -> anyhow::Result<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        self.0.sort();
        self.0.dedup();
        Err(self.into())
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, problem) in self.0.iter().enumerate() {
            if at > 0 {
                writeln!(f)?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// What is wrong in a TOML file, and in which line and table; line 0 when it concerns the whole file.
pub fn in_toml(text: &str, error: &toml::de::Error) -> (usize, String) {
    let Some(span) = error.span() else {
        return (0, error.message().to_owned());
    };
    let before = text.get(..span.start).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let table = text
        .lines()
        .take(line)
        .filter(|line| line.starts_with('['))
        .last();
    let what = match table {
        Some(table) => format!("{}: {}", table.trim_end(), error.message()),
        // A key that is missing at the top is missing in no line.
        None if error.message().starts_with("missing field") => {
            return (0, error.message().to_owned());
        }
        None => error.message().to_owned(),
    };
    (line, what)
}

/// The known name that `wrong` was most likely meant to be, if one is near.
pub fn nearest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|name| (distance(wrong, name), name))
        .filter(|(far, name)| *far <= name.len().max(wrong.len()) / 3)
        .min()
        .map(|(_, name)| name)
}

/// How many letters must be added, taken away, changed or swapped with the next to make one word the other.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before = Vec::new();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut next = vec![i];
        for j in 1..=b.len() {
            let changed = row[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = changed.min(row[j] + 1).min(next[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(before[j - 2] + 1);
            }
            next.push(least);
        }
        before = std::mem::replace(&mut row, next);
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_offered_and_a_far_one_is_not() {
        let known = ["reactor/simplest", "reactor/timers"];
        assert_eq!(nearest("reactor/simples", known), Some("reactor/simplest"));
        assert_eq!(nearest("deferreds/two_rails", known), None);
        assert_eq!(nearest("drian", ["drain", "meter"]), Some("drain"));
    }

    #[test]
    fn a_mistake_in_toml_is_told_with_its_line_and_table() {
        type Tables = std::collections::BTreeMap<String, std::collections::BTreeMap<String, u8>>;
        let told = |text: &str| {
            let error = toml::from_str::<Tables>(text).expect_err("wrong");
            in_toml(text, &error)
        };
        let (line, what) = told("[a]\nx = 1\n\n[b]\ny = \"2\"\n");
        assert_eq!(line, 5);
        assert!(what.starts_with("[b]: invalid type"), "{what}");
        assert_eq!(told("x = 1\n").0, 1);

        #[derive(Debug, serde::Deserialize)]
        struct Hints {
            #[expect(dead_code)]
            hints: Vec<String>,
        }
        let text = "# Of an exercise.\ntitle = \"A\"\n";
        let error = toml::from_str::<Hints>(text).expect_err("wrong");
        assert_eq!(in_toml(text, &error), (0, "missing field `hints`".into()));
    }

    #[test]
    fn problems_are_sorted_and_named_once() {
        let twice = Problem::new("src/b.md", 2, "two");
        let problems = Problems(vec![
            twice.clone(),
            Problem::new("src/a.md", 9, "one"),
            twice,
        ]);
        let error = problems.or_fail().unwrap_err();
        assert_eq!(error.to_string(), "src/a.md:9: one\nsrc/b.md:2: two");
        assert!(Problems::default().or_fail().is_ok());
    }
}

//! What is wrong with the book: where, what, and what to do; all of it at once.
use crate::house::House;
use std::{fmt, path::Path};

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The file, from the root of the repository.
    pub file: String,
    /// The line, from 1; 0 when it concerns the whole file.
    pub line: usize,
    /// What is wrong.
    pub what: String,
    /// What to do about it.
    pub mend: String,
}

impl Finding {
    /// Says that `what` is wrong at `file:line`, and in the same words what to do.
    pub fn new(file: impl AsRef<Path>, line: usize, what: impl Into<String>) -> Finding {
        Finding {
            file: slashed(file.as_ref()),
            line,
            what: what.into(),
            mend: String::new(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
        }
        write!(f, ": {}", self.what.trim_end())?;
        if !self.mend.is_empty() {
            write!(f, "\n    -> {}", self.mend.replace('\n', "\n       "))?;
        }
        Ok(())
    }
}

/// All that was found so far. Looking never stops at the first.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    pub(crate) list: Vec<Finding>,
    notes: Vec<String>,
}

impl Findings {
    /// These, and no notes.
    pub fn of(list: impl IntoIterator<Item = Finding>) -> Findings {
        Findings {
            list: list.into_iter().collect(),
            notes: Vec::new(),
        }
    }

    /// An error when something is wrong.
    ///
    /// # Errors
    /// When the list is not empty: all of it, in order, each thing once.
    pub fn or_fail(mut self) -> anyhow::Result<()> {
        if self.list.is_empty() {
            return Ok(());
        }
        self.list = self.sorted();
        Err(self.into())
    }

    /// Adds one; `line` is 0 when it concerns the whole file.
    pub fn add(
        &mut self,
        file: impl Into<String>,
        line: usize,
        what: impl Into<String>,
        mend: impl Into<String>,
    ) {
        self.list.push(Finding {
            file: file.into(),
            line,
            what: what.into(),
            mend: mend.into(),
        });
    }

    /// Adds something worth saying that is not wrong.
    pub fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    /// Adds all that another search found.
    pub fn append(&mut self, other: Findings) {
        self.list.extend(other.list);
        self.notes.extend(other.notes);
    }

    /// Returns whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Returns how many things are wrong.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Returns what was found, in the order of files and lines, each thing once.
    pub fn sorted(&self) -> Vec<Finding> {
        let mut list = self.list.clone();
        list.sort();
        list.dedup();
        list
    }

    /// Keeps only what concerns one file.
    pub fn keep_file(&mut self, file: &str) {
        self.list.retain(|finding| finding.file == file);
        self.notes.retain(|note| note.contains(file));
    }

    /// Prints everything to standard error: notes, then what is wrong.
    pub fn print(&self) {
        for note in &self.notes {
            eprintln!("note: {note}");
        }
        for finding in self.sorted() {
            eprintln!("{finding}\n");
        }
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, finding) in self.list.iter().enumerate() {
            if at > 0 {
                writeln!(f)?;
            }
            write!(f, "{finding}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Findings {}

/// `path` as a person names it: from the root, with `/`.
pub fn name(house: &House, path: &Path) -> String {
    slashed(path.strip_prefix(&house.root).unwrap_or(path))
}

/// Returns a path with `/` between its parts, whatever the system.
pub(crate) fn slashed(path: &Path) -> String {
    path.iter()
        .map(|part| part.to_string_lossy())
        .collect::<Vec<_>>()
        .join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_says_where_what_and_what_to_do() {
        let mut found = Findings::default();
        found.add("src/b.md", 3, "bad fence", "write `rust`");
        found.add("src/a.md", 0, "no front matter", "add it");
        found.add("src/a.md", 0, "no front matter", "add it");
        let said: Vec<_> = found.sorted().iter().map(ToString::to_string).collect();
        assert_eq!(
            said,
            [
                "src/a.md: no front matter\n    -> add it",
                "src/b.md:3: bad fence\n    -> write `rust`"
            ]
        );
    }

    #[test]
    fn findings_are_sorted_and_named_once() {
        let twice = Finding::new("src/b.md", 2, "two");
        let first = Finding::new("src/a.md", 9, "one");
        let error = Findings::of([twice.clone(), first, twice])
            .or_fail()
            .unwrap_err();
        assert_eq!(error.to_string(), "src/a.md:9: one\nsrc/b.md:2: two");
        assert!(Findings::default().or_fail().is_ok());
    }
}

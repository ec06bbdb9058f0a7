//! Keeps a recorded file: writes it, or compares it and shows what differs.
use crate::{
    finding::{Findings, name},
    house::House,
};
use anyhow::{Context, Result};
use similar::{ChangeTag, TextDiff};
use std::path::Path;

/// Where recordings go, and what was said about them.
#[derive(Debug)]
pub struct Recorder<'a> {
    /// The book.
    pub house: &'a House,
    /// Writes nothing.
    pub check: bool,
    /// What differs.
    pub found: Findings,
    /// The files that were written.
    pub written: Vec<String>,
    /// Neither writes nor compares; collects the texts in `shown`.
    pub show: bool,
    /// The texts of outputs, with `show`.
    pub shown: Vec<String>,
}

impl<'a> Recorder<'a> {
    /// Returns another recorder of the same kind that has seen nothing yet.
    pub fn fresh(&self) -> Recorder<'a> {
        Recorder {
            house: self.house,
            check: self.check,
            found: Findings::default(),
            written: Vec::new(),
            show: self.show,
            shown: Vec::new(),
        }
    }

    /// Adds all that another recorder has seen.
    pub fn join(&mut self, other: Recorder<'_>) {
        self.found.append(other.found);
        self.written.extend(other.written);
        self.shown.extend(other.shown);
    }

    /// Keeps `text` in `path`. `view` takes out of a text what is not compared; `mend` says what
    /// to type. Returns whether the file is (now) right.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn keep(
        &mut self,
        path: &Path,
        text: &str,
        view: &dyn Fn(&str) -> Result<String>,
        mend: &str,
    ) -> Result<bool> {
        if self.show {
            if path.extension().is_some_and(|ending| ending == "txt") {
                self.shown.push(text.to_owned());
            }
            return Ok(true);
        }
        let file = name(self.house, path);
        let old = std::fs::read_to_string(path).ok();
        let (seen, new) = match &old {
            Some(old) => (view(old)?, view(text)?),
            None => (String::new(), text.to_owned()),
        };
        if old.is_some() && seen == new {
            return Ok(true);
        }
        if self.check {
            let what = match old {
                None => "the file is missing".to_owned(),
                Some(_) => format!("a run gives something else:\n{}", diff(&seen, &new)),
            };
            self.found.add(
                file,
                0,
                what,
                format!("if the new one is right, record it: {mend}"),
            );
            return Ok(false);
        }
        write(path, text)?;
        self.written.push(file);
        Ok(true)
    }

    /// Removes a file that nothing makes any more, or says so.
    ///
    /// # Errors
    /// When the file cannot be removed.
    pub fn drop_orphan(&mut self, path: &Path, why: &str) -> Result<()> {
        let file = name(self.house, path);
        if self.check {
            self.found
                .add(file.clone(), 0, why, format!("remove it: rm {file}"));
        } else {
            std::fs::remove_file(path)
                .with_context(|| format!("{} cannot be removed", path.display()))?;
            self.written.push(format!("{file} (removed: {why})"));
        }
        Ok(())
    }
}

/// Everything counts.
///
/// # Errors
/// Never; the signature is that of a view.
pub fn exactly(text: &str) -> Result<String> {
    Ok(text.to_owned())
}

fn write(path: &Path, text: &str) -> Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("{} cannot be made", folder.display()))?;
    }
    std::fs::write(path, text).with_context(|| format!("{} cannot be written", path.display()))
}

/// How many lines of a difference are shown.
const MOST: usize = 40;

/// Returns the lines that differ, with a little around them: `-` is the file, `+` is the run.
pub fn diff(old: &str, new: &str) -> String {
    let diff = TextDiff::from_lines(old, new);
    let mut lines = Vec::new();
    for group in diff.grouped_ops(2) {
        if !lines.is_empty() {
            lines.push("      ⋮".to_owned());
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let sign = match change.tag() {
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
                ChangeTag::Equal => ' ',
            };
            lines.push(format!(
                "    {sign} {}",
                change.value().trim_end_matches('\n')
            ));
        }
    }
    let more = lines.len().saturating_sub(MOST);
    lines.truncate(MOST);
    if more > 0 {
        lines.push(format!("    and {more} more lines"));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_shows_both_sides() {
        let text = diff("a\nb\nc\n", "a\nx\nc\n");
        assert_eq!(text, "      a\n    - b\n    + x\n      c");
    }

    #[test]
    fn a_long_difference_is_cut() {
        let text = diff("", &"x\n".repeat(100));
        assert!(text.ends_with("and 60 more lines"), "{text}");
    }
}

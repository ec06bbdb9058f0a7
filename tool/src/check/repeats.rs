//! No ten lines of the libraries stand in a second place: what is the same is written once.
use crate::{
    exercise::layout::{entries, folders},
    finding::{Findings, name},
    house::House,
};
use anyhow::{Context, Result};
use std::{collections::HashMap, fs, path::Path};

/// So many equal lines are too many.
const RUN: usize = 10;

/// A source file: its name, from the root of the repository, and its text.
type Source = (String, String);

/// Finds ten or more equal lines in the sources of the libraries, their labs, and the tool.
/// Blank lines and indentation do not count. Programs and tests may repeat each other: each is read
/// alone.
///
/// # Errors
/// When a source cannot be read.
pub fn lint(house: &House, found: &mut Findings) -> Result<()> {
    let mut sources = Vec::new();
    for chapter in folders(&house.root.join("listings")) {
        read(house, &chapter.join("src"), &mut sources)?;
        read(house, &chapter.join("lab/src"), &mut sources)?;
    }
    read(house, &house.root.join("tool/src"), &mut sources)?;
    read(house, &house.root.join("tool/pictures/src"), &mut sources)?;

    let lines: Vec<_> = sources.iter().map(|(_, text)| numbered(text)).collect();
    // Where the beginning of each run stands first: which source, and which of its lines.
    let mut first: HashMap<Vec<&str>, (usize, usize)> = HashMap::new();
    for (source, here) in lines.iter().enumerate() {
        let mut at = 0;
        while at + RUN <= here.len() {
            let run = here[at..at + RUN].iter().map(|(_, line)| *line).collect();
            let (other, begin) = *first.entry(run).or_insert((source, at));
            // One line that is repeated again and again overlaps with itself.
            if other == source && at < begin + RUN {
                at += 1;
                continue;
            }
            let pairs = here[at..].iter().zip(&lines[other][begin..]);
            let length = pairs.take_while(|(one, two)| one.1 == two.1).count();
            found.add(
                &sources[source].0,
                here[at].0,
                format!(
                    "{length} lines are the same as those from {}:{}",
                    sources[other].0, lines[other][begin].0
                ),
                "write them once: a function, a default method of a trait, or, where neither can \
                 hold them, a macro",
            );
            at += length;
        }
    }
    Ok(())
}

/// Returns the lines that are not blank, each with its number and without its indentation.
fn numbered(text: &str) -> Vec<(usize, &str)> {
    text.lines()
        .enumerate()
        .map(|(at, line)| (at + 1, line.trim()))
        .filter(|(_, line)| !line.is_empty())
        .collect()
}

/// Reads all Rust below a folder.
fn read(house: &House, folder: &Path, sources: &mut Vec<Source>) -> Result<()> {
    for path in entries(folder) {
        if path.is_dir() {
            read(house, &path, sources)?;
        } else if path.extension().is_some_and(|end| end == "rs") {
            let text = fs::read_to_string(&path)
                .with_context(|| format!("{} cannot be read", path.display()))?;
            sources.push((name(house, &path), text));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    fn said(fixture: &Fixture) -> Vec<String> {
        let mut found = Findings::default();
        lint(&fixture.house, &mut found).unwrap();
        found.sorted().iter().map(ToString::to_string).collect()
    }

    /// Returns lines, from this number to that one, each another.
    fn lines(numbers: std::ops::Range<usize>, indent: &str) -> String {
        numbers
            .map(|number| format!("{indent}one({number});\n"))
            .collect()
    }

    #[test]
    fn ten_equal_lines_are_found_once_with_both_places_whatever_stands_between_them() {
        let fixture = Fixture::new();
        let here = format!("//! Here.\nfn f() {{\n{}}}\n", lines(0..12, "    "));
        let there = format!(
            "//! There.\n\n{}\n\n{}last();\n",
            lines(0..4, ""),
            lines(4..12, "\t")
        );
        fixture.write("listings/reactor/src/here.rs", &here);
        fixture.write("tool/src/deep/there.rs", &there);
        assert_eq!(
            said(&fixture),
            [
                "tool/src/deep/there.rs:3: 12 lines are the same as those from listings/reactor/src/here.rs:3\n    \
                 -> write them once: a function, a default method of a trait, or, where neither can hold them, a macro"
            ]
        );
    }

    #[test]
    fn a_file_may_not_repeat_itself() {
        let fixture = Fixture::new();
        let twice = format!("{}between();\n{}", lines(0..10, ""), lines(0..10, ""));
        fixture.write("listings/reactor/lab/src/lib.rs", &twice);
        let said = said(&fixture);
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(said[0].starts_with(
            "listings/reactor/lab/src/lib.rs:12: 10 lines are the same as those from listings/reactor/lab/src/lib.rs:1\n"
        ));
    }

    #[test]
    fn nine_lines_programs_tests_and_a_line_that_repeats_are_no_run() {
        let fixture = Fixture::new();
        let nine = lines(0..9, "");
        fixture.write("listings/reactor/src/a.rs", &format!("{nine}a();\n"));
        fixture.write("listings/reactor/src/b.rs", &format!("{nine}b();\n"));
        fixture.write("listings/reactor/src/c.rs", &"again();\n".repeat(19));
        for file in ["examples/one.rs", "examples/two.rs", "tests/three.rs"] {
            fixture.write(&format!("listings/reactor/{file}"), &lines(0..30, ""));
        }
        assert_eq!(said(&fixture), [""; 0]);
    }
}

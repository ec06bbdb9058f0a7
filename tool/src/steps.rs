//! A part that is built in steps: its file after each step, and which pieces each step adds.
//!
//! `listings/<crate>/steps/<part>_1.rs`, `<part>_2.rs`, … are the file as it stands after each
//! step; after the last one it is `src/<part>.rs` itself. What a step adds is the difference of two
//! neighbours, in pieces that a page can show one by one.
pub mod place;

use crate::{
    exercise::layout::{entries, file_name, folders},
    house::House,
};
use similar::{Algorithm, DiffOp, DiffTag, capture_diff_slices};
use std::{
    collections::BTreeMap,
    ops::Range,
    path::{Path, PathBuf},
};

/// A file of a crate that is built in steps.
#[derive(Clone, Debug)]
pub struct Part {
    /// `pocket`.
    pub package: String,
    /// `reactor`, for `src/reactor.rs`.
    pub name: String,
    /// The file after each step, the last one in `src/`.
    pub states: Vec<State>,
}

/// A part's file after one of its steps.
#[derive(Clone, Debug)]
pub struct State {
    /// Where it stands.
    pub file: PathBuf,
    /// What is in it.
    pub lines: Vec<String>,
    /// What is new since the step before, in order.
    pub pieces: Vec<Piece>,
}

/// Lines that a step adds in one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The new lines, as indexes into this state. Only `use` lines have more than one span.
    pub spans: Vec<Range<usize>>,
    /// The lines that go, as indexes into the state before.
    pub gone: Vec<Range<usize>>,
    /// Whether it goes on where the piece before it ends.
    pub joined: bool,
}

impl Part {
    /// `pocket/reactor`: what a page writes.
    pub fn path(&self) -> String {
        format!("{}/{}", self.package, self.name)
    }

    /// Returns the lines before a step; none before the first.
    pub fn before(&self, step: usize) -> &[String] {
        match step {
            0 | 1 => &[],
            _ => &self.states[step - 2].lines,
        }
    }

    /// Returns the line of the finished file that is this line of a state, both counted from 0;
    /// none if a later step takes it out.
    pub fn in_the_end(&self, step: usize, mut line: usize) -> Option<usize> {
        for pair in self.states[step - 1..].windows(2) {
            line = ops(&pair[0].lines, &pair[1].lines).iter().find_map(|op| {
                let DiffOp::Equal {
                    old_index,
                    new_index,
                    len,
                } = *op
                else {
                    return None;
                };
                (old_index..old_index + len)
                    .contains(&line)
                    .then(|| new_index + (line - old_index))
            })?;
        }
        Some(line)
    }
}

/// Returns all parts of all crates that are built in steps, by path.
pub fn all(house: &House) -> BTreeMap<String, Part> {
    let mut found = BTreeMap::new();
    for folder in folders(&house.root.join("listings")) {
        if !folder.join("steps").is_dir() {
            continue;
        }
        for file in entries(&folder.join("src")) {
            let Some(name) = file_name(&file).strip_suffix(".rs").map(str::to_owned) else {
                continue;
            };
            if name != "lib" {
                let part = part(&folder, &file, &name);
                found.insert(part.path(), part);
            }
        }
    }
    found
}

fn part(folder: &Path, last: &Path, name: &str) -> Part {
    let earlier = (1..).map(|n| folder.join("steps").join(format!("{name}_{n}.rs")));
    let files: Vec<PathBuf> = earlier
        .take_while(|file| file.is_file())
        .chain([last.to_owned()])
        .collect();
    let mut states: Vec<State> = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let pieces = pieces(states.last().map_or(&[], |state| &state.lines), &lines);
        states.push(State {
            file,
            lines,
            pieces,
        });
    }
    Part {
        package: file_name(folder).to_owned(),
        name: name.to_owned(),
        states,
    }
}

/// Returns the difference of two states. Where equal lines allow several, the one that a person
/// would name: whose insertions are whole, with braces that match.
fn ops(old: &[String], new: &[String]) -> Vec<DiffOp> {
    let (mut dlo, mut wen) = (old.to_vec(), new.to_vec());
    dlo.reverse();
    wen.reverse();
    let backwards = turned(earliest(&dlo, &wen), old.len(), new.len());
    let torn = |ops: &Vec<DiffOp>| {
        let insertions = ops.iter().filter_map(|op| match *op {
            DiffOp::Insert {
                new_index, new_len, ..
            } => Some(slid(new, new_index..new_index + new_len)),
            _ => None,
        });
        let gone: usize = ops
            .iter()
            .map(|op| op.old_range().len() * usize::from(op.tag() != DiffTag::Equal))
            .sum();
        (
            gone,
            insertions
                .filter(|span| !matched(&new[span.clone()]))
                .count(),
            ops.len(),
        )
    };
    let patience = capture_diff_slices(Algorithm::Patience, old, new);
    let all = [patience, earliest(old, new), backwards];
    all.into_iter().min_by_key(torn).unwrap_or_default()
}

/// Returns the longest common lines, each matched as early as can be. Parts are short.
fn earliest(old: &[String], new: &[String]) -> Vec<DiffOp> {
    // longest[i][j]: how many lines old[i..] and new[j..] share, in order.
    let mut longest = vec![vec![0_usize; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            longest[i][j] = match old[i] == new[j] {
                true => longest[i + 1][j + 1] + 1,
                false => longest[i + 1][j].max(longest[i][j + 1]),
            };
        }
    }
    let mut ops = Vec::new();
    let (mut i, mut j) = (0, 0);
    while i < old.len() || j < new.len() {
        let (old_index, new_index) = (i, j);
        while i < old.len() && j < new.len() && old[i] == new[j] {
            (i, j) = (i + 1, j + 1);
        }
        if i > old_index {
            ops.push(DiffOp::Equal {
                old_index,
                new_index,
                len: i - old_index,
            });
            continue;
        }
        while (i < old.len() || j < new.len())
            && (i == old.len() || j == new.len() || old[i] != new[j])
        {
            match j == new.len() || (i < old.len() && longest[i + 1][j] >= longest[i][j + 1]) {
                true => i += 1,
                false => j += 1,
            }
        }
        let (old_len, new_len) = (i - old_index, j - new_index);
        ops.push(match (old_len, new_len) {
            (0, _) => DiffOp::Insert {
                old_index,
                new_index,
                new_len,
            },
            (_, 0) => DiffOp::Delete {
                old_index,
                old_len,
                new_index,
            },
            _ => DiffOp::Replace {
                old_index,
                old_len,
                new_index,
                new_len,
            },
        });
    }
    ops
}

/// Returns the difference of two texts from that of the texts read from their ends.
fn turned(ops: Vec<DiffOp>, old: usize, new: usize) -> Vec<DiffOp> {
    let mut ops: Vec<DiffOp> = ops
        .into_iter()
        .map(|op| {
            let (a, b) = (op.old_range(), op.new_range());
            let (old_index, new_index, old_len, new_len) =
                (old - a.end, new - b.end, a.len(), b.len());
            match op.tag() {
                DiffTag::Equal => DiffOp::Equal {
                    old_index,
                    new_index,
                    len: old_len,
                },
                DiffTag::Delete => DiffOp::Delete {
                    old_index,
                    old_len,
                    new_index,
                },
                DiffTag::Insert => DiffOp::Insert {
                    old_index,
                    new_index,
                    new_len,
                },
                DiffTag::Replace => DiffOp::Replace {
                    old_index,
                    old_len,
                    new_index,
                    new_len,
                },
            }
        })
        .collect();
    ops.reverse();
    ops
}

/// Returns what `new` adds to `old`, in order.
pub fn pieces(old: &[String], new: &[String]) -> Vec<Piece> {
    let mut imports = Piece {
        spans: Vec::new(),
        gone: Vec::new(),
        joined: false,
    };
    let mut found = Vec::new();
    for op in ops(old, new) {
        let (mut gone, mut span) = match op {
            DiffOp::Equal { .. } => continue,
            DiffOp::Delete {
                old_index,
                old_len,
                new_index,
            } => (old_index..old_index + old_len, new_index..new_index),
            DiffOp::Insert {
                old_index,
                new_index,
                new_len,
            } => {
                let span = slid(new, new_index..new_index + new_len);
                (old_index..old_index, span)
            }
            DiffOp::Replace {
                old_index,
                old_len,
                new_index,
                new_len,
            } => (
                old_index..old_index + old_len,
                new_index..new_index + new_len,
            ),
        };
        if !old.is_empty() {
            // `use` lines come one here and one there; a reader types them in one go, and rustfmt
            // sorts them.
            let is_import = |line: &String| line.starts_with("use ");
            let more = span.clone().take_while(|&at| is_import(&new[at])).count();
            let less = gone.clone().take_while(|&at| is_import(&old[at])).count();
            imports
                .spans
                .extend((more > 0).then(|| span.start..span.start + more));
            imports
                .gone
                .extend((less > 0).then(|| gone.start..gone.start + less));
            (span.start, gone.start) = (span.start + more, gone.start + less);
        }
        let gone = if gone.clone().all(|at| old[at].trim().is_empty()) {
            Vec::new()
        } else {
            vec![gone]
        };
        if new[span.clone()].iter().all(|line| line.trim().is_empty()) && gone.is_empty() {
            continue;
        }
        for (nth, span) in split(new, span).into_iter().enumerate() {
            let gone = if nth == 0 { gone.clone() } else { Vec::new() };
            found.push(Piece {
                spans: vec![span],
                gone,
                joined: nth > 0,
            });
        }
    }
    if !imports.spans.is_empty() || !imports.gone.is_empty() {
        found.insert(0, imports);
    }
    found
}

/// An insertion may slide where the lines around it are equal to its own. Of all places, one in
/// which its braces match; of those the last: `}` that closes something else is not part of it.
fn slid(new: &[String], span: Range<usize>) -> Range<usize> {
    let mut places = vec![span.clone()];
    let (mut a, mut b) = (span.start, span.end);
    while a > 0 && new[a - 1] == new[b - 1] {
        (a, b) = (a - 1, b - 1);
        places.insert(0, a..b);
    }
    (a, b) = (span.start, span.end);
    while b < new.len() && new[a] == new[b] {
        (a, b) = (a + 1, b + 1);
        places.push(a..b);
    }
    places
        .into_iter()
        .rfind(|place| matched(&new[place.clone()]))
        .unwrap_or(span)
}

fn matched(lines: &[String]) -> bool {
    let mut depth = 0_i32;
    for c in lines.iter().flat_map(|line| line.chars()) {
        depth += i32::from(c == '{') - i32::from(c == '}');
        if depth < 0 {
            return false;
        }
    }
    depth == 0
}

/// Returns a long insertion in pieces: each item of its outermost level is one, with the blank
/// lines below it.
fn split(new: &[String], span: Range<usize>) -> Vec<Range<usize>> {
    let full = |at: &usize| !new[*at].trim().is_empty();
    let Some(outermost) = span
        .clone()
        .filter(full)
        .map(|at| place::indent(&new[at]))
        .min()
    else {
        return vec![span];
    };
    let mut cuts: Vec<usize> = span
        .clone()
        .skip(1)
        .filter(|&at| {
            full(&at) && place::indent(&new[at]) == outermost && new[at - 1].trim().is_empty()
        })
        .filter(|&at| {
            new[span.start..at]
                .iter()
                .any(|line| !line.trim().is_empty())
        })
        .collect();
    cuts.insert(0, span.start);
    cuts.push(span.end);
    cuts.windows(2).map(|cut| cut[0]..cut[1]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    /// Returns what a reader does with the pieces: takes out what goes, puts in what is new.
    fn typed(old: &[String], new: &[String], pieces: &[Piece]) -> Vec<String> {
        let gone: Vec<usize> = pieces
            .iter()
            .flat_map(|piece| piece.gone.iter().cloned().flatten())
            .collect();
        let added: Vec<usize> = pieces
            .iter()
            .flat_map(|piece| piece.spans.iter().cloned().flatten())
            .collect();
        let mut kept = old
            .iter()
            .enumerate()
            .filter(|(at, _)| !gone.contains(at))
            .map(|(_, line)| line);
        let all = (0..new.len()).filter_map(|at| {
            if added.contains(&at) {
                Some(&new[at])
            } else {
                kept.next()
            }
        });
        all.filter(|line| !line.trim().is_empty())
            .cloned()
            .collect()
    }

    #[test]
    fn what_is_typed_piece_by_piece_is_the_file() {
        let a = "use a;\nuse c;\n\nfn one() {\n    1\n}\n";
        let b = "use a::{b, c};\n\nfn one() {\n    2;\n    1\n}\n\nfn two() {\n    2\n}\n";
        let c = "use a::{b, c};\nuse d;\n\nfn two() {\n    2\n}\n\nstruct Three;\n";
        let d = "fn one() {\n    1\n}\n";
        let e = "fn one() {\n    2;\n    1\n}\n\nfn two() {\n    1\n}\n";
        for (old, new) in [
            ("", a),
            (a, b),
            (d, e),
            (e, d),
            (b, c),
            (a, c),
            (c, a),
            (c, b),
            (b, ""),
        ] {
            let (old, new) = (lines(old), lines(new));
            let full: Vec<String> = new
                .iter()
                .filter(|line| !line.trim().is_empty())
                .cloned()
                .collect();
            assert_eq!(typed(&old, &new, &pieces(&old, &new)), full);
        }
    }

    #[test]
    fn a_method_added_at_the_end_is_a_whole_method() {
        let old = lines("impl A {\n    fn one() {\n    }\n}\n");
        let new = lines(
            "impl A {\n    fn one() {\n    }\n\n    fn two() {\n    }\n\n    fn three() {\n    }\n}\n",
        );
        let found = pieces(&old, &new);
        let text: Vec<Vec<&str>> = found
            .iter()
            .map(|piece| {
                piece.spans[0]
                    .clone()
                    .map(|at| new[at].trim())
                    .filter(|line| !line.is_empty())
                    .collect()
            })
            .collect();
        assert_eq!(text, [["fn two() {", "}"], ["fn three() {", "}"]]);
        assert!(!found[0].joined && found[1].joined);
    }

    #[test]
    fn use_lines_are_one_piece_wherever_they_stand() {
        let old = lines("use b;\nuse d;\n\nfn f() {}\n");
        let new = lines("use a;\nuse b;\nuse c;\nuse e;\n\nfn f() {}\n");
        let found = pieces(&old, &new);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].spans, [0..1, 2..4]);
        assert_eq!(
            found[0].gone.iter().cloned().flatten().collect::<Vec<_>>(),
            [1]
        );
    }
}
